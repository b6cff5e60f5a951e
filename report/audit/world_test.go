package audit

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/dane"
	"github.com/mxvet/mxvet/mx/mtasts"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/tlsinfo"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// now is when all specimens are judged.
var now = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// world is some servers and a domain that uses them, and what a user wants.
type world struct {
	servers []*scanner.ServerRow
	domain  *scanner.DomainRow
	policy  string
}

// first is the server that most specimens break.
func (w *world) first() *scanner.ServerRow { return w.servers[0] }

func (w *world) findings(t testing.TB) []*scanner.FindingRow {
	t.Helper()
	options := Options{Now: now}
	if w.policy != "" {
		policy, err := ReadPolicy(strings.NewReader(w.policy))
		if err != nil {
			t.Fatalf("policy: %v", err)
		}
		options.Policy = policy
	}
	a := New(options)
	for _, row := range w.servers {
		if early := a.Put(row); len(early) > 0 {
			t.Fatalf("a server's findings came before its domains: %v", early[0])
		}
	}
	var out []*scanner.FindingRow
	if w.domain != nil {
		out = a.Put(w.domain)
	}
	for f := range a.Close() {
		out = append(out, f)
	}
	return out
}

// sound is a domain of which there is nothing to say: two exchangers with both
// kinds of addresses, every fact measured.
func sound() *world {
	w := &world{domain: soundDomain()}
	for _, host := range w.domain.Route.Hosts {
		for _, ip := range host.Addresses {
			w.servers = append(w.servers, soundServer(host.Name, ip, 25))
		}
	}
	return w
}

func offered(lines ...string) smtp.Extensions {
	return smtp.ParseExtensions(append([]string{"mx1.example.org"}, lines...))
}

func hello(name string, lines ...string) *probe.Hello {
	extensions := offered(lines...)
	return &probe.Hello{Verb: "EHLO", Hello: name, Extensions: extensions, Auth: extensions.Auth()}
}

func everyday() []string {
	return []string{"PIPELINING", "SIZE 52428800", "ENHANCEDSTATUSCODES", "8BITMIME", "DSN", "SMTPUTF8", "CHUNKING"}
}

func soundServer(host string, ip netip.Addr, port uint16) *scanner.ServerRow {
	ms := int64(40)
	row := &scanner.ServerRow{Type: "server", Domains: []string{"example.org"}}
	row.Server = probe.Server{
		Host: host, IP: ip, Port: port, TLSName: host, Reachable: probe.Yes, Software: "Postfix", At: now,
		Greeting: &probe.Said{Code: 220, Text: host + " ESMTP Postfix"}, GreetingMS: &ms,
		Plain: hello(host, append(everyday(), "STARTTLS")...), StartTLS: probe.Yes,
		TLS: soundTLS(host), Encrypted: hello(host, append(everyday(), "REQUIRETLS")...),
		Vrfy: &probe.Said{Code: 252, Text: "2.0.0 postmaster"}, Expn: &probe.Said{Code: 502, Text: "5.5.1 no"}, Help: &probe.Said{Code: 214, Text: "2.0.0 none"},
		Resumed: probe.Yes, Oddities: []string{},
		Sweep: &tlsinfo.Sweep{
			Versions: []tlsinfo.Accepted{
				{Version: "TLSv1.3", Suites: []string{"TLS_AES_256_GCM_SHA384"}},
				{Version: "TLSv1.2", Suites: []string{"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"}},
			},
			Groups: []string{"X25519MLKEM768", "x25519"}, Order: "server", Connections: 5,
		},
		Conduct: &probe.Conduct{
			Enforced: probe.Trial{Answer: probe.No}, Injection: probe.Trial{Answer: probe.No}, BareLF: probe.Trial{Answer: probe.No},
			Relay: probe.Relay{Answer: probe.No},
		},
	}
	if submissionPort(port) {
		row.Encrypted = hello(host, append(everyday(), "AUTH SCRAM-SHA-256 PLAIN")...)
		row.Conduct.Enforced.Answer, row.Conduct.SubmitAuth.Answer = probe.Yes, probe.Yes
	}
	row.Reverse = &mx.Reverse{DNS: resolver.NoError, Names: []string{host}, Confirmed: host}
	row.Listed = []mx.Listing{{Zone: "zen.spamhaus.org", State: mx.DNSBLUnlisted}}
	return row
}

