package audit

import (
	"cmp"
	"strings"

	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// dmarcMend changes a DMARC record so that one finding goes away.
type dmarcMend struct {
	id   string
	own  bool // in the domain's own record, also where one above it holds
	is   func(*domain) bool
	mend func(d *domain, record string) string
}

// dmarcMends are applied in order. Those of a policy come before the ones that
// follow p=.
func dmarcMends() []dmarcMend {
	return []dmarcMend{
		{"no_mail_incomplete", true, func(d *domain) bool { return meansNoMail(d) && d.forgeable() }, mendForgeable},
		{"dmarc_none", false, (*domain).dmarcNone, mendNone},
		{"expectation_dmarc", true, (*domain).dmarcTooWeak, mendTooWeak},
		{"dmarc_testing", false, (*domain).dmarcTesting, func(_ *domain, record string) string { return withoutTags(record, "t") }},
		{"dmarc_no_reports", false, (*domain).dmarcUnreported, mendUnreported},
		{"dmarc_subdomains_open", false, (*domain).dmarcOpenBelow, mendOpenBelow},
		{"dmarc_removed_tags", false, (*domain).dmarcOutdated, func(_ *domain, record string) string { return withoutTags(record, "pct", "rf", "ri") }},
	}
}

// dmarcMended is the one line for the record at a name: with the mends of every
// finding about it, so that no fix undoes another. Findings that the policy file
// ignores mend nothing.
func (d *domain) dmarcMended(at string) string {
	record, place := d.dmarcRecord()
	if place != at {
		record = firstDMARC(at)
		if d.Kind == judge.NoMailKind {
			record = "v=DMARC1" // nobody has to read reports on what is refused anyway
		}
	}
	for _, one := range dmarcMends() {
		if (one.own && at == d.Domain || !one.own && at == place) && d.minds(one.id) && one.is(d) {
			record = one.mend(d, record)
		}
	}
	return dmarcLine(at, record)
}

// minds reports whether a finding is not ignored by the policy.
func (d *domain) minds(id string) bool { return d.class.severity(id, scanner.Info) != "" }

func mendForgeable(_ *domain, record string) string {
	record = withoutTags(record, "p", "sp", "np", "t")
	for _, name := range [...]string{"np", "sp", "p"} { // p= comes first
		record = withTag(record, name, "reject")
	}
	return record
}

func mendNone(d *domain, record string) string {
	if _, given := tag(record, "sp"); given && d.DMARC.At != "" && d.DMARC.At != d.Domain {
		return withTag(record, "sp", "quarantine")
	}
	return withTag(record, "p", "quarantine")
}

func mendTooWeak(d *domain, record string) string {
	if value, _ := tag(record, "p"); dmarcRank(value) >= dmarcRank(*d.class.expect.DMARC) {
		return record
	}
	return withTag(record, "p", *d.class.expect.DMARC)
}

func mendUnreported(d *domain, record string) string {
	_, at := d.dmarcRecord()
	return strings.TrimRight(withoutTags(record, "rua"), "; ") + "; rua=mailto:dmarc-reports@" + at
}

func mendOpenBelow(d *domain, record string) string {
	policy, _ := tag(record, "p")
	for _, name := range [...]string{"sp", "np"} {
		if value, _ := tag(record, name); strings.EqualFold(value, "none") {
			record = withTag(record, name, cmp.Or(policy, d.DMARC.Policy))
		}
	}
	return record
}
