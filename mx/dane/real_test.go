//go:build unix

package dane

import (
	"crypto/x509"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/mx/realtest"
	"github.com/mxvet/mxvet/mx/resolver"
)

// TestRealDNSSEC has a zone that Knot signs and Unbound validates, with parts
// of it that are not signed and parts that are broken.
func TestRealDNSSEC(t *testing.T) {
	t.Parallel()
	today, next, other := issue(t, nil, "mx.right.test", 30), issue(t, nil, "mx.right.test", 60), issue(t, nil, "mx.other.test", 30)
	ca := issue(t, nil, "root", 60, authority)
	signed := issue(t, &ca, "mx.vouched.test", 30)
	line := func(host string, c made, usage uint8) string {
		return Line(host, 25, From(c.Certificate, usage, SPKI, SHA256)) + "\n"
	}
	records := `
right.test.        MX    10 mx.right.test.
mx.right.test.     A     192.0.2.1
wrong.test.        MX    10 mx.wrong.test.
mx.wrong.test.     A     192.0.2.1
rolled.test.       MX    10 mx.rolled.test.
mx.rolled.test.    A     192.0.2.1
mx.rolled.test.    AAAA  2001:db8::1
vouched.test.      MX    10 mx.vouched.test.
mx.vouched.test.   A     192.0.2.1
none.test.         MX    10 mx.none.test.
mx.none.test.      A     192.0.2.1
implicit.test.     A     192.0.2.1
alias.test.        MX    10 mx.alias.test.
mx.alias.test.     CNAME mx.right.test.
leaves.test.       MX    10 mx.leaves.test.
mx.leaves.test.    CNAME mx.insecure.test.
hosted.test.       MX    10 mx.insecure.test.
broken.test.       MX    10 mx.broken.test.
mx.broken.test.    A     192.0.2.1
island.test.       MX    10 mx.island.test.
mx.island.test.    A     192.0.2.1
orphan.test.       MX    10 mx.bogus.test.
` + line("mx.right.test", today, EE) + line("mx.wrong.test", other, EE) +
		line("mx.rolled.test", next, EE) + line("mx.rolled.test", today, EE) +
		line("mx.vouched.test", ca, TA) + line("implicit.test", today, EE) + line("mx.leaves.test", today, EE)
	open := "far.insecure.test. MX 10 mx.right.test.\ninsecure.test. MX 10 mx.insecure.test.\nmx.insecure.test. A 192.0.2.1\n" + line("mx.insecure.test", today, EE)
	bogus := "bogus.test. MX 10 mx.bogus.test.\nmx.bogus.test. A 192.0.2.1\n" + line("mx.bogus.test", today, EE)
	server := realtest.SignedDNS(t,
		realtest.Zone{Name: "test", Trust: realtest.Signed, Records: records},
		realtest.Zone{Name: "insecure.test", Trust: realtest.Insecure, Records: open},
		realtest.Zone{Name: "bogus.test", Trust: realtest.Bogus, Records: bogus},
		realtest.Zone{Name: "_tcp.mx.broken.test", Trust: realtest.Bogus, Records: line("mx.broken.test", today, EE)},
		realtest.Zone{Name: "_tcp.mx.island.test", Trust: realtest.Insecure, Records: line("mx.island.test", today, EE)},
	)
	lookup, err := resolver.New(resolver.Config{Servers: []netip.AddrPort{server}, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lookup.Close() })

	// outcome is a domain's first exchanger, and what a server that shows today's
	// certificate, or one that the authority signed, is to it.
	type outcome struct {
		Status  Status
		Base    string
		Records int
		Why     string // words in it
		Shows   Verdict
		Room    RollOver
	}
	for domain, row := range map[string]struct {
		chain []*x509.Certificate
		want  outcome
	}{
		"right.test":        {chain(today), outcome{Usable, "mx.right.test", 1, "", Matched, NoRoom}},
		"wrong.test":        {chain(today), outcome{Usable, "mx.wrong.test", 1, "", Mismatched, NoRoom}},
		"rolled.test":       {chain(today), outcome{Usable, "mx.rolled.test", 2, "", Matched, CurrentNext}},
		"vouched.test":      {chain(signed, ca), outcome{Usable, "mx.vouched.test", 1, "", Matched, Issuer}},
		"none.test":         {chain(today), outcome{None, "", 0, "", Unmeasured, NoRoom}},
		"implicit.test":     {chain(today), outcome{Usable, "implicit.test", 1, "", Matched, NoRoom}},
		"alias.test":        {chain(today), outcome{Usable, "mx.right.test", 1, "", Matched, NoRoom}},
		"leaves.test":       {chain(today), outcome{Usable, "mx.leaves.test", 1, "", Matched, NoRoom}},
		"hosted.test":       {chain(today), outcome{Insecure, "", 0, "the address answer is not validated", Unmeasured, NoRoom}},
		"insecure.test":     {chain(today), outcome{Insecure, "", 0, "the MX answer is not validated", Unmeasured, NoRoom}},
		"broken.test":       {chain(today), outcome{Deferred, "mx.broken.test", 0, "TLSA look-up of mx.broken.test: SERVFAIL", Unmeasured, NoRoom}},
		"island.test":       {chain(today), outcome{Insecure, "mx.island.test", 1, "the TLSA answer is not validated", Matched, NoRoom}},
		"far.insecure.test": {chain(today), outcome{Insecure, "mx.right.test", 1, "the MX answer is not validated", Matched, NoRoom}},
		"orphan.test":       {chain(today), outcome{Deferred, "", 0, "address look-up: SERVFAIL", Unmeasured, NoRoom}},
	} {
		t.Run(domain, func(t *testing.T) {
			mx, err := lookup.Lookup(t.Context(), domain, resolver.MX)
			if err != nil || !mx.Status.Final() {
				t.Fatal(mx.Status, mx.Detail, err)
			}
			host := domain
			if exchanges := mx.Exchanges(); len(exchanges) > 0 {
				host = exchanges[0].Name
			}
			facts, err := Lookup(t.Context(), lookup, Exchanger{Host: host, Secure: mx.Secure})
			if err != nil {
				t.Fatal(err)
			}
			match := Verify(facts.Records, row.chain, facts.Names(domain), time.Now())
			got := outcome{facts.Status, facts.Base, len(facts.Records), row.want.Why, match.Verdict, RollOverOf(facts.Records)}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if !strings.Contains(facts.Why, row.want.Why) || (facts.Why == "") != (row.want.Why == "") {
				t.Errorf("why is %q, want %q in it", facts.Why, row.want.Why)
			}
		})
	}
	t.Run("bogus.test", func(t *testing.T) {
		mx, err := lookup.Lookup(t.Context(), "bogus.test", resolver.MX)
		if err != nil || mx.Status != resolver.ServFail || !strings.Contains(mx.Detail, "DNSSEC Bogus") && !strings.Contains(mx.Detail, "DNSKEY Missing") {
			t.Errorf("%s, %q, %v", mx.Status, mx.Detail, err)
		}
	})
}
