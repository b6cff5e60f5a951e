package report

import (
	"cmp"
	"strings"

	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// Unmeasured reports whether a row of a scan leaves open what was asked of it,
// and why: a server that did not tell, a domain of which DNS did not, or none of
// an exchanger's servers, a line that cannot be read, a run that was cut short.
// No finding there does not mean that nothing is wrong.
//
// A server that a domain leads to and we do not go to, as an IPv6 address where
// there is no IPv6, is the domain's matter: others may have told enough.
func Unmeasured(row scanner.Row) (why string, ok bool) {
	switch row := row.(type) {
	case *scanner.ServerRow:
		if spared(row) {
			return "", false
		}
		return untold(row)
	case *scanner.DomainRow:
		gaps := gaps(row)
		return strings.Join(gaps, "; "), len(gaps) > 0
	case *scanner.RunRow:
		if row.Interrupt {
			return "the run was cut short; what was not reached is not in it", true
		}
	}
	return "", false
}

// untold is what a server did not tell.
func untold(row *scanner.ServerRow) (why string, ok bool) {
	switch {
	case row.Reachable == probe.Inconclusive:
		return because("not measured", row.Why), true
	case row.StartTLS == probe.Inconclusive:
		return because("STARTTLS not measured", row.TLSWhy), true
	}
	return "", false
}

// spared reports whether we do not go to a server that a domain leads to.
func spared(row *scanner.ServerRow) bool {
	return len(row.Domains) > 0 && row.Failure != nil && row.Failure.Cause == probe.NotAllowed
}

// gaps are what is not known of a domain, a clause each.
func gaps(row *scanner.DomainRow) (list []string) {
	route, p := row.Route, row.Promises
	switch {
	case row.Error != "":
		return []string{because("cannot be read", row.Error)}
	case route.Source == "" && route.DNS == "" && route.Special == "":
		return []string{because(string(judge.NotChecked), judge.NotChecked.Info().Meaning)}
	case route.DNS != "" && !route.DNS.Final():
		list = append(list, because("DNS "+string(route.DNS), route.Detail))
	}
	for _, one := range row.Deliveries {
		if one.Opportunistic.Outcome == judge.NotMeasured {
			list = append(list, because(one.Host+" not measured", one.Opportunistic.Why))
		}
	}
	look := func(what string, presence resolver.Presence, why string) {
		if presence == resolver.Unproven {
			list = append(list, because(what+" not known", why))
		}
	}
	if p.MTASTS != nil {
		look("MTA-STS", p.MTASTS.Presence, p.MTASTS.Why)
		if p.MTASTS.Fetch != nil {
			look("MTA-STS policy", p.MTASTS.Fetch.Presence, p.MTASTS.Fetch.Why)
		}
	}
	if p.TLSRPT != nil {
		look("TLS-RPT", p.TLSRPT.Presence, p.TLSRPT.Why)
	}
	if p.SPF != nil {
		look("SPF", p.SPF.Presence, p.SPF.Why)
	}
	if p.DMARC != nil {
		look("DMARC", p.DMARC.Presence, p.DMARC.Why)
	}
	for _, key := range p.DKIM {
		look("DKIM "+key.Selector, key.Presence, key.Why)
	}
	return list
}

// doubt is what one row leaves open, for formats that tell findings by their place.
type doubt struct {
	place string
	why   string
	part  bool // of a domain whose other servers may have told enough
}

// doubtOf is nil for a row that leaves nothing open.
func doubtOf(row scanner.Row) *doubt {
	why, ok := Unmeasured(row)
	switch row := row.(type) {
	case *scanner.ServerRow:
		name, _ := place(&scanner.FindingRow{Host: row.Host, IP: row.IP, Port: row.Port})
		if ok {
			return &doubt{name, why, false}
		}
		if why, ok := untold(row); ok {
			return &doubt{name, why, true}
		}
	case *scanner.DomainRow:
		if ok {
			return &doubt{cmp.Or(row.Domain, row.Input), why, false}
		}
	case *scanner.RunRow:
		if ok {
			return &doubt{"mxvet scan", why, false}
		}
	}
	return nil
}
