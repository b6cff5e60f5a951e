package mx

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/mx/dnstest"
	"github.com/mxvet/mxvet/mx/resolver"
)

// Addresses in these zones are AS112's (192.31.196.0/24, 2001:4:112::/48),
// which are Global and nobody's; nothing is ever sent there.

func keepOrder(int, func(i, j int)) {}

// text writes a Route as a test reads it: the source and status, then a
// line for each host.
func text(route Route) string {
	var out strings.Builder
	fmt.Fprint(&out, route.Source)
	if route.DNS != "" {
		fmt.Fprint(&out, " ", route.DNS)
	}
	if route.Secure {
		out.WriteString(" secure")
	}
	if len(route.Aliases) > 0 {
		fmt.Fprint(&out, " via ", strings.Join(route.Aliases, " "))
	}
	if route.Detail != "" {
		fmt.Fprint(&out, ": ", route.Detail)
	}
	for _, host := range route.Hosts {
		fmt.Fprintf(&out, "\n%d %s", host.Preference, host.Name)
		for _, ip := range host.Addresses {
			fmt.Fprint(&out, " ", ip)
		}
		if host.DNS != "" {
			fmt.Fprint(&out, " ", host.DNS)
		}
		if host.Secure {
			out.WriteString(" secure")
		}
		for _, fault := range host.Faults {
			fmt.Fprint(&out, " !", fault)
		}
		if host.Usable() {
			out.WriteString(" usable")
		}
		if host.Pending() {
			out.WriteString(" pending")
		}
	}
	return out.String()
}

type specimen struct {
	domain string
	zone   string
	want   string
}

