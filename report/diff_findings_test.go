package report

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/dane"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/tlsinfo"
	"github.com/mxvet/mxvet/report/audit"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// scanned is one scan of one domain with two exchangers: the first has no TLS,
// the second much that is wrong.
type scanned struct {
	first, second *scanner.ServerRow
	domain        *scanner.DomainRow
	at            time.Time
	lost          bool // the second server has no row
}

func anyScan() *scanned {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	one, two := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	hello := &probe.Hello{Verb: "EHLO", Hello: "mx2.example.org", Extensions: smtp.Extensions{{Keyword: "STARTTLS"}, {Keyword: "VRFY"}}}
	inner := &probe.Hello{Verb: "EHLO", Hello: "mx2.example.org", Extensions: smtp.Extensions{{Keyword: "VRFY"}}}
	return &scanned{
		at: at,
		first: &scanner.ServerRow{Domains: []string{"example.org"}, Server: probe.Server{
			Host: "mx1.example.org", IP: one, Port: 25, TLSName: "mx1.example.org", Reachable: probe.Yes, StartTLS: probe.No,
			Greeting: &probe.Said{Code: 220, Text: "mx1.example.org"}, Plain: &probe.Hello{Verb: "EHLO", Hello: "mx1.example.org"}}},
		second: &scanner.ServerRow{Domains: []string{"example.org"}, Server: probe.Server{
			Host: "mx2.example.org", IP: two, Port: 25, TLSName: "mx2.example.org", Reachable: probe.Yes, StartTLS: probe.Yes,
			Greeting: &probe.Said{Code: 220, Text: "mx2.example.org"}, Plain: hello, Encrypted: inner,
			Vrfy: &probe.Said{Code: 250, Text: "2.1.5 Postmaster, asked at 12:00:00"},
			TLS: &tlsinfo.Facts{Version: "TLSv1.2", Cipher: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", Group: "X25519MLKEM768",
				Certificates: []tlsinfo.Certificate{{Subject: "CN=mx2.example.org", Issuer: "CN=CA", NotBefore: at.AddDate(0, -3, 0), NotAfter: at.AddDate(0, 0, -1)}},
				PKIX:         tlsinfo.PKIX{Status: tlsinfo.Expired, Reason: "expired on 2026-02-28"}},
			Sweep:   &tlsinfo.Sweep{Versions: []tlsinfo.Accepted{{Version: "SSLv3"}}},
			Conduct: &probe.Conduct{BareLF: probe.Trial{Answer: probe.Yes}, Relay: probe.Relay{Answer: probe.Yes, Why: "taken"}}},
			Reverse: &mx.Reverse{DNS: resolver.NXDomain},
			Listed:  []mx.Listing{{Zone: "bl.example", State: mx.DNSBLListed}}},
		domain: &scanner.DomainRow{Domain: "example.org", Kind: judge.MailKind,
			Route: scanner.RouteFacts{Source: mx.FromMX, DNS: resolver.NoError, Secure: true, Hosts: []mx.Host{
				{Name: "mx1.example.org", Preference: 10, Addresses: []netip.Addr{one}, DNS: resolver.NoError, Secure: true},
				{Name: "mx2.example.org", Preference: 20, Addresses: []netip.Addr{two}, DNS: resolver.NoError, Secure: true}}},
			Promises: mx.Promises{
				SPF:   &mx.SPF{Presence: resolver.Absent},
				DMARC: &mx.DMARC{Presence: resolver.Absent},
				DKIM:  []mx.DKIM{{Selector: "s1", Presence: resolver.Absent}},
				DANE: []dane.Facts{{Host: "mx1.example.org", Port: 25, Status: dane.Insecure}, {Host: "mx2.example.org", Port: 25, Base: "_25._tcp.mx2.example.org", Status: dane.Usable,
					Records: []dane.Record{{Usage: 3, Selector: 1, Matching: 1, Data: "00", Usable: true}}, Matches: []dane.Match{{IP: two, Verdict: dane.Mismatched}}}},
			}},
	}
}

