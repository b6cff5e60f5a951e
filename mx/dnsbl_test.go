package mx

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mxvet/mxvet/mx/dnstest"
)

const lists = `
	2.0.0.127.good.example.      A    127.0.0.2
	9.2.0.192.good.example.      A    127.0.0.10
	                             A    127.0.0.2
	                             TXT  "seen " "at a trap"
	8.2.0.192.good.example.      A    127.0.0.99
	7.2.0.192.good.example.      A    127.255.255.255
	2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.good.example. A 127.0.0.2
	1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.good.example. A 127.0.0.2

	2.0.0.127.public.example.    A    127.255.255.254
	2.0.0.127.uribl.example.     A    127.0.0.1
	2.0.0.127.everybody.example. A    127.0.0.2
	1.0.0.127.everybody.example. A    127.0.0.2
	2.0.0.127.sold.example.      A    203.0.113.80
	2.0.0.127.half.example.      A    127.0.0.2
	2.0.0.127.turned.example.    A    127.0.0.2
	;!refused 2.0.0.127.denied.example.
	;!servfail 2.0.0.127.dead.example.
	;!timeout 1.0.0.127.half.example.
	;!refused 1.0.0.127.turned.example.
	;!servfail 6.2.0.192.good.example.
`

func addresses(texts ...string) []netip.Addr {
	var out []netip.Addr
	for _, text := range texts {
		out = append(out, netip.MustParseAddr(text))
	}
	return out
}

func TestListed(t *testing.T) {
	router := Router{Resolver: dnstest.New(t, lists)}
	trap := DNSBLMeaning{Codes: addresses("127.0.0.2"), About: "traps"}
	home := DNSBLMeaning{Codes: addresses("127.0.0.10", "127.0.0.11"), About: "homes"}
	for name, row := range map[string]struct {
		zone, ip string
		want     Listing
	}{
		"not on it":           {"good.example", "192.0.2.1", Listing{State: DNSBLUnlisted}},
		"on it for two":       {"good.example", "192.0.2.9", Listing{State: DNSBLListed, Codes: addresses("127.0.0.10", "127.0.0.2"), Reasons: []DNSBLMeaning{trap, home}, Text: "seen at a trap"}},
		"on it, nobody knows": {"good.example", "192.0.2.8", Listing{State: DNSBLListed, Codes: addresses("127.0.0.99")}},
		"asked too much, in the middle": {"good.example", "192.0.2.7", Listing{State: DNSBLRefuses, Codes: addresses("127.255.255.255"),
			Detail: "it answers 127.255.255.255: it does not serve this resolver"}},
		"silent about this one": {"good.example", "192.0.2.6", Listing{State: DNSBLUnanswered, Detail: "A look-up: SERVFAIL"}},
		"IPv6":                  {"good.example", "2001:db8::1", Listing{State: DNSBLListed, Codes: addresses("127.0.0.2"), Reasons: []DNSBLMeaning{trap}}},
		"IPv4-mapped is IPv4":   {"good.example", "::ffff:192.0.2.1", Listing{State: DNSBLUnlisted}},
		"test only":             {"good.example", "", Listing{State: DNSBLWorks}},
		"public resolver": {"public.example", "192.0.2.9", Listing{State: DNSBLRefuses, Codes: addresses("127.255.255.254"),
			Detail: "it answers 127.255.255.254: it does not serve this resolver"}},
		"refuses as URIBL does": {"uribl.example", "192.0.2.9", Listing{State: DNSBLRefuses, Codes: addresses("127.0.0.1"),
			Detail: "it answers 127.0.0.1: it does not serve this resolver"}},
		"refuses in DNS": {"denied.example", "192.0.2.9", Listing{State: DNSBLRefuses, Detail: "its servers refuse to answer this resolver"}},
		"closed":         {"closed.example", "192.0.2.9", Listing{State: DNSBLBroken, Detail: "its test entry 127.0.0.2 is missing"}},
		"no IPv6 entries": {"everybody.example", "2001:db8::1", Listing{State: DNSBLBroken,
			Detail: "its test entry ::ffff:127.0.0.2 is missing"}},
		"lists everybody": {"everybody.example", "192.0.2.9", Listing{State: DNSBLBroken, Codes: addresses("127.0.0.2"),
			Detail: "it lists 127.0.0.1, as one does that lists everybody"}},
		"sold": {"sold.example", "192.0.2.9", Listing{State: DNSBLBroken, Codes: addresses("203.0.113.80"),
			Detail: "it answers 203.0.113.80, which is not how a list answers"}},
		"dead":                    {"dead.example", "192.0.2.9", Listing{State: DNSBLUnanswered, Detail: "A look-up: SERVFAIL"}},
		"dies in the second test": {"half.example", "192.0.2.9", Listing{State: DNSBLUnanswered, Detail: "A look-up: no server answered in time"}},
		"turns away at the second": {"turned.example", "192.0.2.9", Listing{State: DNSBLRefuses,
			Detail: "its servers refuse to answer this resolver"}},
	} {
		t.Run(name, func(t *testing.T) {
			var ip netip.Addr
			if row.ip != "" {
				ip = netip.MustParseAddr(row.ip)
			}
			got, err := router.Listed(t.Context(), DNSBL{Zone: row.zone, IPv6: true, Meanings: []DNSBLMeaning{trap, home}}, ip)
			if err != nil {
				t.Fatal(err)
			}
			row.want.Zone = row.zone
			if diff := cmp.Diff(row.want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b }), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestListedBoundsTheListsWords(t *testing.T) {
	long := strings.Repeat("x", 250)
	router := Router{Resolver: dnstest.New(t, `
		2.0.0.127.wordy.example. A 127.0.0.2
		9.2.0.192.wordy.example. A 127.0.0.2
		9.2.0.192.wordy.example. TXT `+long)}
	got, err := router.Listed(t.Context(), DNSBL{Zone: "wordy.example"}, netip.MustParseAddr("192.0.2.9"))
	if err != nil || got.Text != long[:maxWords] {
		t.Errorf("%d octets, %v", len(got.Text), err)
	}
}

func TestListedEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	router := Router{Resolver: dnstest.New(t, lists)}
	if _, err := router.Listed(ctx, DNSBL{Zone: "good.example"}, netip.Addr{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
}

func TestDNSBLTable(t *testing.T) {
	rows := 0
	for line := range strings.Lines(dnsblText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		rows++
		cells := strings.Split(line, "|")
		if len(cells) != 5 {
			t.Fatalf("%d cells: %s", len(cells), line)
		}
		for text := range strings.FieldsSeq(cells[2]) {
			if code, err := netip.ParseAddr(text); text != "*" && (err != nil || !code.IsLoopback()) {
				t.Errorf("answer %q: %s", text, line)
			}
		}
	}
	seen, meanings := map[string]bool{}, 0
	for _, list := range DNSBLs() {
		if seen[list.Zone] || strings.Trim(list.Zone, ldh+".") != "" {
			t.Errorf("zone %q: a name, once", list.Zone)
		}
		seen[list.Zone] = true
		for _, meaning := range list.Meanings {
			meanings++
			if meaning.About == "" || meaning.Advice == "" {
				t.Errorf("%s: %+v", list.Zone, meaning)
			}
		}
	}
	if rows == 0 || meanings != rows {
		t.Errorf("%d rows, %d meanings", rows, meanings)
	}
}
