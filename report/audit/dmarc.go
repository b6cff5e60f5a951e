package audit

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mxvet/mxvet/mx/resolver"
)

func dmarcChecks() []check {
	return []check{
		{
			id: "dmarc_absent", title: "no DMARC record", reference: "RFC 9989", scope: ScopeDomain,
			explain: "Neither the domain nor one above it says what to do with forged mail. Whoever likes writes in its name, and the large receivers distrust bulk mail without it.",
			domain:  dmarcAbsent,
		},
		{
			id: "dmarc_invalid", title: "the DMARC record counts for nothing", reference: "RFC 9989", scope: ScopeDomain,
			explain: "Receivers take a record that they cannot read, or more than one, for none at all. Forged mail goes through.",
			domain:  dmarcInvalid,
		},
		{
			id: "dmarc_none", title: "DMARC asks for nothing", reference: "RFC 9989", scope: ScopeDomain,
			explain: "With p=none forged mail is delivered like any other. It is meant for the weeks in which one reads reports.",
			domain:  dmarcWhere((*domain).dmarcNone),
		},
		{
			id: "dmarc_testing", title: "DMARC is in testing mode", reference: "RFC 9989", scope: ScopeDomain,
			explain: "With t=y receivers apply the policy one step below. Reject then means quarantine, and quarantine nothing.",
			domain:  dmarcWhere((*domain).dmarcTesting),
		},
		{
			id: "dmarc_no_reports", title: "no DMARC reports are asked for", reference: "RFC 9990", scope: ScopeDomain,
			explain: "Without rua nobody tells who sends in the domain's name. Then neither forgers nor forgotten services of one's own are seen.",
			domain:  dmarcWhere((*domain).dmarcUnreported),
		},
		{
			id: "dmarc_subdomains_open", title: "DMARC leaves subdomains open", reference: "RFC 9989", scope: ScopeDomain,
			explain: "The domain is protected, and sp= or np= asks for nothing where its subdomains are concerned. Forgers use billing.example.org instead of example.org.",
			domain:  dmarcWhere((*domain).dmarcOpenBelow),
		},
		{
			id: "dmarc_removed_tags", title: "DMARC has tags that are no longer read", reference: "RFC 9989", scope: ScopeDomain,
			explain: "pct, rf and ri are gone from the standard; t=y stands for what pct=0 meant. Receivers that know the old one may still read them.",
			domain:  dmarcRemoved,
		},
		{
			id: "dmarc_report_unauthorised", title: "DMARC reports go where nobody wants them", reference: "RFC 9990 s4", scope: ScopeDomain,
			explain: "Reports to another organization are sent only if that one says in DNS that it takes them. It does not.",
			domain:  dmarcUnauthorised,
		},
		{
			id: "dmarc_problems", title: "the DMARC record is badly written", reference: "RFC 9989", scope: ScopeDomain,
			explain: "Parts of the record mean nothing to receivers and are passed over. What holds may not be what was meant.",
			domain:  dmarcProblems,
		},
	}
}

// dmarcRecord is the record that holds, and the domain it stands at; empty for
// none.
func (d *domain) dmarcRecord() (record, at string) {
	if d.DMARC == nil || d.DMARC.Presence != resolver.Present || len(d.DMARC.Records) == 0 {
		return "", ""
	}
	return d.DMARC.Records[0], cmp.Or(d.DMARC.At, d.Domain)
}

func dmarcLine(at, record string) string { return txt("_dmarc."+at, record) }

func firstDMARC(domain string) string { return "v=DMARC1; p=none; rua=mailto:dmarc-reports@" + domain }

func dmarcAbsent(d *domain) faults {
	if d.DMARC == nil || d.DMARC.Presence != resolver.Absent {
		return nil
	}
	return found("%s", cmp.Or(quote(d.DMARC.Why), "no v=DMARC1 at _dmarc."+d.Domain)).mend(d.zone(), d.dmarcMended(d.Domain))
}

func dmarcInvalid(d *domain) faults {
	if d.DMARC == nil || d.DMARC.Presence != resolver.Faulty {
		return nil
	}
	return found("%s: %s", cmp.Or(quote(d.DMARC.Why), "invalid"), quote(strings.Join(d.DMARC.Records, " | "))).
		mend(d.zone(), d.dmarcMended(d.Domain))
}

// dmarcWhere makes a finding of something that is true of the record which holds.
func dmarcWhere(is func(*domain) bool) func(*domain) faults {
	return func(d *domain) faults {
		if !is(d) {
			return nil
		}
		record, at := d.dmarcRecord()
		return found("%s", quote(record)).mend("zone of "+at, d.dmarcMended(at))
	}
}

func (d *domain) dmarcNone() bool {
	record, _ := d.dmarcRecord()
	return record != "" && d.DMARC.Policy == "none"
}

func (d *domain) dmarcTesting() bool {
	record, _ := d.dmarcRecord()
	return record != "" && d.DMARC.Testing && d.DMARC.Policy != "none"
}

func (d *domain) dmarcUnreported() bool {
	record, _ := d.dmarcRecord()
	return record != "" && len(d.DMARC.RUA) == 0
}

func (d *domain) dmarcOpenBelow() bool {
	record, at := d.dmarcRecord()
	return record != "" && at == d.Domain && d.DMARC.Policy != "none" && (d.DMARC.Subdomain == "none" || d.DMARC.NonExist == "none")
}

// removedTags are those that RFC 9989 no longer has.
func (d *domain) removedTags() []string {
	record, _ := d.dmarcRecord()
	var gone []string
	for _, name := range [...]string{"pct", "rf", "ri"} {
		if value, given := tag(record, name); given {
			gone = append(gone, name+"="+value)
		}
	}
	return gone
}

func (d *domain) dmarcOutdated() bool { return len(d.removedTags()) > 0 }

func dmarcRemoved(d *domain) faults {
	if !d.dmarcOutdated() {
		return nil
	}
	_, at := d.dmarcRecord()
	return found("%s", quote(strings.Join(d.removedTags(), "; "))).mend("zone of "+at, d.dmarcMended(at))
}

func dmarcUnauthorised(d *domain) faults {
	if record, _ := d.dmarcRecord(); record == "" {
		return nil
	}
	var parts, lines, zones []string
	for _, other := range d.DMARC.External {
		if other.Presence == resolver.Absent || other.Presence == resolver.Faulty {
			parts = append(parts, other.Host+": "+quote(other.Why))
			lines, zones = append(lines, txt(other.Name, "v=DMARC1")), append(zones, other.Host)
		}
	}
	if parts == nil {
		return nil
	}
	return found("%s", quote(strings.Join(parts, "; "))).mend("zone of "+strings.Join(zones, ", "), lines...)
}

// dmarcProblems leaves out those that have findings of their own.
func dmarcProblems(d *domain) faults {
	record, _ := d.dmarcRecord()
	if record == "" {
		return nil
	}
	left := slices.DeleteFunc(slices.Clone(d.DMARC.Problems), func(problem string) bool {
		return strings.HasPrefix(problem, "reports to ") || strings.Contains(problem, "RFC 9989 removed it")
	})
	if len(left) == 0 {
		return nil
	}
	return found("%s: %s", quote(strings.Join(left, "; ")), quote(record))
}
