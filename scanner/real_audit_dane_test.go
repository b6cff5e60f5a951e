//go:build unix

package scanner_test

import (
	"fmt"
	"maps"
	"net/netip"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mxvet/mxvet/mx/dane"
	"github.com/mxvet/mxvet/mx/realtest"
	"github.com/mxvet/mxvet/scanner/judge"
)

// keptDANE is what DANE comes to for a domain: the status of its exchanger's
// records, what the server's certificate is to them, whether there is room for
// another key, how mail fares, and what is found.
type keptDANE struct {
	Status   dane.Status
	Verdict  dane.Verdict // empty where no certificate was held against records
	By       string       // whose record matches, where one does
	Fare     judge.FareWord
	Findings []string
}

// TestRealAuditOfDANE has one Postfix under many names, with records of all
// kinds, and changes its certificate.
func TestRealAuditOfDANE(t *testing.T) {
	t.Parallel()
	names := []string{"right", "wrong", "rolled", "early", "issuer", "ends", "names", "none", "broken", "island", "open"}
	for i, name := range names {
		names[i] = "mx." + name + ".test"
	}
	names[len(names)-1] = "mx.open.insecure.test"
	ca := newRealAuthority(t)
	today, next, other := ca.leaf(t, realKind{}, names...), ca.leaf(t, realKind{}, names...), ca.leaf(t, realKind{}, names...)
	ip := realtest.Place(t, 25)
	at := netip.AddrPortFrom(ip, 25)
	postfix := realStartPostfix(t, realPostfixFiles{
		"main.cf": "myhostname = mx.right.test\nmynetworks =\nsmtpd_tls_security_level = may\nsmtpd_tls_chain_files = DIR/server.pem\n", "server.pem": today.bundle,
	}, realListener{addr: at})
	dns := realtest.SignedDNS(t, daneZones(ip, ca, today, next, other)...)

	var domains []string
	for _, name := range names {
		domains = append(domains, strings.TrimPrefix(name, "mx."))
	}
	whose := map[string]string{ca.digest(dane.SPKI): "authority", today.digest(dane.SPKI): "today", next.digest(dane.SPKI): "next", today.digest(dane.Cert): "today, whole"}
	look := func(t *testing.T, want map[string]keptDANE) {
		t.Helper()
		a := realAudit(t, realAuditor(t, dns, ca.pool), domains...)
		same(t, "domains", len(want), len(a.domains))
		for _, row := range a.domains {
			same(t, row.Domain, want[row.Domain], a.dane(t, row.Domain, whose))
			byOthers(t, dns, at, a, row.Domain)
		}
	}
	before := map[string]keptDANE{
		"right.test":         {dane.Usable, dane.Matched, "today", judge.Authenticated, []string{"tlsa_rollover"}},
		"wrong.test":         {dane.Usable, dane.Mismatched, "", judge.Delayed, []string{"delivery_dane_stops", "tlsa_mismatch"}},
		"rolled.test":        {dane.Usable, dane.Matched, "today", judge.Authenticated, nil},
		"early.test":         {dane.Usable, dane.Mismatched, "", judge.Delayed, []string{"delivery_dane_stops", "tlsa_mismatch"}},
		"issuer.test":        {dane.Usable, dane.Matched, "authority", judge.Authenticated, nil},
		"ends.test":          {dane.Unusable, dane.Unmeasured, "", judge.Encrypted, []string{"tlsa_unusable"}},
		"names.test":         {dane.Usable, dane.Matched, "today, whole", judge.Authenticated, []string{"tlsa_rollover", "tlsa_whole_certificate"}},
		"none.test":          {dane.None, "", "", judge.Encrypted, []string{"dane_absent"}},
		"broken.test":        {dane.Deferred, "", "", judge.Delayed, []string{"delivery_dane_stops", "tlsa_lookup_fails"}},
		"island.test":        {dane.Insecure, "", "", judge.Encrypted, []string{"tlsa_without_dnssec"}},
		"open.insecure.test": {dane.Insecure, "", "", judge.Encrypted, []string{"mx_dnssec_absent"}},
	}
	t.Run("today's certificate", func(t *testing.T) { look(t, before) })
	realFile(t, filepath.Join(postfix.dir, "server.pem"), next.bundle)
	if said, err := exec.Command(realProgram(t, "postfix"), "-c", postfix.dir, "reload").CombinedOutput(); err != nil {
		t.Fatalf("postfix reload: %v\n%s", err, said)
	}
	// Processes that have the old one end at their convenience, some after one more conversation.
	realWithin(t, 20*time.Second, "the next certificate five times in a row", func() bool {
		for range 5 {
			if _, shown, _ := strings.Cut(realLook(t, at, false).TLS, " "); shown != next.digest(dane.Cert) {
				return false
			}
		}
		return true
	})
	t.Run("the next certificate", func(t *testing.T) {
		after := maps.Clone(before)
		after["right.test"] = before["wrong.test"]
		after["early.test"] = keptDANE{dane.Usable, dane.Matched, "next", judge.Authenticated, []string{"tlsa_rollover"}}
		after["rolled.test"] = keptDANE{dane.Usable, dane.Matched, "next", judge.Authenticated, nil}
		after["names.test"] = keptDANE{dane.Usable, dane.Mismatched, "", judge.Delayed, []string{"delivery_dane_stops", "tlsa_mismatch", "tlsa_whole_certificate"}}
		look(t, after)
	})
}