// replay judges by all checks, but tells only of those that the specimens are about.
func (s *scanned) replay(sink scanner.Sink) error {
	about := strings.Fields("starttls_absent cert_expired sweep_sslv3 bare_lf open_relay vrfy_reveals ptr_missing dnsbl_listed spf_absent dkim_absent tlsa_mismatch")
	auditor := audit.New(audit.Options{Now: s.at})
	var found []*scanner.FindingRow
	rows := []scanner.Row{s.first, s.second, s.domain}
	if s.lost {
		rows = []scanner.Row{s.first, s.domain}
	}
	for _, row := range rows {
		if err := sink.Put(row); err != nil {
			return err
		}
		found = append(found, auditor.Put(row)...)
	}
	for _, f := range append(found, slices.Collect(auditor.Close())...) {
		if slices.Contains(about, f.ID) {
			if err := sink.Put(f); err != nil {
				return err
			}
		}
	}
	return nil
}

func TestFindingsThatAreNotThereAnyMore(t *testing.T) {
	const all = 11
	for _, specimen := range []struct {
		name   string
		change func(*scanned)
		want   string // change, check and why, a line each, in the order of checks
		same   int
	}{
		{"nothing changed", func(*scanned) {}, "", all},
		{"only times changed", func(s *scanned) { s.second.Vrfy.Text = "2.1.5 Postmaster, asked at 13:14:15" }, "", all},
		{"another certificate that is over", func(s *scanned) { s.second.TLS.Certificates[0].Subject = "CN=other" }, "changed cert_expired", all - 1},
		{"STARTTLS is offered now", func(s *scanned) {
			s.first.StartTLS, s.first.TLS, s.first.Encrypted = probe.Yes, &tlsinfo.Facts{Version: "TLSv1.3", PKIX: tlsinfo.PKIX{Status: tlsinfo.Valid}}, s.first.Plain
		}, "gone starttls_absent", all - 1},
		{"the server hung up before EHLO", func(s *scanned) {
			s.first.Plain, s.first.StartTLS = nil, probe.Inconclusive
		}, "not_measured starttls_absent: TLS was not reached", all - 1},
		{"a 421 instead of a handshake", func(s *scanned) {
			s.second.TLS, s.second.Encrypted, s.second.StartTLS, s.second.Sweep = nil, nil, probe.Inconclusive, nil
			s.domain.DANE[1].Matches = []dane.Match{{IP: s.second.IP, Verdict: dane.Unmeasured}}
		}, `
not_measured cert_expired: TLS was not reached
not_measured sweep_sslv3: TLS was not swept, or not to the end (--tls-sweep)
not_measured tlsa_mismatch: TLSA records were not seen, not trusted, or not held against a certificate`, all - 3},
		{"no flag was given", func(s *scanned) {
			s.second.Sweep, s.second.Conduct, s.second.Listed, s.domain.DKIM = nil, nil, nil, nil
		}, `
not_measured bare_lf: it was not tried, or to no end (--intrusive)
not_measured dkim_absent: other DKIM selectors were looked at
not_measured dnsbl_listed: other blocklists were asked
not_measured open_relay: it was not tried, or to no end (--relay-test)
not_measured sweep_sslv3: TLS was not swept, or not to the end (--tls-sweep)`, all - 5},
		{"the sweep broke off", func(s *scanned) { s.second.Sweep = &tlsinfo.Sweep{Why: "the server hung up"} },
			"not_measured sweep_sslv3: TLS was not swept, or not to the end (--tls-sweep)", all - 1},
		{"nobody is tricked any more", func(s *scanned) {
			s.second.Conduct = &probe.Conduct{BareLF: probe.Trial{Answer: probe.No}, Relay: probe.Relay{Answer: probe.No}}
		}, "gone bare_lf\ngone open_relay", all - 2},
		{"a relay test that was put off", func(s *scanned) { s.second.Conduct.Relay = probe.Relay{Answer: probe.Inconclusive, Why: "421"} },
			"not_measured open_relay: it was not tried, or to no end (--relay-test)", all - 1},
		{"VRFY is no longer offered", func(s *scanned) {
			s.second.Vrfy, s.second.Plain, s.second.Encrypted = nil, s.first.Plain, s.first.Plain
		}, "gone vrfy_reveals", all - 1},
		{"VRFY got no answer", func(s *scanned) { s.second.Vrfy = nil }, "not_measured vrfy_reveals: VRFY was not answered", all - 1},
		{"the records are there", func(s *scanned) {
			s.domain.SPF = &mx.SPF{Presence: resolver.Present, Records: []string{"v=spf1 mx -all"}, All: "-"}
		}, "gone spf_absent", all - 1},
		{"SERVFAIL on TXT", func(s *scanned) { s.domain.SPF = &mx.SPF{Presence: resolver.Unproven} },
			"not_measured spf_absent: the record was not looked up, or DNS did not answer", all - 1},
		{"other DKIM selectors", func(s *scanned) { s.domain.DKIM = []mx.DKIM{{Selector: "s2", Presence: resolver.Present}} },
			"not_measured dkim_absent: other DKIM selectors were looked at", all - 1},
		{"a resolver that is not believed", func(s *scanned) {
			s.domain.DANE[1] = dane.Facts{Host: "mx2.example.org", Port: 25, Status: dane.Untrusted}
		},
			"not_measured tlsa_mismatch: TLSA records were not seen, not trusted, or not held against a certificate", all - 1},
		{"the TLSA look-up fails", func(s *scanned) {
			s.domain.DANE[1] = dane.Facts{Host: "mx2.example.org", Port: 25, Status: dane.Deferred}
		},
			"not_measured tlsa_mismatch: TLSA records were not seen, not trusted, or not held against a certificate", all - 1},
		{"the TLSA record matches", func(s *scanned) { s.domain.DANE[1].Matches[0].Verdict = dane.Matched },
			"gone cert_expired\ngone tlsa_mismatch", all - 2}, // DANE vouches for the key, whatever the certificate's dates
		{"the exchanger was taken out of the MX", func(s *scanned) {
			s.lost, s.domain.Route.Hosts, s.domain.DANE = true, s.domain.Route.Hosts[:1], s.domain.DANE[:1]
		}, `
gone bare_lf: no mail goes there any more
gone cert_expired: no mail goes there any more
gone dnsbl_listed: no mail goes there any more
gone open_relay: no mail goes there any more
gone ptr_missing: no mail goes there any more
gone sweep_sslv3: no mail goes there any more
gone tlsa_mismatch: no mail goes there any more
gone vrfy_reveals: no mail goes there any more`, all - 8},
		{"the run was cut short before the server", func(s *scanned) { s.lost, s.domain.DANE[1].Matches = true, nil }, `
not_measured bare_lf: the server was not asked
not_measured cert_expired: the server was not asked
not_measured dnsbl_listed: the server was not asked
not_measured open_relay: the server was not asked
not_measured ptr_missing: the server was not asked
not_measured sweep_sslv3: the server was not asked
not_measured tlsa_mismatch: TLSA records were not seen, not trusted, or not held against a certificate
not_measured vrfy_reveals: the server was not asked`, all - 8},
		{"another domain was scanned", func(s *scanned) {
			s.domain.Domain, s.lost, s.domain.Route.Hosts, s.domain.DANE = "other.example", true, nil, nil
			s.domain.SPF, s.domain.DKIM = nil, nil
		}, `
not_measured bare_lf: its domains were not all among those scanned
not_measured cert_expired: its domains were not all among those scanned
not_measured dkim_absent: the domain was not among those scanned
not_measured dnsbl_listed: its domains were not all among those scanned
not_measured open_relay: its domains were not all among those scanned
not_measured ptr_missing: its domains were not all among those scanned
not_measured spf_absent: the domain was not among those scanned
not_measured sweep_sslv3: its domains were not all among those scanned
not_measured tlsa_mismatch: its domains were not all among those scanned
not_measured vrfy_reveals: its domains were not all among those scanned`, all - 10},
	} {
		t.Run(specimen.name, func(t *testing.T) {
			newer := anyScan()
			specimen.change(newer)
			changes, same, err := DiffFindings(anyScan().replay, newer.replay)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.TrimSpace(specimen.want), briefly(changes)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if same != specimen.same {
				t.Errorf("%d findings are as they were, want %d", same, specimen.same)
			}
		})
	}
}

