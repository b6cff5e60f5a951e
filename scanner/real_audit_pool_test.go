//go:build unix

package scanner_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mxvet/mxvet/mx/realtest"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
)

// mixedPool is what several domains use: a Postfix as it should be, an Exim of
// the same preference, and two Postfix that somebody forgot.
type mixedPool struct {
	postfix, exim, old, clear netip.AddrPort
	dns                       netip.AddrPort
	ca                        *realAuthority
}

func startPool(t *testing.T) *mixedPool {
	t.Helper()
	place := func() netip.AddrPort { return netip.AddrPortFrom(realtest.Place(t, 25), 25) }
	p := &mixedPool{postfix: place(), exim: place(), old: place(), clear: place(), ca: newRealAuthority(t)}
	realStartPostfix(t, realPostfixFiles{
		"main.cf":    "mynetworks =\nsmtpd_tls_security_level = may\nsmtpd_tls_chain_files = DIR/server.pem\nsmtpd_error_sleep_time = 0\nvirtual_mailbox_domains = pool.test\n",
		"server.pem": p.ca.leaf(t, realKind{}, "mx1.pool.test", "mx3.pool.test").bundle,
	},
		realListener{addr: p.postfix, options: []string{"myhostname=mx1.pool.test"}},
		realListener{addr: p.old, options: []string{"myhostname=mx3.pool.test", "smtpd_tls_protocols=TLSv1.2"}},
		realListener{addr: p.clear, options: []string{"myhostname=mx4.pool.test", "smtpd_tls_security_level=none"}},
	)
	bundle := p.ca.leaf(t, realKind{}, "mx2.pool.test").bundle
	eximAt(t, p.exim, "mx2.pool.test", "pool.test", bundle, bundle)
	p.dns = realtest.SignedDNS(t,
		realtest.Zone{Name: "test", Trust: realtest.Insecure, Records: fmt.Sprintf(`
pool.test.     MX 10 mx1.pool.test.
pool.test.     MX 10 mx2.pool.test.
aged.test.     MX 10 mx1.pool.test.
aged.test.     MX 20 mx3.pool.test.
aged.test.     MX 30 mx4.pool.test.
mx1.pool.test. A  %s
mx2.pool.test. A  %s
mx3.pool.test. A  %s
mx4.pool.test. A  %s
`, p.postfix.Addr(), p.exim.Addr(), p.old.Addr(), p.clear.Addr())},
		realtest.Zone{Name: "127.in-addr.arpa", Trust: realtest.Insecure, Records: pointer(p.postfix.Addr(), "mx1.pool.test") + pointer(p.exim.Addr(), "elsewhere.test")})
	return p
}

