//go:build unix

package scanner_test

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/dane"
	"github.com/mxvet/mxvet/mx/mtasts"
	"github.com/mxvet/mxvet/mx/realtest"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/tlsinfo"
	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/cli"
	"github.com/mxvet/mxvet/scanner/judge"
)

// soundSettings are those of a Postfix as it should be, but for what its listeners
// have each to themselves.
const soundSettings = `
mynetworks =
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
virtual_mailbox_domains = sound.test
virtual_mailbox_maps = texthash:DIR/mailboxes
virtual_mailbox_base = /nonexistent
smtpd_tls_security_level = may
smtpd_tls_protocols = >=TLSv1.2
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_tls_exclude_ciphers = aNULL, kRSA, 3DES, RC4
smtpd_tls_session_cache_database = btree:$data_directory/sessions
smtpd_forbid_bare_newline = normalize
smtpd_discard_ehlo_keywords = etrn
smtpd_error_sleep_time = 0
`

// soundWorld is a domain with nothing wrong: two exchangers that one Postfix plays,
// one with an IPv6 address beside its other.
type soundWorld struct {
	postfix  *realPostfix
	dns      netip.AddrPort
	ca       *realAuthority
	one, two netip.Addr // of mx1 and mx2
	six      netip.Addr // of mx2
	web      netip.Addr
	policy   string
}

func startSound(t *testing.T) *soundWorld {
	t.Helper()
	w := &soundWorld{ca: newRealAuthority(t), one: realtest.Place(t, 25), two: realtest.Place(t, 25), six: netip.MustParseAddr("2001:db8::25")}
	first, second := w.ca.leaf(t, realKind{}, "mx1.sound.test"), w.ca.leaf(t, realKind{}, "mx2.sound.test")
	w.postfix = realStartPostfix(t, realPostfixFiles{
		"main.cf": soundSettings, "mailboxes": "postmaster@sound.test postmaster/\n",
		"mx1.pem": first.bundle, "mx2.pem": second.bundle,
	},
		realListener{addr: netip.AddrPortFrom(w.one, 25), options: []string{"myhostname=mx1.sound.test", "smtpd_tls_chain_files=DIR/mx1.pem"}},
		realListener{addr: netip.AddrPortFrom(w.two, 25), options: []string{"myhostname=mx2.sound.test", "smtpd_tls_chain_files=DIR/mx2.pem"}},
	)
	w.policy = mtasts.Write(mtasts.Enforce, []string{"mx1.sound.test", "mx2.sound.test"}, 1209600)
	w.web = startPolicy(t, w.ca.leaf(t, realKind{}, "mta-sts.sound.test").bundle, w.policy)
	next := w.ca.leaf(t, realKind{}, "mx.sound.test")
	records := fmt.Sprintf(`
sound.test.            MX    10 mx1.sound.test.
sound.test.            MX    10 mx2.sound.test.
mx1.sound.test.        A     %s
mx2.sound.test.        A     %s
mx2.sound.test.        AAAA  %s
sound.test.            TXT   "v=spf1 mx -all"
_dmarc.sound.test.     TXT   "v=DMARC1; p=reject; rua=mailto:dmarc@sound.test"
s1._domainkey.sound.test. TXT %s
_smtp._tls.sound.test. TXT   "v=TLSRPTv1; rua=mailto:tls@sound.test"
_mta-sts.sound.test.   TXT   "%s"
mta-sts.sound.test.    A     %s
sound.test.            CAA   0 issue "authority.test"
`, w.one, w.two, w.six, realDKIM(t), mtasts.Record("20260301"), w.web)
	for host, leaf := range map[string]realLeaf{"mx1.sound.test": first, "mx2.sound.test": second} {
		for _, one := range []realLeaf{leaf, next} {
			records += dane.Line(host, 25, dane.From(one.certificate, dane.EE, dane.SPKI, dane.SHA256)) + "\n"
		}
	}
	w.dns = realtest.SignedDNS(t,
		realtest.Zone{Name: "test", Trust: realtest.Signed, Records: records},
		realtest.Zone{Name: "127.in-addr.arpa", Trust: realtest.Insecure, Records: pointer(w.one, "mx1.sound.test") + pointer(w.two, "mx2.sound.test")},
		realtest.Zone{Name: "8.b.d.0.1.0.0.2.ip6.arpa", Trust: realtest.Insecure, Records: pointer(w.six, "mx2.sound.test")},
	)
	return w
}