// spkiOf is a digest that each exchanger has for its own.
func spkiOf(host string) string { return strings.Repeat("a", 60) + "00" + host[2:3] + "0" }

func soundTLS(host string) *tlsinfo.Facts {
	return &tlsinfo.Facts{
		Version: "TLSv1.3", Cipher: "TLS_AES_256_GCM_SHA384", Group: "X25519MLKEM768", SNI: host,
		Certificates: []tlsinfo.Certificate{
			{
				Subject: "CN=" + host, Issuer: "CN=Good CA", Names: []string{host}, NotBefore: now.AddDate(0, -1, 0), NotAfter: now.AddDate(0, 2, 0),
				Key: "ECDSA P-256", Signature: "ECDSA-SHA256", SHA256: strings.Repeat("c", 62) + host[2:3] + "0", SPKI: spkiOf(host),
			},
			{
				Subject: "CN=Good CA", Issuer: "CN=Good CA", NotBefore: now.AddDate(-9, 0, 0), NotAfter: now.AddDate(9, 0, 0),
				Key: "RSA 4096", Signature: "SHA1-RSA", SHA256: strings.Repeat("d", 64), SPKI: strings.Repeat("e", 64),
			},
		},
		PKIX:   tlsinfo.PKIX{Status: tlsinfo.Valid},
		Staple: &tlsinfo.Staple{Status: "good", NextUpdate: now.AddDate(0, 0, 3)},
	}
}

func host(name string, preference uint16, addresses ...string) mx.Host {
	h := mx.Host{Name: name, Preference: preference, DNS: resolver.NoError, Secure: true, Provider: mx.ProviderOf(name).ID}
	for _, text := range addresses {
		h.Addresses = append(h.Addresses, netip.MustParseAddr(text))
	}
	return h
}

func soundDANE(h mx.Host) dane.Facts {
	f := dane.Facts{
		Host: h.Name, Port: 25, Base: h.Name, Status: dane.Usable,
		Records: []dane.Record{
			{Usage: 3, Selector: 1, Matching: 1, Data: spkiOf(h.Name), Usable: true},
			{Usage: 2, Selector: 1, Matching: 1, Data: strings.Repeat("e", 64), Usable: true},
		},
	}
	for _, ip := range h.Addresses {
		f.Matches = append(f.Matches, dane.Match{IP: ip, Verdict: dane.Matched, Records: []int{0, 1}})
	}
	return f
}

func soundDomain() *scanner.DomainRow {
	hosts := []mx.Host{host("mx1.example.org", 10, "192.0.2.1", "2001:db8::1"), host("mx2.example.org", 10, "198.51.100.2", "2001:db8:2::2")}
	maxAge, notAfter, lookups, voids := int64(2*week), now.AddDate(0, 2, 0), 1, 0
	row := &scanner.DomainRow{
		Type: "domain", Row: 1, Input: "example.org", Domain: "example.org", Kind: judge.MailKind,
		Route: scanner.RouteFacts{Source: mx.FromMX, DNS: resolver.NoError, Secure: true, Hosts: hosts},
	}
	row.Promises = mx.Promises{
		MTASTS: &mtasts.Facts{
			Presence: resolver.Present, Records: []string{"v=STSv1; id=20260101"}, ID: "20260101",
			Fetch: &mtasts.Fetch{
				URL: "https://mta-sts.example.org/.well-known/mta-sts.txt", Presence: resolver.Present, HTTPStatus: 200, ContentType: "text/plain",
				Mode: mtasts.Enforce, MaxAge: &maxAge, MX: []string{"mx1.example.org", "*.example.org"}, NotAfter: &notAfter,
			},
		},
		TLSRPT: &mx.TLSRPT{Presence: resolver.Present, Records: []string{"v=TLSRPTv1; rua=mailto:t@example.org"}, RUA: []string{"mailto:t@example.org"}},
		SPF:    &mx.SPF{Presence: resolver.Present, Records: []string{"v=spf1 mx -all"}, All: "-", Lookups: &lookups, Voids: &voids},
		DMARC: &mx.DMARC{
			Presence: resolver.Present, At: "example.org", Policy: "reject", RUA: []string{"mailto:d@example.org"},
			Records: []string{"v=DMARC1; p=reject; rua=mailto:d@example.org"},
		},
		DKIM: []mx.DKIM{{Selector: "2026", Presence: resolver.Present, Key: "Ed25519"}},
		BIMI: &mx.BIMI{Presence: resolver.Present, Records: []string{"v=BIMI1; l=https://example.org/l.svg"}, Logo: "https://example.org/l.svg"},
		CAA:  &mx.CAA{Presence: resolver.Present, At: "example.org", Issuers: []string{"good.example"}},
	}
	for _, h := range hosts {
		row.DANE = append(row.DANE, soundDANE(h))
		good := judge.Fare{Outcome: judge.Authenticated}
		row.Deliveries = append(row.Deliveries, judge.Delivery{Host: h.Name, Opportunistic: judge.Fare{Outcome: judge.Encrypted}, MTASTS: good, DANE: good, RequireTLS: good})
	}
	return row
}