func TestRealAuditOfAMixedPool(t *testing.T) {
	t.Parallel()
	p := startPool(t)
	s := realAuditor(t, p.dns, p.ca.pool)
	tryConduct(t, s)
	a := realAudit(t, s, "pool.test", "aged.test")
	at := map[string]netip.AddrPort{"mx1.pool.test": p.postfix, "mx2.pool.test": p.exim, "mx3.pool.test": p.old, "mx4.pool.test": p.clear}
	seen := map[string]realSight{}

	t.Run("each is what a plain socket and smtplib see", func(t *testing.T) {
		same(t, "servers", len(at), len(a.servers))
		for host, addr := range at {
			seen[host] = realLook(t, addr, false)
			row := a.at(t, host, addr.Addr())
			if diff := cmp.Diff(seen[host], realSeen(row), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s, plain socket - scanner +:\n%s", host, diff)
			}
			same(t, host+" by smtplib", smtplib(t, addr), featuresOf(row))
		}
	})
	t.Run("software", func(t *testing.T) {
		for host, want := range map[string]string{"mx1.pool.test": "Postfix", "mx2.pool.test": "Exim 4.96", "mx3.pool.test": "Postfix", "mx4.pool.test": "Postfix"} {
			same(t, host, want, a.at(t, host, at[host].Addr()).Software)
		}
	})
	t.Run("what differs", func(t *testing.T) {
		here, there := without(seen["mx2.pool.test"].Encrypted.Lines, seen["mx1.pool.test"].Encrypted.Lines)
		f := a.finding(t, "pool_extensions", "mx2.pool.test")
		same(t, "evidence", fmt.Sprintf("mx2.pool.test[%s]:25 against mx1.pool.test[%s]:25: only here %s; only there %s", p.exim.Addr(), p.postfix.Addr(), here, there), f.Evidence)
		same(t, "domains", []string{"pool.test"}, f.Domains)
		same(t, "findings of mx1", nil, a.ids("mx1.pool.test", "pool_", "ptr_"))
		same(t, "findings of mx2", []string{"pool_extensions", "ptr_unconfirmed"}, a.ids("mx2.pool.test", "pool_", "ptr_"))
		same(t, "findings of mx3", []string{"pool_tls", "ptr_missing", "tls_1_3_absent"}, a.ids("mx3.pool.test", "pool_", "ptr_", "tls_v", "tls_1"))
		same(t, "findings of mx4", []string{"pool_starttls", "ptr_missing", "starttls_absent"}, a.ids("mx4.pool.test", "pool_", "ptr_", "starttls"))
		same(t, "domains of mx4", []string{"aged.test"}, a.finding(t, "starttls_absent", "mx4.pool.test").Domains)
		same(t, "domains of mx1", []string{"aged.test", "pool.test"}, a.at(t, "mx1.pool.test", p.postfix.Addr()).Domains)
	})
	t.Run("Exim's conduct", func(t *testing.T) {
		conduct := a.at(t, "mx2.pool.test", p.exim.Addr()).Conduct
		same(t, "conduct", [...]probe.Answer{probe.No, probe.No, probe.Yes, probe.No},
			[...]probe.Answer{conduct.Enforced.Answer, conduct.Injection.Answer, conduct.BareLF.Answer, conduct.Relay.Answer})
		for _, f := range a.findings {
			if f.Host == "mx2.pool.test" && f.Severity.Rank() > scanner.Info.Rank() && f.ID != "ptr_unconfirmed" {
				t.Errorf("%s (%s): %s", f.ID, f.Severity, f.Evidence)
			}
		}
	})
}

// without are the lines that only one of two servers has, in alphabetical order.
func without(a, b []string) (onlyA, onlyB string) {
	difference := func(list, other []string) string {
		return strings.Join(sorted(slices.DeleteFunc(slices.Clone(list), func(line string) bool { return slices.Contains(other, line) })), ", ")
	}
	return difference(a, b), difference(b, a)
}

// features are the extensions before and after TLS, as smtplib keeps them.
type features struct{ plain, encrypted []string }

const pythonFeatures = `
import smtplib, ssl, sys
def show(word, server):
    for name, params in server.esmtp_features.items():
        if name != "auth": # of which it makes a string of its own
            print(word, (name + " " + params).strip().upper())
with smtplib.SMTP(sys.argv[1], int(sys.argv[2]), "client.probe.test", 30) as server:
    server.ehlo()
    show("plain", server)
    if server.has_extn("starttls"):
        context = ssl._create_unverified_context()
        server.starttls(context=context)
        server.ehlo()
        show("encrypted", server)
`

// smtplib is Python's word on what a server offers.
func smtplib(t *testing.T, at netip.AddrPort) features {
	t.Helper()
	var out features
	for line := range strings.Lines(realSaid(t, "python3", "-c", pythonFeatures, at.Addr().String(), fmt.Sprint(at.Port()))) {
		switch when, feature, _ := strings.Cut(strings.TrimSpace(line), " "); when {
		case "plain":
			out.plain = append(out.plain, feature)
		case "encrypted":
			out.encrypted = append(out.encrypted, feature)
		default:
			t.Fatalf("smtplib: %s", line)
		}
	}
	out.plain, out.encrypted = sorted(out.plain), sorted(out.encrypted)
	return out
}

func featuresOf(row *scanner.ServerRow) features {
	lines := func(hello *probe.Hello) (out []string) {
		if hello == nil {
			return nil
		}
		for _, one := range hello.Extensions {
			out = append(out, strings.ToUpper(strings.Join(append([]string{string(one.Keyword)}, one.Params...), " ")))
		}
		return sorted(out)
	}
	return features{lines(row.Plain), lines(row.Encrypted)}
}
