package audit

import (
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// other is the sound domain under another name, with the same exchangers.
func other(name string) *scanner.DomainRow {
	row := soundDomain()
	row.Domain, row.Input, row.DMARC.At = name, name, name
	return row
}

func audited(options Options, rows ...scanner.Row) []*scanner.FindingRow {
	a := New(options)
	var out []*scanner.FindingRow
	for _, row := range rows {
		out = append(out, a.Put(row)...)
	}
	for f := range a.Close() {
		out = append(out, f)
	}
	return out
}

func rowsOf(w *world, domains ...*scanner.DomainRow) []scanner.Row {
	var rows []scanner.Row
	for _, row := range w.servers {
		rows = append(rows, row)
	}
	for _, row := range domains {
		rows = append(rows, row)
	}
	return rows
}

// brief is what a finding is and whom it touches.
func brief(list []*scanner.FindingRow) []string {
	var out []string
	for _, f := range list {
		out = append(out, fmt.Sprintf("%s %s %s%s%s:%d %v", f.Severity, f.ID, f.Domain, f.Host, f.Provider, f.Port, f.Domains))
	}
	return out
}

func want(t *testing.T, got []*scanner.FindingRow, lines ...string) {
	t.Helper()
	if diff := cmp.Diff(lines, brief(got)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestServerSharedByDomains(t *testing.T) {
	w := sound()
	inClear(w, 0)
	a, b := other("a.example"), other("b.example")
	a.MTASTS, b.MTASTS, a.SPF = nil, nil, &mx.SPF{Presence: resolver.Absent}
	got := audited(Options{Now: now}, rowsOf(w, a, b)...)
	want(t, got,
		"medium spf_absent a.example:0 []",
		"high starttls_absent mx1.example.org:25 [a.example b.example]",
		"medium pool_starttls mx1.example.org:25 [a.example b.example]",
	)
	if text := Shared(got[1]); text != "shared by 2 of your domains" {
		t.Errorf("Shared is %q", text)
	}
	if text := Shared(got[0]); text != "" {
		t.Errorf("Shared of a domain's finding is %q", text)
	}
}

func TestProviderOnce(t *testing.T) {
	var rows []scanner.Row
	var list []mx.Host
	for i, name := range []string{"aspmx.l.google.com", "alt1.aspmx.l.google.com", "alt2.aspmx.l.google.com"} {
		h := host(name, uint16(i), fmt.Sprintf("192.0.2.%d", i+1), fmt.Sprintf("2001:db8::%d", i+1))
		list = append(list, h)
		for _, ip := range h.Addresses {
			row := soundServer(name, ip, 25)
			row.Software, row.StartTLS, row.TLS, row.Encrypted = "Postfix", probe.No, nil, nil
			row.Plain = hello(name, everyday()...)
			rows = append(rows, row)
		}
	}
	for _, name := range []string{"b.example", "a.example"} {
		row := other(name)
		row.Route.Hosts, row.DANE, row.MTASTS, row.Deliveries = list, nil, nil, nil
		rows = append(rows, row)
	}
	got := audited(Options{Now: now}, rows...)
	want(t, got, "high starttls_absent google:0 [b.example a.example]")
	if f := got[0]; f.Fix != "" || f.Host != "" || f.IP.IsValid() ||
		f.Evidence != "alt1.aspmx.l.google.com[192.0.2.2]:25: offered: 8BITMIME CHUNKING DSN ENHANCEDSTATUSCODES PIPELINING SIZE SMTPUTF8 (and 5 more)" {
		t.Errorf("a provider's finding has fix %q, host %q, evidence %q", f.Fix, f.Host, f.Evidence)
	}
}

// A domain that takes no mail has no servers to be blamed for and no keys to sign
// with, whatever else its zone has.
func TestNoMailDomain(t *testing.T) {
	w := sound()
	inClear(w, 0)
	w.first().Reverse = &mx.Reverse{DNS: resolver.NXDomain}
	row := w.domain
	row.Kind = judge.NoMailKind
	row.SPF, row.TLSRPT, row.CAA = &mx.SPF{Presence: resolver.Present, Records: []string{"v=spf1 -all"}, All: "-", Nobody: true}, &mx.TLSRPT{Presence: resolver.Absent}, nil
	row.DKIM = []mx.DKIM{{Selector: "x", Presence: resolver.Faulty}}
	row.MTASTS.Presence, row.MTASTS.Fetch = resolver.Absent, nil
	want(t, audited(Options{Now: now}, rowsOf(w, row)...), "low no_mail_incomplete example.org:0 []")

	row.Route.Source = mx.Null
	want(t, audited(Options{Now: now}, rowsOf(w, row)...))
}

// A server that the user named has findings without any domain, and those of its
// line's columns.
func TestServerByItself(t *testing.T) {
	row := soundServer("mx1.example.org", netip.MustParseAddr("192.0.2.1"), 587)
	columns := scanner.Columns{{Name: "owner", Value: "ann"}}
	row.Encrypted = hello("mx1.example.org", everyday()...)
	row.Domains, row.Targets = nil, []scanner.Target{{Row: 1, Input: "mx1.example.org:587", Columns: columns}}
	got := audited(Options{Now: now}, row)
	want(t, got, "medium submission_no_auth mx1.example.org:587 []")
	if diff := cmp.Diff(columns, got[0].Columns); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
}

// An exchanger need not serve users; a server that the user named for them does.
func TestClosedPortForUsers(t *testing.T) {
	row := soundServer("mx1.example.org", netip.MustParseAddr("192.0.2.1"), 587)
	refused(&world{servers: []*scanner.ServerRow{row}}, 0)
	want(t, audited(Options{Now: now}, row))
	row.Domains = nil
	want(t, audited(Options{Now: now}, row), "low server_unreachable mx1.example.org:587 []")
}

// In a file without its domains' rows a server's own word about them stands.
func TestServerWithoutItsDomains(t *testing.T) {
	w := sound()
	inClear(w, 0)
	want(t, audited(Options{Now: now}, w.first()), "high starttls_absent mx1.example.org:25 [example.org]")
}

// MX records that lead nowhere are a fault, unless they are an old way to say
// that there is no mail. Nobody is told both to mend them and to take them out.
func TestRoutesToNowhere(t *testing.T) {
	row := other("example.org")
	row.Promises, row.Deliveries, row.Kind = mx.Promises{SPF: &mx.SPF{Presence: resolver.Absent}}, nil, judge.NoMailKind
	row.Route.Hosts = []mx.Host{{Name: "localhost", Faults: []mx.Fault{mx.Localhost}}}
	want(t, audited(Options{Now: now}, row),
		"critical no_exchanger_usable example.org:0 []",
		"medium mx_name_unusable example.org:0 []",
	)
	row.SPF = &mx.SPF{Presence: resolver.Present, Records: []string{"v=spf1 -all"}, All: "-", Nobody: true}
	want(t, audited(Options{Now: now}, row), "low no_mail_incomplete example.org:0 []")

	row.Route = scanner.RouteFacts{Source: mx.Null, DNS: resolver.NoError, Hosts: []mx.Host{{Name: ".", Preference: 10, Faults: []mx.Fault{mx.RootTarget}}}}
	want(t, audited(Options{Now: now}, row), "medium null_mx_beside_others example.org:0 []")
}

// A line about SPF never shuts out the domain's own servers.
func TestSPFLines(t *testing.T) {
	for name, row := range map[string]struct {
		records []string
		want    string
	}{
		"everybody, and nobody else":   {[]string{"v=spf1 +all"}, `"v=spf1 mx ~all"`},
		"everybody, with an exp":       {[]string{"v=spf1 all exp=why.example.org"}, `"v=spf1 mx ~all"`},
		"everybody beside the servers": {[]string{"v=spf1 ip4:192.0.2.0/24 +all"}, `"v=spf1 ip4:192.0.2.0/24 ~all"`},
		"ptr alone":                    {[]string{"v=spf1 ptr -all"}, `"v=spf1 mx ~all"`},
		"two records, one for all":     {[]string{"v=spf1 mx +all", "v=spf1 a -all"}, `"v=spf1 mx a -all"`},
		"two records, both for all":    {[]string{"v=spf1 mx all", "v=spf1 a ?all"}, `"v=spf1 mx a ~all"`},
	} {
		t.Run(name, func(t *testing.T) {
			w := sound()
			w.domain.SPF = &mx.SPF{Presence: resolver.Present, Records: row.records}
			if len(row.records) > 1 {
				w.domain.SPF.Presence = resolver.Faulty
			} else if last := row.records[0]; !strings.HasSuffix(last, "-all") {
				w.domain.SPF.All = "+"
			}
			var fixes []string
			for _, f := range w.findings(t) {
				fixes = append(fixes, f.Fix)
			}
			if diff := cmp.Diff([]string{"example.org. IN TXT " + row.want}, fixes); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

// A long text is cut between octets, and an escaped one stays whole.
func TestTXTInPieces(t *testing.T) {
	text := strings.Repeat("a", 254) + `"` + "b"
	want := `x. IN TXT "` + strings.Repeat("a", 254) + `\"" "b"`
	if diff := cmp.Diff(want, txt("x", text)); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
}

func TestDANEVouches(t *testing.T) {
	w := sound()
	w.domain.MTASTS = nil
	w.first().TLS.PKIX.Status, w.first().TLS.PKIX.Reason = "self_signed", "self-signed"
	want(t, w.findings(t))
	w.domain.DANE[0].Matches = w.domain.DANE[0].Matches[1:]
	want(t, w.findings(t), "low cert_self_signed mx1.example.org:25 [example.org]")
}

func TestDatesNeedATime(t *testing.T) {
	w := sound()
	w.domain.DANE = nil
	w.first().TLS.Certificates[0].NotAfter = now.AddDate(0, 0, 2)
	want(t, w.findings(t), "medium cert_expiring mx1.example.org:25 [example.org]")
	want(t, audited(Options{}, rowsOf(w, w.domain)...))
}

func TestSameRowsSameFindings(t *testing.T) {
	render := func() []string {
		w := sound()
		for _, s := range []string{"starttls_absent", "spf_multiple", "dnsbl_listed", "pool_extensions", "mx_dnssec_absent"} {
			at := slices.IndexFunc(specimens(), func(one specimen) bool { return one.id == s })
			specimens()[at].infect(w)
		}
		var lines []string
		for _, f := range w.findings(t) {
			lines = append(lines, fmt.Sprintf("%+v", *f))
		}
		return lines
	}
	first := render()
	if len(first) < 5 {
		t.Fatalf("%d findings, want at least 5: %q", len(first), first)
	}
	for range 20 {
		if diff := cmp.Diff(first, render()); diff != "" {
			t.Fatalf("another order (-first +later):\n%s", diff)
		}
	}
}

// Bad input rows and rows of other kinds say nothing.
func TestRowsWithoutFacts(t *testing.T) {
	bad := other("b.example")
	bad.Error, bad.SPF = "not a domain", &mx.SPF{Presence: resolver.Absent}
	want(t, audited(Options{Now: now}, bad, &scanner.VerdictRow{}, &scanner.RunRow{}, &scanner.FindingRow{ID: "x"}))
}

// A hundred thousand domains, each with a server of its own that has several
// faults, must leave room within 300 MB for everything else: 1.6 kB a domain.
func TestMemoryOfManyDomains(t *testing.T) {
	const domains = 10_000
	a := New(Options{Now: now})
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for i := range domains {
		name := fmt.Sprintf("d%06d.example", i)
		ip := netip.AddrFrom4([4]byte{192, byte(i >> 16), byte(i >> 8), byte(i)})
		server := soundServer("mx."+name, ip, 25)
		server.Domains = []string{name}
		server.StartTLS, server.TLS, server.Encrypted = probe.No, nil, nil
		server.Plain, server.Reverse = hello("mx."+name, "AUTH PLAIN", "XCLIENT"), &mx.Reverse{DNS: resolver.NXDomain}
		row := other(name)
		row.Route.Hosts, row.DANE, row.MTASTS, row.Deliveries = []mx.Host{host("mx."+name, 10, ip.String())}, nil, nil, nil
		a.Put(server)
		if got := a.Put(row); len(got) != 1 || got[0].ID != "mx_single" {
			t.Fatalf("%s: %v", name, brief(got))
		}
	}
	after := heap()
	if each := float64(after-before) / domains; each > 1600 {
		t.Errorf("%.0f octets a domain, want at most 1600", each)
	} else {
		t.Logf("%.0f octets a domain", each)
	}
	n := 0
	for range a.Close() {
		n++
	}
	if want := 6 * domains; n != want { // starttls_absent, auth_in_clear, auth_on_exchanger, ext_xclient, ptr_missing, ipv6_missing
		t.Errorf("%d findings of servers, want %d", n, want)
	}
}
