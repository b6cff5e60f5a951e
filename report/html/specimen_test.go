package html_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/mx/dane"
	"github.com/mxvet/mxvet/mx/mtasts"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/tlsinfo"
	"github.com/mxvet/mxvet/report/audit"
	"github.com/mxvet/mxvet/report/html"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/input"
	"github.com/mxvet/mxvet/scanner/judge"
	"github.com/mxvet/mxvet/scanner/lab"
	"github.com/mxvet/mxvet/scanner/pace"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func ptr[T any](value T) *T { return &value }

// told is the report of rows.
func told(t testing.TB, rows ...scanner.Row) string {
	t.Helper()
	var out strings.Builder
	w := html.New(&out, html.Options{Now: noon})
	for _, row := range rows {
		if err := w.Put(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// rows collects what a scanner makes.
type rows []scanner.Row

func (r *rows) Put(row scanner.Row) error {
	*r = append(*r, row)
	return nil
}

// practice is a scanner in the practice Internet.
func practice(t *testing.T) (*scanner.Scanner, *lab.Internet) {
	t.Helper()
	internet := lab.New(lab.Options{})
	t.Cleanup(func() { internet.Close() })
	zone, err := internet.Resolver()
	if err != nil {
		t.Fatal(err)
	}
	_, roots, err := internet.Roots()
	if err != nil {
		t.Fatal(err)
	}
	own := pace.Own()
	return &scanner.Scanner{
		Policy:   address.Policy{AllowPrivate: true},
		Router:   &mx.Router{Resolver: zone, AllowPrivate: true, Reaches: internet.Reachable},
		Egresses: []scanner.Egress{{Dial: internet.Dial, HelloName: lab.HelloName, Senders: []string{"", lab.Sender}}},
		Reaches:  internet.Reachable, Pace: &own, Roots: roots, Versions: scanner.Versions{Tool: "1.0.0"},
	}, internet
}

// verified is the practice Internet's own list, asked for.
func verified(t *testing.T) rows {
	t.Helper()
	s, internet := practice(t)
	source, err := input.NewReader("list.csv", strings.NewReader(internet.List()), input.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got rows
	if _, err := s.Run(t.Context(), source, &got); err != nil {
		t.Fatal(err)
	}
	return got
}

// audited is the servers of the practice Internet, before them a domain with
// many promises, and what the audit finds in all of them.
func audited(t *testing.T) rows {
	t.Helper()
	s, internet := practice(t)
	var names []string
	for _, domain := range internet.Domains() {
		if !domain.Slow {
			names = append(names, domain.Name)
		}
	}
	var got rows
	for _, row := range shop(time.Now()) {
		if _, finding := row.(*scanner.FindingRow); !finding {
			got = append(got, row)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := s.Servers(ctx, input.Arguments(names), &got); err != nil {
		t.Fatal(err)
	}
	auditor := audit.New(audit.Options{Now: time.Now()})
	var findings []*scanner.FindingRow
	for _, row := range got {
		findings = append(findings, auditor.Put(row)...)
	}
	for _, finding := range slices.AppendSeq(findings, auditor.Close()) {
		got = append(got, finding)
	}
	return got
}

// shop is an audit of one domain with two exchangers, much promised and some
// of it broken.
func shop(at time.Time) []scanner.Row {
	return []scanner.Row{shopServer(1, "mx1.shop.example", at), shopServer(2, "mx2.shop.example", at), shopDomain(),
		&scanner.FindingRow{Type: "finding", ID: "tlsa_mismatch", Severity: scanner.Critical, Title: "No TLSA record matches the certificate", Domain: "shop.example", Host: "mx2.shop.example",
			IP: netip.MustParseAddr("192.0.2.202"), Port: 25, Evidence: "_25._tcp.mx2.shop.example. TLSA 3 1 1 " + strings.Repeat("0", 64) + "\nthe server's key is " + strings.Repeat("ab", 32),
			Reference: "RFC 7672 s2.2", Fix: "_25._tcp.mx2.shop.example. IN TLSA 3 1 1 " + strings.Repeat("ab", 32), Where: "the zone shop.example",
			Columns: scanner.Columns{{Name: "owner", Value: "Ann Archer"}}},
		&scanner.FindingRow{Type: "finding", ID: "auth_in_clear", Severity: scanner.High, Title: "Passwords may be sent in clear", Host: "mx1.shop.example", IP: netip.MustParseAddr("192.0.2.201"), Port: 25,
			Domains: []string{"shop.example", "bank.example", "post.example"}, Evidence: "250-AUTH PLAIN LOGIN", Reference: "RFC 4954 s4", Fix: "smtpd_tls_auth_only = yes", Where: "main.cf"},
		&scanner.FindingRow{Type: "finding", ID: "mta_sts_testing", Severity: scanner.Medium, Title: "The MTA-STS policy has been in testing for long", Domain: "shop.example", Evidence: "mode: testing",
			Reference: "RFC 8461 s5", Fix: "version: STSv1\nmode: enforce\nmx: mx1.shop.example\nmx: mx2.shop.example\nmax_age: 604800", Where: "https://mta-sts.shop.example/.well-known/mta-sts.txt"},
		&scanner.FindingRow{Type: "finding", ID: "no_post_quantum", Severity: scanner.Low, Title: "No post-quantum key exchange", Provider: "example-host", Domains: []string{"shop.example", "bank.example"},
			Evidence: "x25519 was chosen though X25519MLKEM768 was offered", Reference: "draft-ietf-tls-ecdhe-mlkem"},
		&scanner.FindingRow{Type: "finding", ID: "no_bimi", Severity: scanner.Info, Title: "No BIMI record", Domain: "shop.example", Evidence: "default._bimi.shop.example: no TXT record", Reference: "draft-brand-indicators-for-message-identification", Accepted: true},
	}
}

func shopServer(n int, host string, at time.Time) *scanner.ServerRow {
	hello := func(auth []string, more ...smtp.Extension) *probe.Hello {
		return &probe.Hello{Verb: "EHLO", Hello: host + " at your service", Auth: auth, Extensions: append(smtp.Extensions{
			{Keyword: smtp.ExtSize, Params: []string{"52428800"}}, {Keyword: "8BITMIME", Params: []string{}}, {Keyword: "PIPELINING", Params: []string{}}, {Keyword: "LIMITS", Params: []string{"RCPTMAX=1000"}}}, more...)}
	}
	return &scanner.ServerRow{Type: "server", Server: probe.Server{
		Host: host, IP: netip.AddrFrom4([4]byte{192, 0, 2, byte(200 + n)}), Port: 25, TLSName: host, Reachable: probe.Yes, At: at,
		Greeting: &probe.Said{Code: 220, Text: host + " ESMTP Postfix (Debian)"}, GreetingMS: ptr(int64(31)),
		Plain:    hello([]string{"PLAIN", "LOGIN"}, smtp.Extension{Keyword: smtp.ExtAuth, Params: []string{"PLAIN", "LOGIN"}}, smtp.Extension{Keyword: smtp.ExtStartTLS, Params: []string{}}),
		StartTLS: probe.Yes, Encrypted: hello([]string{"PLAIN", "LOGIN", "SCRAM-SHA-256"}, smtp.Extension{Keyword: smtp.ExtAuth, Params: []string{"PLAIN", "LOGIN", "SCRAM-SHA-256"}}, smtp.Extension{Keyword: "REQUIRETLS", Params: []string{}}),
		TLS: &tlsinfo.Facts{Version: "TLSv1.3", Cipher: "TLS_AES_256_GCM_SHA384", Group: "x25519", SNI: host, PKIX: tlsinfo.PKIX{Status: tlsinfo.Valid},
			Certificates: []tlsinfo.Certificate{{Subject: "CN=" + host, Issuer: "CN=Example CA,O=Example Trust", Names: []string{host, "mail.shop.example"}, NotBefore: at.AddDate(0, -2, 0),
				NotAfter: at.AddDate(0, 0, 9+20*n), Key: "ECDSA P-256", Signature: "SHA256-RSA", SHA256: fmt.Sprintf("%064d", n), SPKI: strings.Repeat("ab", 32)}}},
		Software: "Postfix", Timings: probe.Timings{Connect: ptr(int64(12)), Greeting: ptr(int64(31)), Hello: ptr(int64(9)), StartTLS: ptr(int64(44))},
		Vrfy: &probe.Said{Code: 252, Text: "2.0.0 postmaster"},
	}, Reverse: &mx.Reverse{DNS: resolver.NoError, Names: []string{host}, Confirmed: host}, Domains: []string{"shop.example", "bank.example", "post.example"}}
}

func shopDomain() *scanner.DomainRow {
	mxHost := func(name string, preference uint16, ip string) mx.Host {
		return mx.Host{Name: name, Preference: preference, Addresses: []netip.Addr{netip.MustParseAddr(ip)}, DNS: resolver.NoError, Secure: true, Provider: "example-host"}
	}
	fare := func(outcome judge.FareWord, why string) judge.Fare { return judge.Fare{Outcome: outcome, Why: why} }
	return &scanner.DomainRow{Type: "domain", Row: 1, Input: "shop.example", Domain: "shop.example", Kind: judge.MailKind,
		Route: scanner.RouteFacts{Source: mx.FromMX, DNS: resolver.NoError, Secure: true, Hosts: []mx.Host{mxHost("mx1.shop.example", 10, "192.0.2.201"), mxHost("mx2.shop.example", 20, "192.0.2.202")}},
		Promises: mx.Promises{
			MTASTS: &mtasts.Facts{Presence: resolver.Present, Records: []string{"v=STSv1; id=20260101T000000"}, ID: "20260101T000000", Fetch: &mtasts.Fetch{URL: "https://mta-sts.shop.example/.well-known/mta-sts.txt",
				Presence: resolver.Present, HTTPStatus: 200, ContentType: "text/plain", Text: "version: STSv1\nmode: testing\nmx: *.shop.example\nmax_age: 604800\n", Mode: mtasts.Testing, MaxAge: ptr(int64(604800)), MX: []string{"*.shop.example"}}},
			TLSRPT: &mx.TLSRPT{Presence: resolver.Present, Records: []string{"v=TLSRPTv1; rua=mailto:tls@shop.example"}, RUA: []string{"mailto:tls@shop.example"}},
			DANE: []dane.Facts{
				{Host: "mx1.shop.example", Port: 25, Base: "_25._tcp.mx1.shop.example", Status: dane.Usable, Records: []dane.Record{{Usage: 3, Selector: 1, Matching: 1, Data: strings.Repeat("ab", 32), Usable: true}},
					Matches: []dane.Match{{IP: netip.MustParseAddr("192.0.2.201"), Verdict: dane.Matched, Records: []int{0}}}},
				{Host: "mx2.shop.example", Port: 25, Base: "_25._tcp.mx2.shop.example", Status: dane.Usable, Records: []dane.Record{{Usage: 3, Selector: 1, Matching: 1, Data: strings.Repeat("00", 32), Usable: true}},
					Matches: []dane.Match{{IP: netip.MustParseAddr("192.0.2.202"), Verdict: dane.Mismatched, Why: "the key is another"}}}},
			SPF:   &mx.SPF{Presence: resolver.Present, Records: []string{"v=spf1 mx include:_spf.host.example -all"}, All: "-", Lookups: ptr(4), Voids: ptr(0)},
			DMARC: &mx.DMARC{Presence: resolver.Present, At: "shop.example", Records: []string{"v=DMARC1; p=quarantine; rua=mailto:dmarc@shop.example"}, Policy: "quarantine", RUA: []string{"mailto:dmarc@shop.example"}},
		},
		Deliveries: []judge.Delivery{
			{Host: "mx1.shop.example", Opportunistic: fare(judge.Encrypted, ""), MTASTS: fare(judge.Authenticated, ""), DANE: fare(judge.Authenticated, ""), RequireTLS: fare(judge.Authenticated, "")},
			{Host: "mx2.shop.example", Opportunistic: fare(judge.Encrypted, ""), MTASTS: fare(judge.Authenticated, ""), DANE: fare(judge.Delayed, "no TLSA record matches"), RequireTLS: fare(judge.Delayed, "no TLSA record matches")},
		},
		Columns: scanner.Columns{{Name: "owner", Value: "Ann Archer"}, {Name: "department", Value: "Sales"}},
	}
}

// many is a verification of n addresses with columns of the user's own.
func many(n int) []scanner.Row {
	kinds := []struct {
		word   judge.Word
		reason judge.Reason
		code   int
		text   string
	}{
		{judge.Deliverable, judge.Accepted, 250, "2.1.5 Ok"}, {judge.Undeliverable, judge.MailboxUnknown, 550, "5.1.1 No such user here"},
		{judge.Risky, judge.CatchAll, 250, "2.1.5 Ok"}, {judge.Unknown, judge.Greylisted, 450, "4.2.0 Greylisted, come back in five minutes"},
	}
	list := make([]scanner.Row, 0, n)
	for i := range n {
		k := kinds[i*7%len(kinds)]
		domain := fmt.Sprintf("d%02d.example", i%40)
		said := probe.Outcome{Kind: probe.AddressKind, At: noon, Stage: smtp.Rcpt, Host: "mx." + domain, IP: netip.AddrFrom4([4]byte{192, 0, 2, byte(i % 40)}), Port: 25, TLS: true, Code: k.code, Text: k.text, Meaning: reply.MailboxExists, Rule: "generic/specimen"}
		mailbox := fmt.Sprintf("person%05d@%s", i, domain)
		list = append(list, &scanner.VerdictRow{Type: "verdict", Row: int64(i + 1), Input: mailbox, Address: ptr(mailbox), Domain: ptr(domain), Verdict: k.word, Reason: k.reason, Blame: k.reason.Info().Blame,
			CatchAll: judge.CatchAllNo, Evidence: said, Attempts: []probe.Outcome{said}, CheckedAt: noon,
			Columns: scanner.Columns{{Name: "owner", Value: []string{"Ann", "Bob", "Cleo"}[i%3]}, {Name: "department", Value: []string{"Sales", "Support"}[i%2]}}})
	}
	return list
}

// repeated is one check's finding at n servers.
func repeated(n int) (list []scanner.Row) {
	for i := range n {
		list = append(list, &scanner.FindingRow{Type: "finding", ID: "no_starttls", Severity: scanner.High, Title: "No STARTTLS", Host: fmt.Sprintf("mx%d.example", i), Evidence: "250-SIZE", Reference: "RFC 3207"})
	}
	return list
}
