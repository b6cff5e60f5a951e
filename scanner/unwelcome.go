package scanner

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/scanner/pace"
)

// aboutUs reports whether a reply refuses our address, our name or our sender.
func aboutUs(o probe.Outcome) bool {
	return o.Meaning == reply.BlockedClient || o.Meaning == reply.SenderRejected
}

func hostOf(w way) pace.Host {
	return pace.Host{Provider: mx.ProviderOf(w.Host).ID, IP: w.Addr.Addr()}
}

// begin takes what a conversation needs: room in the budget of refusals, a way
// out, and a place with the server. Where one is wanting leave is nil, and until
// is when to come back.
func (r *run) begin(w way, host pace.Host) (out *exit, leave func(), until time.Time) {
	granted, until := r.meter.Reserve(host, 1)
	if granted == 0 {
		return nil, nil, until
	}
	r.meter.Settle(host, granted, 0)
	if out, until = r.exits.pick(w.Egress, w.Addr.Addr()); out == nil {
		return nil, nil, until
	}
	if leave, until = r.meter.TryEnter(host); leave != nil && !r.afford() {
		leave()
		return nil, nil, time.Now()
	}
	return out, leave, until
}

// remember tells the breaker how a conversation went.
func (c *conversation) remember() {
	switch {
	case c.welcome:
		c.breaker.Welcomed(c.host)
	case c.refusal != nil:
		c.breaker.Refused(c.host, *c.refusal)
	}
}

// judgeFailure tells breaker and horizon of a conversation that never came to
// its questions.
func (c *conversation) judgeFailure(o probe.Outcome) {
	if pushedBack(o) {
		c.meter.PushedBack(c.host, c.stated(o))
	}
	switch {
	case aboutUs(o):
		c.breaker.Refused(c.host, o)
	case o.Stage == smtp.Connect && o.Cause == smtp.Timeout:
		c.breaker.Silent(c.host)
		if c.horizon.silent(o.IP) {
			c.stopping.Store(true)
			c.store.Stop()
		}
		return
	case o.Cause == probe.ProxyFailed, o.Cause == probe.NotAllowed:
		return // nobody was reached, and nobody is to blame
	}
	c.horizon.seen()
}

// spare settles the work of ways whose server or provider does not want us,
// with the refusal that was said to another, and returns the ways that are left.
// A random mailbox is settled without one: it was not asked.
func (r *run) spare(claim *Claim, order []way, byWay map[way][]Item) (left []way, err error) {
	for _, w := range order {
		refusal, tripped := r.breaker.Tripped(hostOf(w))
		if !tripped {
			left = append(left, w)
			continue
		}
		facts := learned(byWay[w], refusal)
		for i, item := range byWay[w] {
			facts[i].Settled = true
			facts[i].Attempts[0].Kind = probe.QuotedKind
			if item.Kind == probe.RandomKind {
				facts[i].Attempts = nil
			}
		}
		if err := claim.Progress(facts...); err != nil {
			return nil, err
		}
	}
	return left, nil
}

// ErrNoWayOut is the end of a run in which nothing at all could be reached.
var ErrNoWayOut = errors.New("no mail server can be reached from here")

// horizonHosts is how many hosts must all be silent before we take it that it
// is us who cannot be heard.
const horizonHosts = 20

// horizon notices that port 25 is closed to us: where the first hosts all time
// out, so will the other million.
type horizon struct {
	mu       sync.Mutex
	timedOut map[netip.Addr]bool
	open     bool // somebody was reached, or said no
	closed   bool
}

// silent notes a host that did not answer; it reports whether to give up.
func (h *horizon) silent(ip netip.Addr) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.timedOut == nil {
		h.timedOut = make(map[netip.Addr]bool)
	}
	h.timedOut[ip] = true
	h.closed = h.closed || !h.open && len(h.timedOut) >= horizonHosts
	return h.closed
}

func (h *horizon) seen() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open = true
}

func (h *horizon) err() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closed {
		return nil
	}
	return fmt.Errorf("%w: the first %d hosts all timed out", ErrNoWayOut, len(h.timedOut))
}
