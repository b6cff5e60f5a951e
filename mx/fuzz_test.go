package mx

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"

	spflib "blitiri.com.ar/go/spf"

	"github.com/mxvet/mxvet/mx/resolver"
)

// tame fails for a clause that carries a record's octets as they are.
func tame(t *testing.T, clauses []string) {
	t.Helper()
	for _, clause := range clauses {
		if len(clause) > 1000 || strings.ContainsFunc(clause, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("a clause for nobody's terminal: %.200q", clause)
		}
	}
}

// lone answers TXT at one name, and knows no other.
type lone struct{ record string }

func (o lone) LookupTXT(context.Context, string) ([]string, error)      { return []string{o.record}, nil }
func (lone) LookupMX(context.Context, string) ([]*net.MX, error)        { return nil, nil }
func (lone) LookupIPAddr(context.Context, string) ([]net.IPAddr, error) { return nil, nil }
func (lone) LookupAddr(context.Context, string) ([]string, error)       { return nil, nil }
func (o lone) Lookup(context.Context, string, resolver.Type) (resolver.Answer, error) {
	return resolver.Answer{Status: resolver.NXDomain, Detail: "nobody there"}, nil
}

// What another implementation does not know for a term is no term here.
func FuzzSPF(f *testing.F) {
	for _, record := range []string{
		"v=spf1 -all", "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 a:x.example/24//64 mx//64 ~all", "v=spf1 exists:%{ir}.%{l1r+}._spf.%{d} redirect=%{o}",
		"v=spf1 include:a.example. ptr:b.example ?all exp=why.example moo=%{x}", "v=spf1 a:192.0.2.1 include: all:x a/33 ip4:1.2.3/8 \xff",
	} {
		f.Add(record)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = "v=spf1 " + text[:min(len(text), maxText)]
		record := readSPF(printable(text))
		tame(t, record.problems)
		tame(t, record.notes)
		count := spfCount{dns: newOnce(lone{}, 0)}
		if _, err := count.follow(t.Context(), record, []string{"example.org"}); err != nil {
			t.Fatal(err)
		}
		tame(t, append(count.problems, count.notes...))
		if len(record.problems) > 0 {
			return
		}
		_, err := spflib.CheckHostWithSender(net.IPv4(203, 0, 113, 99), "example.org", "x@example.org",
			spflib.WithResolver(lone{text}), spflib.OverrideLookupLimit(1000), spflib.OverrideVoidLookupLimit(1000))
		if errors.Is(err, spflib.ErrUnknownField) || errors.Is(err, spflib.ErrInvalidIP) || errors.Is(err, spflib.ErrInvalidMask) {
			t.Errorf("%q: no problem here, and %v there", text, err)
		}
	})
}

func FuzzDMARC(f *testing.F) {
	for _, record := range []string{
		"p=reject", "p=none; sp=quarantine; np=reject; psd=n; t=y; adkim=s; fo=1:d; rua=mailto:a@b.example,https://b.example/",
		"P=REJECT;pct=5;;rua=mailto:a@b.example!10m;=;x==", "p=reject; p=none; \xff=\x1b[31m", "rua=https://\"0",
	} {
		f.Add(record)
	}
	f.Fuzz(func(t *testing.T, text string) {
		record := readDMARC(printable("v=DMARC1; " + text))
		tame(t, record.problems)
		if !slices.Contains(dmarcWords("np"), record.policy) {
			t.Errorf("policy %q", record.policy)
		}
		for _, address := range append(record.rua, record.ruf...) {
			if reportHost(address) == "" {
				t.Errorf("reports go to %q", address)
			}
		}
	})
}

func FuzzDKIM(f *testing.F) {
	for _, record := range []string{"v=DKIM1; p=", "k=ed25519; p=AAAA", "p=MCowBQYDK2VwAyEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "h=sha1; t=y:s; p==", "\xff\x00;p=\x1b"} {
		f.Add(record)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = printable(text)
		if !isKey(text) {
			return
		}
		key := DKIM{Presence: resolver.Present}
		key.read(text)
		tame(t, append(key.Problems, key.Why, key.Key))
		if read := key.Presence == resolver.Present; read != (key.Key != "" || key.Revoked) {
			t.Errorf("%q: %+v", text, key)
		}
	})
}