func (s specimen) run(t *testing.T, router Router) {
	t.Run(s.domain, func(t *testing.T) {
		router.Resolver = dnstest.New(t, s.zone)
		route, err := router.Route(t.Context(), s.domain)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(s.want, "\n"), strings.Split(text(route), "\n")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestRoute(t *testing.T) {
	for _, s := range []specimen{
		{"ordinary.org", `
			ordinary.org MX 20 b.ordinary.org
			ordinary.org MX 10 a.ordinary.org
			a.ordinary.org AAAA 2001:4:112::1
			a.ordinary.org A 192.31.196.1
			b.ordinary.org A 192.31.196.2`,
			"mx noerror\n10 a.ordinary.org 192.31.196.1 2001:4:112::1 noerror usable\n20 b.ordinary.org 192.31.196.2 noerror usable"},
		{"Capitals-And-Dot.ORG.", `
			capitals-and-dot.org MX 10 MX.Capitals-And-Dot.org
			mx.capitals-and-dot.org A 192.31.196.1`,
			"mx noerror\n10 mx.capitals-and-dot.org 192.31.196.1 noerror usable"},
		{"repeated.org", `
			repeated.org MX 30 mx.repeated.org
			repeated.org MX 10 MX.repeated.org
			repeated.org MX 20 other.repeated.org
			mx.repeated.org A 192.31.196.1
			other.repeated.org A 192.31.196.2`,
			"mx noerror\n10 mx.repeated.org 192.31.196.1 noerror usable\n20 other.repeated.org 192.31.196.2 noerror usable"},
		{"nullmx.org", "nullmx.org MX 0 .\nnullmx.org A 192.31.196.1",
			"null noerror: the domain takes no mail: null MX"},
		{"nullmx-at-ten.org", "nullmx-at-ten.org MX 10 .",
			"null noerror: the domain takes no mail: null MX, though its preference is 10, not 0\n10 . !root_target"},
		{"root-beside-others.org", `
			root-beside-others.org MX 0 .
			root-beside-others.org MX 10 mx.root-beside-others.org
			mx.root-beside-others.org A 192.31.196.1`,
			"mx noerror\n0 . !root_target\n10 mx.root-beside-others.org 192.31.196.1 noerror usable"},
		{"implicit.org", "implicit.org A 192.31.196.1",
			"implicit noerror\n0 implicit.org 192.31.196.1 noerror usable"},
		{"implicit-ipv6.org", "implicit-ipv6.org AAAA 2001:4:112::1",
			"implicit noerror\n0 implicit-ipv6.org 2001:4:112::1 noerror usable"},
		{"implicit-private.org", "implicit-private.org A 192.168.1.1",
			"implicit noerror\n0 implicit-private.org 192.168.1.1 noerror !not_global"},
		{"implicit-alias.org", "implicit-alias.org CNAME web.org\nweb.org A 192.31.196.1",
			"implicit noerror via web.org\n0 web.org 192.31.196.1 noerror usable"},
		{"neither.org", `neither.org TXT "v=spf1 -all"`,
			"none nodata: the domain has neither MX nor address records"},
		{"half-implicit.org", "half-implicit.org TXT x\n;!servfail half-implicit.org AAAA",
			"none servfail: no MX record, and address look-up: servfail"},
		{"gone.org", "other.org A 192.31.196.1",
			"none nxdomain: the domain does not exist"},
		{"dangling.org", "dangling.org CNAME lost.org",
			"none nxdomain via lost.org: the domain is an alias of lost.org, which does not exist"},
		{"servfail.org", "servfail.org A 192.31.196.1\n;!servfail servfail.org MX",
			"none servfail: MX look-up: SERVFAIL"},
		{"refused.org", "refused.org A 192.31.196.1\n;!refused refused.org MX",
			"none refused: MX look-up: REFUSED"},
		{"timeout.org", "timeout.org A 192.31.196.1\n;!timeout timeout.org MX",
			"none timeout: MX look-up: no server answered in time"},
		{"cnameloop.org", "cnameloop.org CNAME pool.org\npool.org CNAME cnameloop.org",
			"none servfail: MX look-up: SERVFAIL"},
		{"alias.org", `
			alias.org CNAME real.org
			real.org MX 10 mx.real.org
			mx.real.org A 192.31.196.1`,
			"mx noerror via real.org\n10 mx.real.org 192.31.196.1 noerror usable"},
		{"signed.org", `
			signed.org MX 10 mx.signed.org
			signed.org MX 20 mx.unsigned.org
			mx.signed.org A 192.31.196.1
			mx.unsigned.org A 192.31.196.2
			;!secure signed.org
			;!secure mx.signed.org`,
			"mx noerror secure\n10 mx.signed.org 192.31.196.1 noerror secure usable\n20 mx.unsigned.org 192.31.196.2 noerror usable"},
		{"half-signed-host.org", `
			half-signed-host.org MX 10 mx.half.org
			mx.half.org A 192.31.196.1
			mx.half.org AAAA 2001:4:112::1
			;!secure mx.half.org A`,
			"mx noerror\n10 mx.half.org 192.31.196.1 2001:4:112::1 noerror usable"},
	} {
		s.run(t, Router{Shuffle: keepOrder})
	}
}

func TestSpecialNamesAreNotAskedAbout(t *testing.T) {
	zone := dnstest.New(t, "shop.test MX 10 mx.shop.test")
	route, err := (&Router{Resolver: zone}).Route(t.Context(), "shop.test")
	if err != nil {
		t.Fatal(err)
	}
	want := Route{
		Domain: "shop.test", Source: None, Special: "RFC 6761",
		Detail: "shop.test is under a name that RFC 6761 reserves: no public mail server can be there",
	}
	if diff := cmp.Diff(want, route); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := zone.Queries(); len(got) > 0 {
		t.Errorf("asked %v", got)
	}
}

// TestAsksOnce: each name once a type, and none where the name says enough.
func TestAsksOnce(t *testing.T) {
	zone := dnstest.New(t, `
		asks.org MX 10 mx.asks.org
		asks.org MX 20 mx.asks.org
		asks.org MX 30 192.0.2.1
		asks.org MX 40 localhost
		mx.asks.org A 192.31.196.1`)
	if _, err := (&Router{Resolver: zone}).Route(t.Context(), "asks.org"); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"asks.org. MX": 1, "mx.asks.org. A": 1, "mx.asks.org. AAAA": 1}
	if diff := cmp.Diff(want, zone.Queries()); diff != "" {
		t.Errorf("questions (-want +got):\n%s", diff)
	}
}

func TestEqualPreferencesAreShuffled(t *testing.T) {
	zone := dnstest.New(t, `
		pool.org MX 20 last.org
		pool.org MX 10 a.org
		pool.org MX 10 b.org
		pool.org MX 10 c.org`)
	router := Router{Resolver: zone, Shuffle: func(n int, swap func(i, j int)) {
		for i := range n / 2 {
			swap(i, n-1-i)
		}
	}}
	route, err := router.Route(t.Context(), "pool.org")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"c.org", "b.org", "a.org", "last.org"}, names(route)); diff != "" {
		t.Errorf("reversed (-want +got):\n%s", diff)
	}

	router.Shuffle = nil
	first := map[string]bool{}
	for range 200 { // one of three left out by chance: once in 10^34 runs
		route, err := router.Route(t.Context(), "pool.org")
		if err != nil {
			t.Fatal(err)
		}
		first[route.Hosts[0].Name] = true
	}
	if len(first) != 3 {
		t.Errorf("only %v come first", first)
	}
}

