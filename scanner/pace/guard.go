package pace

import "sync"

// Guard watches the answers of each domain. A list of which a domain knows
// hardly anybody is guessed or bought, and asking on looks like harvesting.
type Guard struct {
	profile Profile

	mu      sync.Mutex
	domains map[string]*tally
}

type tally struct {
	answers, unknown int
	stopped          bool
}

// NewGuard returns a Guard by the profile's figures.
func NewGuard(profile Profile) *Guard {
	return &Guard{profile: profile, domains: make(map[string]*tally)}
}

// Heard counts one answer of the domain about a mailbox of the list.
func (g *Guard) Heard(domain string, unknown bool) {
	if g.profile.HarvestAfter == 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	t := g.domains[domain]
	if t == nil {
		t = &tally{}
		g.domains[domain] = t
	}
	if t.answers >= g.profile.HarvestAfter {
		return
	}
	t.answers++
	if unknown {
		t.unknown++
	}
	t.stopped = float64(t.unknown) > g.profile.HarvestShare*float64(g.profile.HarvestAfter)
}

// Stopped reports whether the domain is to be asked no more: over the share
// of its first answers, counted against their full number, were unknown.
func (g *Guard) Stopped(domain string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := g.domains[domain]
	return t != nil && t.stopped
}