func pointer(ip netip.Addr, name string) string {
	return fmt.Sprintf("%s. PTR %s.\n", mx.ReverseName(ip), name)
}

// realDKIM is a record with a key of 2048 bits, in two strings, as it does not go
// into one.
func realDKIM(t *testing.T) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(rsaKey(t, 2048).Public())
	if err != nil {
		t.Fatal(err)
	}
	text := "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
	return fmt.Sprintf("%q %q", text[:200], text[200:])
}

// scanner reaches the IPv6 address, too: what listens there is mx2.
func (w *soundWorld) scanner(t *testing.T) *scanner.Scanner {
	t.Helper()
	s := realAuditor(t, w.dns, w.ca.pool)
	s.Reaches = func(ip netip.Addr) bool { return ip.IsLoopback() || ip == w.six }
	s.Egresses[0].Dial = mapped(netip.AddrPortFrom(w.six, 25), netip.AddrPortFrom(w.two, 25))
	return s
}

func TestRealAuditOfASoundDomain(t *testing.T) {
	t.Parallel()
	w := startSound(t)
	s := w.scanner(t)
	tryTLS(s)
	tryConduct(t, s)
	a := realAudit(t, s, "sound.test")

	t.Run("no finding above info", func(t *testing.T) {
		var told []string
		for _, f := range a.findings {
			told = append(told, f.ID)
			if f.Severity != scanner.Info {
				t.Errorf("%s (%s) %s%s: %s", f.ID, f.Severity, f.Domain, f.Host, f.Evidence)
			}
		}
		slices.Sort(told)
		// Debian 12 has OpenSSL 3.0, which knows no ML-KEM.
		same(t, "what is worth knowing", []string{"bare_lf", "tls_no_post_quantum"}, slices.Compact(told))
	})
	t.Run("all was asked", func(t *testing.T) {
		same(t, "servers", 3, len(a.servers))
		for _, row := range a.servers {
			if row.Failure != nil || row.Reachable != probe.Yes || row.TLS == nil || row.Sweep == nil || row.Sweep.Why != "" || row.Conduct == nil || row.Reverse == nil || row.Vrfy == nil {
				t.Errorf("%s: %+v", row.IP, row.Server)
			}
		}
		row := a.domain(t, "sound.test")
		if row.MTASTS == nil || row.TLSRPT == nil || len(row.DANE) != 2 || row.SPF == nil || row.DMARC == nil || len(row.DKIM) != 1 || row.BIMI == nil || row.CAA == nil {
			t.Errorf("%+v", row.Promises)
		}
	})
	t.Run("every server is what OpenSSL and posttls-finger see", func(t *testing.T) {
		for _, row := range a.servers {
			at := netip.AddrPortFrom(row.IP, 25)
			if row.IP == w.six {
				at = netip.AddrPortFrom(w.two, 25)
			}
			w.sameTLS(t, at, row)
		}
	})
	t.Run("the domain is what kdig sees", func(t *testing.T) {
		row := a.domain(t, "sound.test")
		exchangers := kdig(t, w.dns, "sound.test", "MX")
		same(t, "MX validated", exchangers.secure, row.Route.Secure)
		same(t, "DANE", []dane.Status{dane.Usable, dane.Usable}, []dane.Status{row.DANE[0].Status, row.DANE[1].Status})
		for _, facts := range row.DANE {
			answer := kdig(t, w.dns, dane.Name(facts.Host, 25), "TLSA")
			same(t, "TLSA of "+facts.Host, kdigAnswer{"NOERROR", true, answer.records}, answer)
			same(t, "TLSA of "+facts.Host, sorted(answer.records), daneRecords(facts))
		}
	})
	t.Run("the policy is what is served", func(t *testing.T) {
		fetch := a.domain(t, "sound.test").MTASTS.Fetch
		same(t, "text", w.policy, fetch.Text)
		same(t, "patterns", []string{"mx1.sound.test", "mx2.sound.test"}, fetch.MX)
	})
	t.Run("mail arrives from all kinds of senders but one", func(t *testing.T) {
		row := a.domain(t, "sound.test")
		same(t, "kind", judge.MailKind, row.Kind)
		same(t, "exchangers", 2, len(row.Deliveries))
		for _, d := range row.Deliveries {
			same(t, d.Host, judge.Delivery{
				Host: d.Host, Opportunistic: judge.Fare{Outcome: judge.Encrypted}, MTASTS: judge.Fare{Outcome: judge.Authenticated},
				DANE: judge.Fare{Outcome: judge.Authenticated}, RequireTLS: judge.Fare{Outcome: judge.Returned, Why: d.RequireTLS.Why},
			}, d)
			if !strings.Contains(d.RequireTLS.Why, "REQUIRETLS") { // which Postfix does not have
				t.Errorf("REQUIRETLS: %s", d.RequireTLS.Why)
			}
		}
	})
	t.Run("mxvet scan says the same, and nothing of IPv6 where it may not be used", func(t *testing.T) {
		var stdout, stderr bytes.Buffer
		status := cli.Run(t.Context(), []string{
			"scan", "sound.test", "--resolver", w.dns.String(), "--ca-file", w.ca.file, "--allow-private", "--ipv4", "--pace", "own", "--helo", realHelloName,
			"--dkim-selectors", "s1", "--intrusive", "--relay-test", "--fail-on", "low", "--fail-on", "inconclusive", "--format", "jsonl",
		}, strings.NewReader(""), &stdout, &stderr)
		if status != 0 {
			t.Errorf("exit status %d\n%s%s", status, stderr.String(), stdout.String())
		}
		var told []string
		for row, err := range report.Read(&stdout) {
			if err != nil {
				t.Fatal(err)
			}
			switch row := row.(type) {
			case *scanner.FindingRow:
				told = append(told, row.ID)
			case *scanner.RunRow: // of each server: the one to ask it, four to provoke it, one for its relaying
				same(t, "conversations", int64(2*(1+4+1)), row.Counts.Conversations)
			}
		}
		same(t, "findings", []string{"bare_lf", "tls_no_post_quantum"}, slices.Compact(sorted(told)))
	})
	t.Run("nothing was done that it should not", func(t *testing.T) {
		for _, row := range a.servers {
			same(t, "conduct", [...]probe.Answer{probe.No, probe.No, probe.No}, [...]probe.Answer{row.Conduct.Enforced.Answer, row.Conduct.Injection.Answer, row.Conduct.Relay.Answer})
			same(t, "resumption", probe.Yes, row.Resumed)
		}
	})
}

