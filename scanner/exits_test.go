package scanner

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

var errDead = fmt.Errorf("connection refused: %w", ErrProxyDown)

// walk picks a way out some times, with the names of those picked; "-" is none.
func walk(x *exits, n int, want string, to string) (names string) {
	for range n {
		if out, _ := x.pick(want, netip.MustParseAddr(to)); out != nil {
			names += out.Name
		} else {
			names += "-"
		}
	}
	return names
}

func named(names ...string) (egresses []Egress) {
	for _, name := range names {
		egresses = append(egresses, Egress{Name: name})
	}
	return egresses
}

func TestWaysOutAreTakenInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newExits(named("a", "b", "c"), time.Minute)
		if got := walk(x, 7, "", "192.0.2.1"); got != "abcabca" {
			t.Errorf("taken as %s", got)
		}
		if got := walk(x, 3, "b", "192.0.2.1"); got != "bbb" {
			t.Errorf("who wants b gets %s", got)
		}
		if got := walk(x, 3, "gone", "192.0.2.1"); got != "bca" {
			t.Errorf("who wants one that there is no more gets %s, want the next in turn", got)
		}
	})
}

func TestAProxyThatFailsIsLeftOutForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := netip.MustParseAddr("192.0.2.1")
		x := newExits(named("a", "b"), time.Hour)
		a := x.all[0]
		if !x.heed(a, to, errDead) {
			t.Error("not tried again, though another is up")
		}
		x.heed(a, to, errDead) // another conversation of the same moment
		if got := walk(x, 3, "", "192.0.2.1"); got != "bbb" {
			t.Errorf("taken as %s while a is down", got)
		}
		if out, until := x.pick("a", to); out != nil || time.Until(until) != proxyRest {
			t.Errorf("who wants a gets it %v, and is to come back in %v", out != nil, time.Until(until))
		}
		time.Sleep(proxyRest)
		if got := walk(x, 4, "", "192.0.2.1"); got != "abab" && got != "baba" {
			t.Errorf("taken as %s when it may be up again", got)
		}
		x.heed(a, to, errDead)
		if _, until := x.pick("a", to); time.Until(until) != 2*proxyRest {
			t.Errorf("left out for %v the second time, want twice as long", time.Until(until))
		}
		time.Sleep(2 * proxyRest)
		x.heed(a, to, nil)
		x.heed(a, to, errDead)
		if _, until := x.pick("a", to); time.Until(until) != proxyRest {
			t.Errorf("left out for %v after it had worked, want as long as at first", time.Until(until))
		}
		if x.heed(a, to, errors.New("550 go away")) {
			t.Error("what a server says is taken for the proxy's fault")
		}
	})
}

// TestWhoWaitsForADeadProxy does not for ever.
func TestWhoWaitsForADeadProxy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := netip.MustParseAddr("192.0.2.1")
		x := newExits(named("a"), 10*time.Minute)
		began, tries := time.Now(), 0
		for {
			out, until := x.pick("", to)
			if out == nil {
				time.Sleep(time.Until(until))
				continue
			}
			tries++
			if !x.heed(out, to, errDead) {
				break
			}
		}
		if took := time.Since(began); took < 10*time.Minute || took > 15*time.Minute || tries > 10 {
			t.Errorf("given up after %v and %d tries", took, tries)
		}
		if out, _ := x.pick("", to); out == nil {
			t.Error("what is left is not tried at all")
		}
		single := newExits(named("a"), 0)
		if single.heed(single.all[0], to, errDead) {
			t.Error("a single check waits for a proxy")
		}
	})
}

func TestAWayOutReachesItsOwnFamily(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newExits([]Egress{{Name: "4", From: netip.MustParseAddr("192.0.2.7")}, {Name: "6", From: netip.MustParseAddr("2001:db8::7")}}, 0)
		if got := walk(x, 3, "", "203.0.113.1"); got != "444" {
			t.Errorf("to IPv4 by %s", got)
		}
		if got := walk(x, 3, "6", "::ffff:203.0.113.1"); got != "444" {
			t.Errorf("to IPv4 in the form of IPv6 by %s", got)
		}
		if got := walk(x, 3, "", "2001:db8::1"); got != "666" {
			t.Errorf("to IPv6 by %s", got)
		}
	})
}

// TestAnyWayOutIsDialled: each family by who reaches it, and round a proxy that
// is down.
func TestAnyWayOutIsDialled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dialled := ""
		way := func(name, from string, err error) Egress {
			e := Egress{Name: name, Dial: func(context.Context, string, string) (net.Conn, error) {
				dialled += name
				return nil, err
			}}
			if from != "" {
				e.From = netip.MustParseAddr(from)
			}
			return e
		}
		refused := errors.New("connection refused")
		families := DialAny([]Egress{way("6", "2001:db8::1", refused), way("4", "192.0.2.1", refused)})
		for _, to := range []string{"198.51.100.1:443", "[2001:db8::9]:443", "198.51.100.1:443"} {
			if _, err := families(t.Context(), "tcp", to); !errors.Is(err, refused) {
				t.Errorf("%s: %v", to, err)
			}
		}
		if dialled != "464" {
			t.Errorf("dialled by %s, want 464", dialled)
		}
		dialled = ""
		proxies := DialAny([]Egress{way("a", "", errDead), way("b", "", nil)})
		for range 3 {
			if _, err := proxies(t.Context(), "tcp", "198.51.100.1:443"); err != nil {
				t.Error(err)
			}
		}
		if dialled != "abbb" {
			t.Errorf("dialled by %s, want abbb", dialled)
		}
		dialled = ""
		if _, err := DialAny([]Egress{way("a", "", errDead), way("c", "", errDead)})(t.Context(), "tcp", "198.51.100.1:443"); !errors.Is(err, ErrProxyDown) || dialled != "ac" {
			t.Errorf("dialled by %s: %v", dialled, err)
		}
	})
}
