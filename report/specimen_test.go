package report

import (
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/mx/dane"
	"github.com/mxvet/mxvet/mx/mtasts"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/tlsinfo"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

var update = flag.Bool("update", false, "write testdata anew")

// golden compares with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func ptr[T any](value T) *T { return &value }

func unknownMailbox() *scanner.VerdictRow {
	refusal := probe.Outcome{
		Kind: probe.AddressKind, At: noon, Stage: smtp.Rcpt, Host: "mx1.example.org", IP: netip.MustParseAddr("192.0.2.1"), Port: 25, TLS: true,
		Code: 550, Enhanced: "5.1.1", Text: "5.1.1 <ann@example.org>: Recipient address rejected:\n5.1.1 User unknown in <table> & elsewhere",
		Meaning: reply.UserUnknown, Rule: "generic/user-unknown", Sender: "probe@example.net", Egress: "198.51.100.1",
	}
	return &scanner.VerdictRow{
		Type: "verdict", Row: 1, Input: "Ann@EXAMPLE.org", Address: ptr("Ann@example.org"), Canonical: ptr("ann@example.org"), Domain: ptr("example.org"),
		Verdict: judge.Undeliverable, Reason: judge.MailboxUnknown, Blame: judge.Recipient, CatchAll: judge.CatchAllNo,
		Traits:     address.Traits{Role: ptr(false), Free: ptr(false), Tagged: ptr(true)},
		Suggestion: ptr("ann@example.com"), Provider: ptr("google"),
		Route: &scanner.RouteFacts{Source: mx.FromMX, DNS: resolver.NoError, Secure: true, Hosts: []mx.Host{{
			Name: "mx1.example.org", Preference: 10, Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")},
			DNS: resolver.NoError, Faults: []mx.Fault{mx.Alias}, Aliases: []string{"mx.example.net"}, Provider: "google",
		}}},
		Evidence: refusal, Attempts: []probe.Outcome{refusal, {Kind: probe.RandomKind, At: noon, Stage: smtp.Rcpt, Cause: smtp.Timeout, Meaning: reply.NetworkError}},
		RetryAt: ptr(noon.Add(6 * time.Minute)), CheckedAt: noon.Add(1500 * time.Millisecond),
		Columns: scanner.Columns{{Name: "name", Value: "Ann <Lee> & Co"}, {Name: "email", Value: "Ann@EXAMPLE.org"}},
	}
}

func badSyntax() *scanner.VerdictRow {
	return &scanner.VerdictRow{
		Type: "verdict", Row: 2, Input: "=not an\x1b[31m address", Verdict: judge.Undeliverable, Reason: judge.BadSyntax, Blame: judge.Recipient, CatchAll: judge.CatchAllNotRun,
		Evidence: probe.Outcome{Text: "there is no @", Rule: "syntax/no-at"}, CheckedAt: noon,
	}
}

func deliverable() *scanner.VerdictRow {
	row := unknownMailbox()
	row.Row, row.Input, row.Address = 3, "\u8cc7\u6599\u6599\u6599\u6599\u6599\u6599@example.org", ptr("\u8cc7\u6599\u6599\u6599\u6599\u6599\u6599@example.org")
	row.Verdict, row.Reason = judge.Deliverable, judge.Accepted
	row.Evidence.Code, row.Evidence.Enhanced, row.Evidence.Text = 250, "2.1.5", "2.1.5 OK \x1b]0;owned\x07 \u202egnp.exe"
	row.Attempts = nil
	return row
}

func blocked() *scanner.VerdictRow {
	row := unknownMailbox()
	row.Row, row.Verdict, row.Reason, row.Blame = 4, judge.Unknown, judge.ClientBlocked, judge.Us
	row.Evidence.Stage, row.Evidence.Code, row.Evidence.Enhanced, row.Evidence.Text = smtp.Greeting, 554, "", "your address is listed at a very long list of lists that goes on and on and on"
	return row
}

func server() *scanner.ServerRow {
	return &scanner.ServerRow{
		Type: "server",
		Server: probe.Server{
			Host: "mx1.example.org", IP: netip.MustParseAddr("192.0.2.1"), Port: 25, TLSName: "mx1.example.org", Reachable: probe.Yes,
			Greeting: &probe.Said{Code: 220, Text: "mx1.example.org ESMTP Postfix"}, GreetingMS: ptr(int64(31)),
			Plain: &probe.Hello{Verb: "EHLO", Hello: "mx1.example.org at your service", Auth: []string{"PLAIN", "LOGIN"}, Extensions: smtp.Extensions{
				{Keyword: smtp.ExtSize, Params: []string{"10240000"}}, {Keyword: smtp.ExtAuth, Params: []string{"PLAIN", "LOGIN"}}, {Keyword: smtp.ExtStartTLS, Params: []string{}},
			}},
			StartTLS: probe.Yes,
			TLS: &tlsinfo.Facts{Version: "TLSv1.3", Cipher: "TLS_AES_128_GCM_SHA256", Group: "X25519MLKEM768", SNI: "mx1.example.org",
				PKIX: tlsinfo.PKIX{Status: tlsinfo.Expired, Reason: "since 2026-02-01"},
				Certificates: []tlsinfo.Certificate{{Subject: "CN=mx1.example.org", Issuer: "CN=Example CA", Names: []string{"mx1.example.org", "mx2.example.org"},
					NotBefore: noon.AddDate(-1, 0, 0), NotAfter: noon.AddDate(0, -1, 0), Key: "ECDSA P-256", Signature: "SHA256-RSA", SHA256: "00ff", SPKI: "ff00"}}},
			Encrypted: &probe.Hello{Verb: "EHLO", Hello: "mx1.example.org", Extensions: smtp.Extensions{{Keyword: smtp.ExtSize, Params: []string{"10240000"}}}},
			Vrfy:      &probe.Said{Code: 252, Text: "2.0.0 cannot tell"}, Expn: &probe.Said{Code: 502, Text: "no"}, Help: &probe.Said{Code: 214, Text: "see RFC 5321"},
			Software: "Postfix", Timings: probe.Timings{Connect: ptr(int64(12)), Greeting: ptr(int64(31)), Hello: ptr(int64(5)), StartTLS: ptr(int64(44))},
			Oddities: []string{"bare-lf"}, Injected: "250 ", At: noon,
		},
		Reverse: &mx.Reverse{DNS: resolver.NoError, Names: []string{"mx1.example.org"}, Confirmed: "mx1.example.org", Pending: true, Detail: "x"},
		Listed: []mx.Listing{{Zone: "bl.example", State: mx.DNSBLListed, Codes: []netip.Addr{netip.MustParseAddr("127.0.0.2")},
			Reasons: []mx.DNSBLMeaning{{Codes: []netip.Addr{netip.MustParseAddr("127.0.0.2")}, About: "spam", Advice: "ask"}}, Text: "see https://bl.example/?192.0.2.1", Detail: "x"}},
		Domains: []string{"example.org", "example.net"},
		Targets: []scanner.Target{{Row: 1, Input: "example.org", Domain: "example.org", Columns: scanner.Columns{{Name: "host", Value: "example.org"}, {Name: "owner", Value: "ann"}}}},
	}
}

func silent() *scanner.ServerRow {
	return &scanner.ServerRow{Type: "server", Server: probe.Server{
		Host: "mx2.example.org", IP: netip.MustParseAddr("2001:db8:1:2:3:4:5:6"), Port: 25, TLSName: "mx2.example.org", Reachable: probe.Inconclusive,
		Why: "no answer within 30s", StartTLS: probe.Inconclusive, TLSWhy: "not reached", At: noon,
		Failure: &probe.Outcome{At: noon, Stage: smtp.Connect, Host: "mx2.example.org", IP: netip.MustParseAddr("2001:db8:1:2:3:4:5:6"), Port: 25,
			Text: "no answer within 30s", Meaning: reply.NetworkError, Cause: smtp.Timeout},
	}, Domains: []string{"example.org"}}
}

func nullMX() *scanner.DomainRow {
	return &scanner.DomainRow{Type: "domain", Row: 2, Input: "nullmx.example.net", Domain: "nullmx.example.net",
		Route: scanner.RouteFacts{Source: mx.Null, DNS: resolver.NoError, Hosts: []mx.Host{}}, Columns: scanner.Columns{{Name: "host", Value: "nullmx.example.net"}, {Name: "owner", Value: "-1"}}}
}

func nxdomain() *scanner.DomainRow {
	return &scanner.DomainRow{Type: "domain", Row: 3, Input: "gone.example.net", Domain: "gone.example.net",
		Route: scanner.RouteFacts{Source: mx.None, DNS: resolver.NXDomain}}
}

func unreadable() *scanner.DomainRow {
	return &scanner.DomainRow{Type: "domain", Row: 4, Input: "no\x07such", Error: "list.csv line 4 (row 4): not a domain"}
}

func routed() *scanner.DomainRow {
	return &scanner.DomainRow{Type: "domain", Row: 1, Input: "B\u00dcCHER.example.org", Domain: "xn--bcher-kva.example.org", Unicode: "b\u00fccher.example.org",
		Route: scanner.RouteFacts{Source: mx.Implicit, DNS: resolver.NoError, Hosts: []mx.Host{{Name: "xn--bcher-kva.example.org", Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.1")}, DNS: resolver.NoError}}}}
}

// tried is a server with everything that is asked for only with flags of its own.
func tried() *scanner.ServerRow {
	row := server()
	row.SNIRefused, row.Resumed = true, probe.Yes
	row.TLS.Staple = &tlsinfo.Staple{Status: "good", NextUpdate: noon}
	row.Sweep = &tlsinfo.Sweep{Versions: []tlsinfo.Accepted{{Version: "TLSv1.0", Suites: []string{"TLS_RSA_WITH_RC4_128_MD5"}}}, Untold: []tlsinfo.Untold{{Version: "SSLv3", Why: "no answer within 10s"}},
		Groups: []string{"x25519"}, Order: "server", Connections: 9, Why: "421", At: noon}
	trial := probe.Trial{Answer: probe.Yes, Why: "x", Reply: &probe.Said{Code: 250, Text: "ok"}}
	row.Conduct = &probe.Conduct{Enforced: trial, Injection: trial, BareLF: trial, SubmitAuth: trial,
		NTLM:  &probe.NTLM{Target: "EXAMPLE", Computer: "MX1", Domain: "EXAMPLE", DNSHost: "mx1.example.org", DNSZone: "example.org", Forest: "example.org", Version: "10.0.17763"},
		Relay: probe.Relay{Answer: probe.No, Why: "x", Tries: []probe.RelayTry{{From: "a@example.org", To: "b@example.net", Reply: &probe.Said{Code: 550, Text: "no"}}}}}
	return row
}

// promising is a domain that says all a domain can say.
func promising() *scanner.DomainRow {
	row := routed()
	row.Row, row.Kind = 5, judge.MailKind
	row.Promises = mx.Promises{
		MTASTS: &mtasts.Facts{Presence: resolver.Present, Why: "x", Records: []string{"v=STSv1; id=1"}, ID: "1", Fetch: &mtasts.Fetch{
			URL: "https://mta-sts.example.org/.well-known/mta-sts.txt", Presence: resolver.Present, Why: "x", HTTPStatus: 200, ContentType: "text/plain",
			Text: "version: STSv1\n", Mode: mtasts.Enforce, MaxAge: ptr(int64(604800)), MX: []string{"*.example.org"}, Faults: []string{"x"}, NotAfter: ptr(noon)}},
		TLSRPT: &mx.TLSRPT{Presence: resolver.Present, Why: "x", Records: []string{"v=TLSRPTv1; rua=mailto:tls@example.org"}, RUA: []string{"mailto:tls@example.org"}},
		DANE: []dane.Facts{{Host: "mx1.example.org", Port: 25, Base: "mx1.example.org", Status: dane.Usable, Why: "x",
			Records: []dane.Record{{Usage: 3, Selector: 1, Matching: 1, Data: "ff00", Usable: true, Why: "x"}},
			Matches: []dane.Match{{IP: netip.MustParseAddr("192.0.2.1"), Verdict: dane.Matched, Records: []int{0}, Why: "x"}}}},
		SPF: &mx.SPF{Presence: resolver.Present, Why: "x", Records: []string{"v=spf1 mx -all"}, All: "-", Lookups: ptr(1), Voids: ptr(0), Problems: []string{"x"}, Nobody: true, Notes: []string{"x"}},
		DMARC: &mx.DMARC{Presence: resolver.Present, Why: "x", At: "example.org", Records: []string{"v=DMARC1; p=reject"}, Policy: "reject", Subdomain: "reject", NonExist: "reject",
			Testing: true, External: []mx.ReportTo{{Host: "example.net", Name: "example.org._report._dmarc.example.net", Presence: resolver.Present, Why: "x"}}, RUA: []string{"mailto:dmarc@example.org"}, RUF: []string{"mailto:dmarc@example.org"}, Problems: []string{"x"}},
		DKIM: []mx.DKIM{{Selector: "s1", Presence: resolver.Present, Why: "x", Key: "RSA 2048", Strict: true, Revoked: true, Testing: true, Problems: []string{"x"}}},
		BIMI: &mx.BIMI{Presence: resolver.Present, Why: "x", Records: []string{"v=BIMI1; l="}, Logo: "https://example.org/logo.svg", Authority: "https://example.org/vmc.pem"},
		CAA:  &mx.CAA{Presence: resolver.Present, Why: "x", At: "example.org", Issuers: []string{"ca.example"}},
	}
	row.Deliveries = []judge.Delivery{{Host: "mx1.example.org", Opportunistic: judge.Fare{Outcome: judge.Encrypted}, MTASTS: judge.Fare{Outcome: judge.Authenticated},
		DANE: judge.Fare{Outcome: judge.Authenticated}, RequireTLS: judge.Fare{Outcome: judge.Returned, Why: "REQUIRETLS is not offered"}}}
	return row
}

func finding() *scanner.FindingRow {
	return &scanner.FindingRow{Type: "finding", ID: "certificate-expired", Severity: scanner.High, Title: "The certificate has expired", Domain: "example.org",
		Host: "mx1.example.org", IP: netip.MustParseAddr("192.0.2.1"), Port: 25, Provider: "google", Domains: []string{"example.org"}, Evidence: "since 2026-02-01 \x1b[31m",
		Reference: "RFC 8461 s4.2", Fix: "certbot renew", Where: "on mx1.example.org", Accepted: true, Columns: scanner.Columns{{Name: "owner", Value: "ann"}}}
}

func run() *scanner.RunRow {
	return &scanner.RunRow{Type: "run", Rows: 4, Verdicts: map[string]int{"undeliverable": 2, "deliverable": 1, "unknown": 1}, Reasons: map[string]int{"bad_syntax": 1},
		Providers: map[string]int{"google": 3}, Servers: 2, Findings: map[string]int{"x": 1}, Interrupt: true, Budget: scanner.DurationBudget, Harvested: map[string]int{"guessed.example": 2}, StartedAt: noon, FinishedAt: noon.Add(61 * time.Second),
		Versions: scanner.Versions{Tool: "1.0.0", Rules: "r1", Lists: "l1"}, Flags: []string{"--ports=25"},
		Counts: scanner.Counts{Conversations: 3, Commands: 20, DNSQueries: 1, Asked: 5, Known: 2}}
}

func everything() []scanner.Row {
	return []scanner.Row{unknownMailbox(), badSyntax(), deliverable(), blocked(), server(), silent(), nullMX(), nxdomain(), unreadable(), routed(), tried(), promising(), finding(), run()}
}

// tell puts rows to a writer and closes it.
func tell(t testing.TB, w Writer, rows ...scanner.Row) {
	t.Helper()
	for _, row := range rows {
		if err := w.Put(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}