// daneRecords are records as kdig writes them.
func daneRecords(facts dane.Facts) []string {
	var out []string
	for _, r := range facts.Records {
		out = append(out, fmt.Sprintf("%d %d %d %s", r.Usage, r.Selector, r.Matching, strings.ToUpper(r.Data)))
	}
	return sorted(out)
}

// sameTLS holds a server's TLS facts against OpenSSL, which offers the suite that
// Go's client prefers, and against posttls-finger.
func (w *soundWorld) sameTLS(t *testing.T, at netip.AddrPort, row *scanner.ServerRow) {
	t.Helper()
	seen, ok := openSSLSees(t, at, row.Host, "-CAfile", w.ca.file, "-verify_hostname", row.Host, "-ciphersuites", row.TLS.Cipher)
	if !ok {
		t.Fatalf("OpenSSL could not shake hands with %s", at)
	}
	same(t, "TLS by OpenSSL", seen, openSSL{row.TLS.Version, row.TLS.Cipher, openSSLGroup(row.TLS.Group), 0, strings.TrimSpace(block("CERTIFICATE", row.TLS.Chain[0].Raw))})
	same(t, "PKIX", tlsinfo.Valid, row.TLS.PKIX.Status)
	same(t, "TLS by posttls-finger", w.postfix.finger(t, at, row.Host, w.ca.file), postTLS{"Verified", row.TLS.Version, row.TLS.Certificates[0].SHA256, row.TLS.Certificates[0].SPKI})
}
