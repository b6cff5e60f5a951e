package scanner

import (
	"net/netip"
	"slices"
	"sync"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
)

// room remembers how many recipients servers take in one transaction, where
// one takes fewer than it must (RFC 5321 s4.5.3.1.8). Naming more is an error
// each time, and after twenty errors Postfix hangs up.
type room struct {
	mu sync.Mutex
	at map[netip.Addr]int
}

// of is how many mailboxes a server may be asked for at once, most at most.
func (r *room) of(ip netip.Addr, most int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n, found := r.at[ip]; found {
		return min(n, most)
	}
	return most
}

// learn looks for the answer that there are too many recipients, behind others
// of the same transaction: as many as were taken there are not. Refused ones do
// not count everywhere.
func (r *room) learn(ip netip.Addr, outcomes []probe.Outcome) {
	first := slices.IndexFunc(outcomes, func(o probe.Outcome) bool { return o.Rule == reply.TooManyRecipients })
	if first <= 0 {
		return
	}
	taken := 0
	for _, o := range outcomes[:first] {
		if isTaken(o) {
			taken++
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.at == nil {
		r.at = make(map[netip.Addr]int)
	}
	r.at[ip] = max(taken, 1)
}
