package report

import (
	"fmt"
	"strings"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/dane"
	"github.com/mxvet/mxvet/mx/mtasts"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// domainDetail shows what one domain promises, a fact a line, for a person who
// asked about that one.
func domainDetail(row *scanner.DomainRow, width int) string {
	var out strings.Builder
	kind := ""
	if row.Kind != judge.UnknownKind && row.Kind != "" {
		kind = " (" + strings.ReplaceAll(string(row.Kind), "_", " ") + ")"
	}
	fmt.Fprintf(&out, "%s\n", fit(cell(named(row)+kind), width))
	for _, fact := range domainFacts(row) {
		if fact[1] != "" {
			labelled(&out, fact[0], cell(fact[1]), width)
		}
	}
	return out.String()
}

// promises reports whether a domain's row has anything beside its route.
func promises(row *scanner.DomainRow) bool {
	p := row.Promises
	return p.MTASTS != nil || p.TLSRPT != nil || p.SPF != nil || p.DMARC != nil || len(p.DANE) > 0 || len(p.DKIM) > 0 || p.BIMI != nil || p.CAA != nil
}

func domainFacts(row *scanner.DomainRow) [][2]string {
	facts := [][2]string{{"mail goes to", exchangers(&row.Route)}, {"MTA-STS", policyOf(row.MTASTS)}}
	for _, one := range row.DANE {
		facts = append(facts, [2]string{"DANE", daneOf(&one)})
	}
	if row.TLSRPT != nil {
		facts = append(facts, [2]string{"TLS-RPT", recordOf(row.TLSRPT.Presence, row.TLSRPT.Why, strings.Join(row.TLSRPT.RUA, " "))})
	}
	if row.SPF != nil {
		facts = append(facts, [2]string{"SPF", spfOf(row.SPF)})
	}
	if row.DMARC != nil {
		facts = append(facts, [2]string{"DMARC", dmarcOf(row.DMARC, row.Domain)})
	}
	for _, one := range row.DKIM {
		facts = append(facts, [2]string{"DKIM", one.Selector + ": " + recordOf(one.Presence, one.Why, one.Key)})
	}
	if row.BIMI != nil && row.BIMI.Presence != resolver.Absent {
		facts = append(facts, [2]string{"BIMI", recordOf(row.BIMI.Presence, row.BIMI.Why, row.BIMI.Logo)})
	}
	if row.CAA != nil && row.CAA.Presence != resolver.Absent {
		facts = append(facts, [2]string{"CAA", recordOf(row.CAA.Presence, row.CAA.Why, strings.Join(row.CAA.Issuers, " "))})
	}
	for _, one := range row.Deliveries {
		facts = append(facts, [2]string{"senders", fares(&one)})
	}
	return facts
}

func exchangers(route *scanner.RouteFacts) string {
	names := make([]string, len(route.Hosts))
	for i, host := range route.Hosts {
		names[i] = fmt.Sprintf("%s (%d)", host.Name, host.Preference)
	}
	text := strings.Join(names, ", ")
	if route.Secure && text != "" {
		text += "; signed (DNSSEC)"
	}
	return text
}

// recordOf is what became of looking for a record.
func recordOf(presence resolver.Presence, why, says string) string {
	if presence == resolver.Present {
		return because(string(presence), says)
	}
	return because(string(presence), why)
}

func policyOf(facts *mtasts.Facts) string {
	switch {
	case facts == nil:
		return ""
	case facts.Fetch == nil:
		return recordOf(facts.Presence, facts.Why, "")
	case facts.Fetch.Presence != resolver.Present:
		return because("record present, policy "+string(facts.Fetch.Presence), facts.Fetch.Why)
	default:
		return fmt.Sprintf("%s, for %s", facts.Fetch.Mode, strings.Join(facts.Fetch.MX, " "))
	}
}

func daneOf(facts *dane.Facts) string {
	text := because(facts.Host+" "+string(facts.Status), facts.Why)
	for _, match := range facts.Matches {
		text += "; " + because(match.IP.String()+" "+string(match.Verdict), match.Why)
	}
	return text
}

func spfOf(spf *mx.SPF) string {
	says := strings.Join(spf.Records, " / ")
	if spf.Lookups != nil {
		says += fmt.Sprintf(" (%d of 10 look-ups)", *spf.Lookups)
	}
	text := recordOf(spf.Presence, spf.Why, says)
	if spf.Presence != resolver.Present && len(spf.Records) > 0 {
		text += ": " + strings.Join(spf.Records, " / ")
	}
	return text
}

func dmarcOf(dmarc *mx.DMARC, domain string) string {
	text := recordOf(dmarc.Presence, dmarc.Why, "p="+dmarc.Policy)
	if dmarc.At != "" && dmarc.At != domain {
		text += ", from " + dmarc.At
	}
	return text
}

// fares says how a message fares at one exchanger, by the kind of its sender.
func fares(one *judge.Delivery) string {
	return fmt.Sprintf("at %s: opportunistic %s, MTA-STS %s, DANE %s, REQUIRETLS %s", one.Host,
		one.Opportunistic.Outcome, one.MTASTS.Outcome, one.DANE.Outcome, one.RequireTLS.Outcome)
}
