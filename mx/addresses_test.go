package mx

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mxvet/mxvet/mx/dnstest"
)

func TestTooManyAddresses(t *testing.T) {
	var zone strings.Builder
	zone.WriteString("wide.org MX 10 mx.wide.org\nmx.wide.org AAAA 2001:4:112::1\n")
	for i := range 200 {
		fmt.Fprintf(&zone, "mx.wide.org A 192.31.196.%d\n", i)
	}
	route, err := (&Router{Resolver: dnstest.New(t, zone.String())}).Route(t.Context(), "wide.org")
	if err != nil {
		t.Fatal(err)
	}
	if got := route.Hosts[0].Addresses; len(got) != maxAddresses+1 || !got[maxAddresses].Is6() {
		t.Errorf("%d addresses, the last is %v", len(got), got[len(got)-1])
	}
}

// TestLookupsRunTogether: twenty hosts of an A and an AAAA look-up each, eight at a
// time, a second each; and the MX look-up before them.
func TestLookupsRunTogether(t *testing.T) {
	var zone strings.Builder
	zone.WriteString("slow.org A 192.31.196.1\n;!delay slow.org 1s\n")
	for i := range 20 {
		fmt.Fprintf(&zone, "slow.org MX 10 mx%d.org\nmx%d.org A 192.31.196.1\n;!delay mx%d.org 1s\n", i, i, i)
	}
	for concurrency, want := range map[int]time.Duration{0: 6 * time.Second, 1: 41 * time.Second, 40: 2 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			router := Router{Resolver: dnstest.New(t, zone.String()), Concurrency: concurrency}
			start := time.Now()
			if _, err := router.Route(t.Context(), "slow.org"); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(start); took != want {
				t.Errorf("concurrency %d took %v, want %v", concurrency, took, want)
			}
		})
	}
}

func TestRouteEndsWithItsContext(t *testing.T) {
	for _, slow := range []string{"slow.org MX", "slow.org A", "mx.org A"} {
		synctest.Test(t, func(t *testing.T) {
			zone := "mx.org A 192.31.196.1\n;!delay " + slow + " 1h"
			if slow != "slow.org A" {
				zone = "slow.org MX 10 mx.org\n" + zone
			} else {
				zone = "slow.org A 192.31.196.1\n" + zone
			}
			hurry := errors.New("in a hurry")
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, hurry)
			defer cancel()
			route, err := (&Router{Resolver: dnstest.New(t, zone)}).Route(ctx, "slow.org")
			if !errors.Is(err, hurry) {
				t.Errorf("%s: %v, error %v", slow, route, err)
			}
		})
	}
}