// briefly is a line for each change, sorted by check.
func briefly(changes []FindingChange) string {
	var lines []string
	for _, change := range changes {
		lines = append(lines, because(string(change.Change)+" "+change.Finding().ID, change.Why))
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(strings.Fields(a)[1], strings.Fields(b)[1]) })
	return strings.Join(lines, "\n")
}

func TestNewFindings(t *testing.T) {
	older := anyScan()
	older.first.StartTLS, older.first.TLS, older.first.Encrypted = probe.Yes, &tlsinfo.Facts{Version: "TLSv1.3"}, older.first.Plain
	older.second.Sweep = nil
	changes, same, err := DiffFindings(older.replay, anyScan().replay)
	if err != nil {
		t.Fatal(err)
	}
	want := "new starttls_absent\nnew sweep_sslv3: not measured before: TLS was not swept, or not to the end (--tls-sweep)"
	if diff := cmp.Diff(want, briefly(changes)); diff != "" || same != 9 {
		t.Errorf("-want +got:\n%s\n%d as they were", diff, same)
	}
	if changes[0].Is == nil || changes[0].Was != nil || changes[0].Is.ID != "starttls_absent" {
		t.Errorf("the worst is not first: %+v", changes[0])
	}
}

// A check that rests on nothing would be gone whenever nobody looked.
func TestEveryCheckRestsOnFacts(t *testing.T) {
	known := map[string]bool{}
	for _, check := range audit.Checks() {
		known[check.ID] = true
		if basisOf(check.ID) == ^fact(0) {
			t.Errorf("%s is not among the bases", check.ID)
		}
	}
	counted := map[string]int{}
	for _, one := range bases {
		for id := range strings.FieldsSeq(one.checks) {
			counted[id]++
			if !known[id] || counted[id] > 1 {
				t.Errorf("%s: no such check, or twice among the bases", id)
			}
		}
		if fact(0).missing(one.fact) == "" {
			t.Errorf("%s: nothing says what is missing", one.checks)
		}
	}
}