func names(route Route) []string {
	var out []string
	for _, host := range route.Hosts {
		out = append(out, host.Name)
	}
	return out
}

func TestTooManyHosts(t *testing.T) {
	var zone strings.Builder
	for i := range 31 {
		fmt.Fprintf(&zone, "many.org MX %d mx%d.org\nmx%d.org A 192.31.196.%d\n", i, i, i, i)
	}
	dns := dnstest.New(t, zone.String())
	route, err := (&Router{Resolver: dns}).Route(t.Context(), "many.org")
	if err != nil {
		t.Fatal(err)
	}
	if len(route.Hosts) != 20 || route.Hosts[19].Name != "mx19.org" || dns.Count("mx20.org", resolver.A) != 0 {
		t.Errorf("%d hosts: %v", len(route.Hosts), names(route))
	}
	if want := "31 mail exchangers: the last 11 by preference are left out"; route.Detail != want {
		t.Errorf("detail %q, want %q", route.Detail, want)
	}
}

func TestRoutesAtTheSameTime(t *testing.T) {
	zone := dnstest.New(t, `
		busy.org MX 10 a.org
		busy.org MX 20 b.org
		a.org A 192.31.196.1
		b.org CNAME a.org`)
	router := Router{Resolver: zone}
	want, err := router.Route(t.Context(), "busy.org")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			got, err := router.Route(t.Context(), "busy.org")
			if err != nil || text(got) != text(want) {
				t.Errorf("%s, %v", text(got), err)
			}
		})
	}
	group.Wait()
	if got := zone.Count("a.org", resolver.AAAA); got != 51 {
		t.Errorf("asked %d times for 51 routes", got)
	}
	if !slices.Equal(want.Hosts[1].Aliases, []string{"a.org"}) {
		t.Errorf("aliases of %s: %v", want.Hosts[1].Name, want.Hosts[1].Aliases)
	}
}

// TestRouteOverTheResolver: the same zone, through sockets and the cache.
func TestRouteOverTheResolver(t *testing.T) {
	server := dnstest.Start(t, `
		real.org MX 10 mx.real.org
		real.org MX 20 alias.org
		mx.real.org A 192.31.196.1
		mx.real.org AAAA 2001:4:112::1
		alias.org CNAME mx.real.org
		nullmx.org MX 0 .
		implicit.org CNAME web.org
		web.org A 192.31.196.2
		spaced.org MX 10 mx\032one.org
		;!truncate real.org
		;!secure real.org
		;!servfail servfail.org`)
	dns, err := resolver.New(resolver.Config{Servers: []netip.AddrPort{server.Addr()}})
	if err != nil {
		t.Fatal(err)
	}
	defer dns.Close()
	router := Router{Resolver: dns}
	for domain, want := range map[string]string{
		"real.org": "mx noerror secure\n10 mx.real.org 192.31.196.1 2001:4:112::1 noerror usable\n" +
			"20 alias.org 192.31.196.1 2001:4:112::1 noerror !cname usable",
		"nullmx.org":   "null noerror: the domain takes no mail: null MX",
		"implicit.org": "implicit noerror via web.org\n0 web.org 192.31.196.2 noerror usable",
		"spaced.org":   `mx noerror` + "\n" + `10 mx\ one.org !bad_name`,
		"gone.org":     "none nxdomain: the domain does not exist",
		"servfail.org": "none servfail: MX look-up: SERVFAIL",
	} {
		for range 2 {
			route, err := router.Route(t.Context(), domain)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, text(route)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", domain, diff)
			}
		}
	}
	if got := server.Count("mx.real.org", resolver.A); got != 1 {
		t.Errorf("asked %d times for two routes", got)
	}
}
