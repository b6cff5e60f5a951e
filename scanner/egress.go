package scanner

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/mxvet/mxvet/probe"
)

// Egress is one way out: a dialer with the names we give ourselves there.
type Egress struct {
	Name      string // told in attempts, without credentials; may be empty where there is one only
	Dial      probe.DialFunc
	HelloName string     // FQDN or address literal for EHLO
	Senders   []string   // envelope senders in the order they are tried; none is the null sender
	From      netip.Addr // the address it leaves from, whose family is the only one it can reach; not valid is any
}

// ErrProxyDown is to be wrapped, beside probe.ErrProxy, by the error of a Dial
// that did not get so far as to ask its proxy. It says nothing of the server:
// the conversation goes another way out, and this one is left out for a while.
var ErrProxyDown = errors.New("the proxy is down")

const (
	proxyRest     = 5 * time.Second // for which a proxy is left out that failed, twice as long at each further failure
	proxyRestMost = 5 * time.Minute
	proxyPatience = 10 * time.Minute // how long a run waits for any proxy to come back, where it waits at all
)

// exits are the ways out of a run, taken in turn. What servers are owed is
// counted for all of them together, and is none of their business.
type exits struct {
	patience time.Duration // how long work waits where none is up

	mu   sync.Mutex
	all  []*exit
	turn int
}

// exit is an Egress and how it fares.
type exit struct {
	Egress
	failures int       // in a row
	since    time.Time // of the first of them
	until    time.Time // left out so long
}

func newExits(egresses []Egress, patience time.Duration) *exits {
	x := &exits{patience: patience}
	for _, egress := range egresses {
		x.all = append(x.all, &exit{Egress: egress})
	}
	return x
}

// pick chooses the way out to an address: the one that is wanted by name while
// it is to be hoped for, else the next in turn. Where none is up it returns nil
// and when to come back.
func (x *exits) pick(want string, to netip.Addr) (out *exit, until time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	now := time.Now()
	for _, e := range x.all {
		if want != "" && e.Name == want && e.reaches(to) && (e.failures == 0 || now.Sub(e.since) < x.patience) {
			if e.until.After(now) {
				return nil, e.until
			}
			return e, time.Time{}
		}
	}
	for range x.all {
		e := x.all[x.turn%len(x.all)]
		x.turn++
		switch {
		case !e.reaches(to):
		case !e.until.After(now):
			return e, time.Time{}
		case out == nil || e.until.Before(out.until):
			out = e
		}
	}
	if out == nil || x.hopeless(now, to) {
		return x.any(out), time.Time{}
	}
	return nil, out.until
}

// any is a way out at all costs, so that somebody says what is wrong.
func (x *exits) any(best *exit) *exit {
	if best != nil {
		return best
	}
	return x.all[0]
}

// reaches reports whether an address is of a family that the egress goes to.
func (e *exit) reaches(to netip.Addr) bool {
	return !e.From.IsValid() || e.From.Unmap().Is4() == to.Unmap().Is4()
}

// hopeless reports whether all that reach an address have been down for longer
// than work waits.
func (x *exits) hopeless(now time.Time, to netip.Addr) bool {
	for _, e := range x.all {
		if e.reaches(to) && (e.failures == 0 || now.Sub(e.since) < x.patience) {
			return false
		}
	}
	return true
}

// failed leaves a way out for a while. It reports whether to try again, there
// or elsewhere.
func (x *exits) failed(e *exit, to netip.Addr) (again bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	now := time.Now()
	if e.failures == 0 {
		e.since = now
	}
	if !e.until.After(now) { // conversations that failed together count once
		e.until = now.Add(min(proxyRest<<min(e.failures, 10), proxyRestMost))
		e.failures++
	}
	return !x.hopeless(now, to)
}

// worked ends what is held against a way out.
func (x *exits) worked(e *exit) {
	x.mu.Lock()
	defer x.mu.Unlock()
	e.failures, e.until = 0, time.Time{}
}

// heed takes note of how opening a conversation went; again is whether it was
// our proxy that failed and the work may go another way.
func (x *exits) heed(e *exit, to netip.Addr, err error) (again bool) {
	if errors.Is(err, ErrProxyDown) {
		return x.failed(e, to)
	}
	x.worked(e)
	return false
}

// DialAny dials by the ways out in turn, each to addresses of the family that it
// reaches and while its proxy is up: what is asked beside conversations with
// servers goes out as these do. The address is ip:port.
func DialAny(egresses []Egress) probe.DialFunc {
	ways := newExits(egresses, 0)
	return func(ctx context.Context, network, address string) (conn net.Conn, err error) {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return nil, err
		}
		for range ways.all {
			out, _ := ways.pick("", to.Addr()) // never none: it waits for no proxy
			conn, err = out.Dial(ctx, network, address)
			if ways.heed(out, to.Addr(), err); !errors.Is(err, ErrProxyDown) {
				break
			}
		}
		return conn, err
	}
}