func TestWriteFindingChanges(t *testing.T) {
	newer := anyScan()
	newer.first.StartTLS, newer.first.TLS, newer.first.Encrypted = probe.Yes, &tlsinfo.Facts{Version: "TLSv1.3", PKIX: tlsinfo.PKIX{Status: tlsinfo.Valid}}, newer.first.Plain
	newer.second.Sweep, newer.second.TLS.Certificates[0].Subject = nil, "CN=other"
	older := anyScan()
	older.domain.SPF = &mx.SPF{Presence: resolver.Present, Records: []string{"v=spf1 mx -all"}, All: "-"}
	changes, same, err := DiffFindings(older.replay, newer.replay)
	if err != nil {
		t.Fatal(err)
	}
	for _, width := range [...]int{60, 100} {
		var out strings.Builder
		if err := WriteFindingChanges(&out, changes, same, TableOptions{Width: width}); err != nil {
			t.Fatal(err)
		}
		golden(t, fmt.Sprintf("changes%d.txt", width), out.String())
		for text := range strings.Lines(out.String()) {
			if textWidth(strings.TrimRight(text, "\n")) > width {
				t.Errorf("wider than %d: %s", width, text)
			}
		}
	}
	var page strings.Builder
	if err := WriteFindingChangesMarkdown(&page, changes, same); err != nil {
		t.Fatal(err)
	}
	golden(t, "changes.md", page.String())
}