// daneZones are the records of all names, for one server.
func daneZones(ip netip.Addr, ca *realAuthority, today, next, other realLeaf) []realtest.Zone {
	line := func(host string, leaf realLeaf, usage uint8) string {
		return dane.Line(host, 25, dane.From(leaf.certificate, usage, dane.SPKI, dane.SHA256)) + "\n"
	}
	domain := func(name string) string {
		return fmt.Sprintf("%[1]s. MX 10 mx.%[1]s.\nmx.%[1]s. A %[2]s\n", name, ip)
	}
	records := line("mx.right.test", today, dane.EE) +
		line("mx.wrong.test", other, dane.EE) +
		line("mx.rolled.test", today, dane.EE) + line("mx.rolled.test", next, dane.EE) +
		line("mx.early.test", next, dane.EE) +
		dane.Line("mx.issuer.test", 25, dane.From(ca.certificate, dane.TA, dane.SPKI, dane.SHA256)) + "\n" +
		line("mx.ends.test", today, 1) +
		dane.Line("mx.names.test", 25, dane.From(today.certificate, dane.EE, dane.Cert, dane.SHA256)) + "\n"
	for _, name := range []string{"right", "wrong", "rolled", "early", "issuer", "ends", "names", "none", "broken", "island"} {
		records += domain(name + ".test")
	}
	return []realtest.Zone{
		{Name: "test", Trust: realtest.Signed, Records: records},
		{Name: "insecure.test", Trust: realtest.Insecure, Records: domain("open.insecure.test") + line("mx.open.insecure.test", today, dane.EE)},
		{Name: "_tcp.mx.broken.test", Trust: realtest.Bogus, Records: line("mx.broken.test", today, dane.EE)},
		{Name: "_tcp.mx.island.test", Trust: realtest.Insecure, Records: line("mx.island.test", today, dane.EE)},
	}
}

func (l realLeaf) digest(selector uint8) string {
	return dane.From(l.certificate, dane.EE, selector, dane.SHA256).Data
}

func (a *realAuthority) digest(selector uint8) string {
	return dane.From(a.certificate, dane.TA, selector, dane.SHA256).Data
}

func (a *realAudited) dane(t *testing.T, domain string, whose map[string]string) keptDANE {
	t.Helper()
	row := a.domain(t, domain)
	prefixes := []string{"tlsa_", "dane_", "delivery_", "mx_dnssec", "exchanger_dnssec", "cert_"}
	kept := keptDANE{Findings: sorted(append(a.ids(domain, prefixes...), a.ids("mx."+domain, prefixes...)...))}
	if len(row.DANE) != 1 || len(row.Deliveries) != 1 {
		t.Errorf("%s: %d DANE facts, %d deliveries", domain, len(row.DANE), len(row.Deliveries))
		return kept
	}
	kept.Status, kept.Fare = row.DANE[0].Status, row.Deliveries[0].DANE.Outcome
	for _, match := range row.DANE[0].Matches {
		kept.Verdict = match.Verdict
		for _, i := range match.Records {
			kept.By += whose[row.DANE[0].Records[i].Data]
		}
	}
	return kept
}

// byOthers holds a domain's facts against kdig, that asks the same resolver, and
// against OpenSSL, that is given what kdig heard.
func byOthers(t *testing.T, dns netip.AddrPort, at netip.AddrPort, a *realAudited, domain string) {
	t.Helper()
	facts, host := a.domain(t, domain).DANE[0], "mx."+domain
	heard := kdig(t, dns, dane.Name(host, 25), "TLSA")
	status := map[dane.Status]string{dane.Deferred: "SERVFAIL", dane.None: "NXDOMAIN"}[facts.Status]
	if status == "" {
		status = "NOERROR"
	}
	same(t, "status by kdig", kdigAnswer{status, facts.Status != dane.Deferred && facts.Status != dane.Insecure, heard.records}, heard)
	if facts.Records != nil { // of an unsigned exchanger none are asked for
		same(t, "records by kdig", sorted(heard.records), daneRecords(facts))
	}
	if facts.Status == dane.Usable {
		same(t, "match by OpenSSL", daneByOpenSSL(t, at, host, heard.records), facts.Matches[0].Verdict)
	}
	_, clear := openSSLSees(t, at, host)
	same(t, "STARTTLS by OpenSSL", clear, a.at(t, host, at.Addr()).TLS != nil)
}