// unmeasured is the same domain where nothing could be found out.
func unmeasured() *world {
	w := sound()
	for i, row := range w.servers {
		blank := &scanner.ServerRow{Type: "server", Domains: row.Domains}
		blank.Server = probe.Server{
			Host: row.Host, IP: row.IP, Port: row.Port, TLSName: row.TLSName, Reachable: probe.Inconclusive, Why: "no answer within 15s",
			StartTLS: probe.Inconclusive, TLSWhy: "no connection", Failure: &probe.Outcome{Stage: smtp.Connect, Cause: smtp.Timeout, Text: "no answer within 15s"},
		}
		blank.Reverse = &mx.Reverse{DNS: resolver.Timeout}
		blank.Listed = []mx.Listing{{Zone: "zen.spamhaus.org", State: mx.DNSBLRefuses}}
		w.servers[i] = blank
	}
	d := w.domain
	d.Kind, d.Route.Secure = judge.UnknownKind, false
	for i := range d.Route.Hosts {
		d.Route.Hosts[i].Secure = false
	}
	d.MTASTS = &mtasts.Facts{Presence: resolver.Unproven, Why: "SERVFAIL"}
	d.TLSRPT = &mx.TLSRPT{Presence: resolver.Unproven}
	d.SPF = &mx.SPF{Presence: resolver.Unproven}
	d.DMARC = &mx.DMARC{Presence: resolver.Unproven}
	d.DKIM = []mx.DKIM{{Selector: "2026", Presence: resolver.Unproven}}
	d.BIMI = &mx.BIMI{Presence: resolver.Unproven}
	d.CAA = &mx.CAA{Presence: resolver.Unproven}
	unknown := judge.Fare{Outcome: judge.NotMeasured}
	for i := range d.DANE {
		d.DANE[i] = dane.Facts{Host: d.DANE[i].Host, Port: 25, Status: dane.Untrusted}
		d.Deliveries[i] = judge.Delivery{Host: d.DANE[i].Host, Opportunistic: unknown, MTASTS: unknown, DANE: unknown, RequireTLS: unknown}
	}
	return w
}

// unasked is the same domain where nothing beyond its route was looked at.
func unasked() *world {
	w := unmeasured()
	for _, row := range w.servers {
		row.Reverse, row.Listed, row.Failure = nil, nil, nil
	}
	w.domain.Promises, w.domain.Deliveries = mx.Promises{}, nil
	return w
}

// unresolved is a domain whose DNS does not answer.
func unresolved() *world {
	w := &world{domain: unasked().domain}
	w.domain.Route = scanner.RouteFacts{Source: mx.None, DNS: resolver.ServFail}
	return w
}

// withoutIPv6 is the sound domain, seen from a machine that has no IPv6.
func withoutIPv6() *world {
	w := sound()
	for i, row := range w.servers {
		if row.IP.Is6() {
			blank := unmeasured().servers[i]
			blank.Why = "this machine has no IPv6"
			blank.Failure = &probe.Outcome{Stage: smtp.Connect, Cause: probe.NotAllowed, Text: blank.Why}
			w.servers[i] = blank
		}
	}
	for i := range w.domain.DANE {
		w.domain.DANE[i].Matches[1] = dane.Match{IP: w.domain.DANE[i].Matches[1].IP, Verdict: dane.Unmeasured}
	}
	return w
}

// everyWish is a policy that wants everything.
const everyWish = `
[expect]
starttls = true
min_tls = "1.3"
trusted_certificate = true
min_rsa = 3072
post_quantum = true
requiretls = true
dane = true
dnssec = true
ipv6 = true
mta_sts = "enforce"
tls_rpt = true
spf = "fail"
dmarc = "reject"
`
