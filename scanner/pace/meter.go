package pace

import (
	"context"
	"net/netip"
	"sync"
	"time"
)

// Meter keeps the counts of one run. Its methods may be called from any
// goroutine. Make one with NewMeter.
type Meter struct {
	profile Profile

	mu    sync.Mutex
	slots map[netip.Addr]*slot
	hears map[string]*ledger
}

// NewMeter returns a Meter that holds a run to the profile.
func NewMeter(profile Profile) *Meter {
	profile.Conversations = max(profile.Conversations, 1)
	return &Meter{profile: profile, slots: make(map[netip.Addr]*slot), hears: make(map[string]*ledger)}
}

// slot counts the conversations with one IP; it is dropped with the last.
type slot struct {
	free  chan struct{}
	users int
}

// Enter waits until a conversation with ip may begin. The caller calls leave
// when it is over. The error is ctx's.
func (m *Meter) Enter(ctx context.Context, ip netip.Addr) (leave func(), err error) {
	ip = ip.Unmap()
	m.mu.Lock()
	s := m.slots[ip]
	if s == nil {
		s = &slot{free: make(chan struct{}, m.profile.Conversations)}
		m.slots[ip] = s
	}
	s.users++
	m.mu.Unlock()

	select {
	case s.free <- struct{}{}:
		return sync.OnceFunc(func() { <-s.free; m.release(ip, s) }), nil
	case <-ctx.Done():
		m.release(ip, s)
		return nil, context.Cause(ctx)
	}
}

func (m *Meter) release(ip netip.Addr, s *slot) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s.users--; s.users == 0 {
		delete(m.slots, ip)
	}
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
	limit := m.limit(host)
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
	granted = min(want, limit-len(l.at)-l.reserved)
	if granted > 0 {
		l.reserved += granted
		return granted, time.Time{}
	}
	if spent := len(l.at) - limit; spent >= 0 {
		return 0, l.at[spent].Add(m.profile.Window)
	}
	return 0, now.Add(time.Second) // the rest is reserved: some of it will come back unused
}

// Settle gives back what Reserve granted; refused of it were unknown mailboxes.
func (m *Meter) Settle(host Host, granted, refused int) {
	if m.limit(host) == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.hears[host.key()]
	l.reserved -= granted
	for range refused {
		l.at = append(l.at, time.Now())
	}
}

// Heard counts a refusal of earlier times, as of a run that was cut off. It is
// said in the order of time, before anything is reserved.
func (m *Meter) Heard(host Host, at time.Time) {
	if m.limit(host) == 0 {
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

func (m *Meter) limit(host Host) int {
	if host.Provider != "" {
		return m.profile.ProviderHears
	}
	return m.profile.Refusals
}

func (l *ledger) forget(before time.Time) {
	n := 0
	for n < len(l.at) && !l.at[n].After(before) {
		n++
	}
	l.at = l.at[n:]
}

// Host is who counts refusals: a provider as a whole, or one IP address.
type Host struct {
	Provider string
	IP       netip.Addr
}

func (h Host) key() string {
	if h.Provider != "" {
		return h.Provider
	}
	return h.IP.Unmap().String()
}
