package pace

import (
	"maps"
	"net/netip"
	"sync"
	"time"
)

// Meter keeps the counts of one run, over all ways out together. Its methods
// may be called from any goroutine. Make one with NewMeter.
type Meter struct {
	profile Profile

	mu    sync.Mutex
	at    map[Host]*lane // by IP address and by provider
	hears map[Host]*ledger
	many  int // lanes and ledgers at which those are dropped that are of no use
}

// NewMeter returns a Meter that holds a run to the profile.
func NewMeter(profile Profile) *Meter {
	profile.Conversations = max(profile.Conversations, 1)
	return &Meter{profile: profile, at: make(map[Host]*lane), hears: make(map[Host]*ledger), many: fewLanes}
}

// fewLanes are not worth looking through.
const fewLanes = 1024

// lanes are those that a conversation with host goes through: its IP address's,
// and last that of its provider, where there is one.
func (m *Meter) lanes(now time.Time, host Host) []*lane {
	keys := host.lanes()
	lanes := make([]*lane, len(keys))
	for i, key := range keys {
		l := m.at[key]
		if l == nil {
			m.sweep(now)
			l = newLane(m.profile.Limits(key))
			m.at[key] = l
		}
		lanes[i] = l
	}
	return lanes
}

// sweep drops what holds nothing, when there is much of it.
func (m *Meter) sweep(now time.Time) {
	if len(m.at)+len(m.hears) < m.many {
		return
	}
	maps.DeleteFunc(m.at, func(_ Host, l *lane) bool { return l.freed == nil && l.idle(now) })
	maps.DeleteFunc(m.hears, func(_ Host, l *ledger) bool {
		l.forget(now.Add(-m.profile.Window))
		return l.reserved == 0 && len(l.at) == 0
	})
	m.many = max(2*(len(m.at)+len(m.hears)), fewLanes)
}

// ledger is the refusals one host heard of within the window, oldest first,
// and those that questions now under way could still bring.
type ledger struct {
	at       []time.Time
	reserved int
}

// Reserve asks to put up to want mailboxes to the host that may turn out
// unknown. It returns how many may be asked now; where that is none, until is
// when to come back. Each Reserve that granted any is followed by one Settle.
//
// host is an IP address, or the provider's key where it has an entry.
func (m *Meter) Reserve(host Host, want int) (granted int, until time.Time) {
	limit := m.profile.Hears(host)
	if limit == 0 {
		return want, time.Time{}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	l := m.hears[host.key()]
	if l == nil {
		l = &ledger{}
		m.hears[host.key()] = l
	}
	l.forget(now.Add(-m.profile.Window))
	each := m.profile.questions()
	limit = max(limit, each)
	granted = min(want, (limit-len(l.at)-l.reserved)/each)
	if granted > 0 {
		l.reserved += granted * each
		return granted, time.Time{}
	}
	if spent := len(l.at) + each - 1 - limit; spent >= 0 {
		return 0, l.at[spent].Add(m.profile.Window)
	}
	return 0, now.Add(time.Second) // the rest is reserved: some of it will come back unused
}

// Settle gives back what Reserve granted; refused of the answers were that a
// mailbox is unknown.
func (m *Meter) Settle(host Host, granted, refused int) {
	if m.profile.Hears(host) == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.hears[host.key()]
	l.reserved -= granted * m.profile.questions()
	for range refused {
		l.at = append(l.at, time.Now())
	}
}

// Heard counts a refusal of earlier times, as of a run that was cut off. It is
// said in the order of time, before anything is reserved.
func (m *Meter) Heard(host Host, at time.Time) {
	if m.profile.Hears(host) == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.hears[host.key()]
	if l == nil {
		l = &ledger{}
		m.hears[host.key()] = l
	}
	l.forget(at.Add(-m.profile.Window))
	l.at = append(l.at, at)
}

func (l *ledger) forget(before time.Time) {
	n := 0
	for n < len(l.at) && !l.at[n].After(before) {
		n++
	}
	l.at = l.at[n:]
}

// Host is a server as those see it who count: an IP address, and the provider it
// belongs to, which counts as a whole.
type Host struct {
	Provider string
	IP       netip.Addr
}

// key is who counts: the provider where there is one.
func (h Host) key() Host {
	if h.Provider != "" {
		return Host{Provider: h.Provider}
	}
	return Host{IP: h.IP.Unmap()}
}

// lanes are the keys of all that a conversation counts for.
func (h Host) lanes() []Host {
	address := Host{IP: h.IP.Unmap()}
	if h.Provider == "" {
		return []Host{address}
	}
	return []Host{address, h.key()}
}
