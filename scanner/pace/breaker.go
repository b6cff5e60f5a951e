package pace

import (
	"net/netip"
	"sync"
)

const (
	refusalsOfProvider = 3 // conversations with different addresses of a provider that refused us
	refusalsOfIP       = 2 // conversations with one address of nobody known
)

// Breaker notices that we are not wanted. When several conversations with one
// provider, or with one server of nobody known, say that our address, our name
// or our sender is refused, asking on only makes it worse. Make one with
// NewBreaker. T is whatever the refusal is kept as.
type Breaker[T any] struct {
	mu      sync.Mutex
	records map[Host]*record[T]
}

type record[T any] struct {
	conversations int
	addresses     map[netip.Addr]bool
	refusal       T // the last
	tripped       bool
}

// NewBreaker returns a Breaker that has heard of no refusal.
func NewBreaker[T any]() *Breaker[T] {
	return &Breaker[T]{records: make(map[Host]*record[T])}
}

// Refused notes that a conversation with host refused us. It is said once a
// conversation.
func (b *Breaker[T]) Refused(host Host, refusal T) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.records[host.key()]
	if r == nil {
		r = &record[T]{addresses: make(map[netip.Addr]bool)}
		b.records[host.key()] = r
	}
	b.note(host, r, refusal)
}

// Trip says that host is to be asked no more, as was found out before.
func (b *Breaker[T]) Trip(host Host, refusal T) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.records[host.key()] = &record[T]{addresses: map[netip.Addr]bool{host.IP.Unmap(): true}, refusal: refusal, tripped: true}
}

func (b *Breaker[T]) note(host Host, r *record[T], refusal T) {
	r.conversations++
	r.addresses[host.IP.Unmap()] = true
	r.refusal = refusal
	if r.tripped {
		return
	}
	if host.Provider != "" {
		r.tripped = len(r.addresses) >= refusalsOfProvider
	} else {
		r.tripped = r.conversations >= refusalsOfIP
	}
}

// Silent notes that host did not answer at all. After a refusal that is
// another one: many servers drop the packets of those they have refused.
func (b *Breaker[T]) Silent(host Host) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r := b.records[host.key()]; r != nil && r.addresses[host.IP.Unmap()] {
		b.note(host, r, r.refusal)
	}
}

// Welcomed notes that host answered a question, which clears what it is
// held to have against us.
func (b *Breaker[T]) Welcomed(host Host) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r := b.records[host.key()]; r != nil && !r.tripped {
		delete(b.records, host.key())
	}
}

// Tripped reports whether host is to be asked no more, with the last refusal.
func (b *Breaker[T]) Tripped(host Host) (refusal T, tripped bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r := b.records[host.key()]; r != nil && r.tripped {
		return r.refusal, true
	}
	return refusal, false
}
