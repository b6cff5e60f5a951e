package audit

import (
	"slices"
	"strings"
)

// spfMended is the one line for the record: with the mends of every finding about
// it, so that no fix undoes another. Where it would name nobody who may send, the
// domain's own servers could not either: its exchangers may then, as in a first
// record.
func (d *domain) spfMended() string {
	terms := strings.Fields(d.spfRecord())
	if d.minds("spf_ptr") {
		terms = slices.DeleteFunc(terms, isPTR)
	}
	for i, term := range terms {
		if isAll(term) && d.spfOpen() {
			terms[i] = "~all"
		}
	}
	if d.spfEndless() && d.minds("spf_all_missing") {
		terms = append(terms, "~all")
	}
	if !slices.ContainsFunc(terms, namesSender) {
		terms = []string{"v=spf1", "mx", "~all"}
	}
	return txt(d.Domain, strings.Join(terms, " "))
}

// spfOpen reports whether the record's own all lets others pass, or says nothing
// of them.
func (d *domain) spfOpen() bool {
	return d.SPF.All == "+" && d.minds("spf_all_pass") || d.SPF.All == "?" && d.minds("spf_all_neutral")
}

func namesSender(term string) bool {
	return !isAll(term) && !strings.EqualFold(term, "v=spf1") && !strings.HasPrefix(strings.ToLower(term), "exp=")
}
