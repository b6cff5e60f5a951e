package mx

import (
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-msgauth/dmarc"
)

// dmarcRecord is one record by RFC 9989 s4.7. Badly written tags count as if they
// were not there (s4.8).
type dmarcRecord struct {
	policy    string // p=; none where it is left out
	subdomain string
	nonExist  string
	suffix    string // psd=: y, n, or empty
	testing   bool
	rua, ruf  []string
	problems  []string
	badPolicy string // why p=, sp= or np= cannot be used
}

// readDMARC reads a record that begins with its version. Package dmarc knows the
// tags of RFC 7489 and gives a record with one mistake up; so it gets one tag
// after the other, and then those that it took. The tags that are new since,
// and those that are gone, are ours.
func readDMARC(text string) dmarcRecord {
	var out dmarcRecord
	list, problems := readTags(text)
	out.problems = problems
	var good tags
	for _, t := range list {
		t = t.folded()
		switch t.name {
		case "v":
		case "p", "sp", "adkim", "aspf", "fo", "rua", "ruf":
			if !parses(t) {
				out.bad(t)
				continue
			}
			good = append(good, t)
		case "np", "psd", "t":
			if !slices.Contains(dmarcWords(t.name), t.value) {
				out.bad(t)
				continue
			}
			out.take(t)
		case "pct", "rf", "ri":
			out.problems = append(out.problems, t.name+"= is no longer read (RFC 9989 removed it)")
		default:
			out.problems = append(out.problems, fmt.Sprintf("%s= is no tag of DMARC's", clipped(t.name)))
		}
	}
	out.known(good)
	return out
}

// folded is the tag in lower case where that is all the same: its name, and
// values that are words.
func (t tag) folded() tag {
	t.name = strings.ToLower(t.name)
	if t.name != "rua" && t.name != "ruf" {
		t.value = strings.ToLower(t.value)
	}
	return t
}

// parses asks package dmarc about one tag.
func parses(t tag) bool {
	text := "v=DMARC1; p=none; " + t.name + "=" + t.value
	if t.name == "p" {
		text = "v=DMARC1; p=" + t.value
	}
	_, err := dmarc.Parse(text)
	return err == nil
}

// dmarcWords are the values of the tags that package dmarc does not know.
func dmarcWords(name string) []string {
	switch name {
	case "np":
		return []string{"none", "quarantine", "reject"}
	case "psd":
		return []string{"y", "n", "u"}
	default: // t
		return []string{"y", "n"}
	}
}

func (r *dmarcRecord) take(t tag) {
	switch t.name {
	case "np":
		r.nonExist = t.value
	case "t":
		r.testing = t.value == "y"
	case "psd":
		r.suffix = strings.Trim(t.value, "u")
	}
}

func (r *dmarcRecord) bad(t tag) {
	problem := fmt.Sprintf("%s=%s means nothing", t.name, clipped(t.value))
	r.problems = append(r.problems, problem)
	if t.name == "p" || t.name == "sp" || t.name == "np" {
		r.badPolicy = problem
	}
}

// known reads the tags that package dmarc took.
func (r *dmarcRecord) known(good tags) {
	var text strings.Builder
	text.WriteString("v=DMARC1")
	if !good.has("p") {
		text.WriteString("; p=none") // the default since RFC 9989; RFC 7489 did not know one
		if r.badPolicy == "" {
			r.problems = append(r.problems, "p= is not there: it counts as none")
		}
	}
	for _, t := range good {
		text.WriteString("; " + t.name + "=" + t.value)
	}
	record, err := dmarc.Parse(text.String())
	if err != nil { // each tag was taken before
		r.problems = append(r.problems, printable(err.Error()))
		return
	}
	r.policy, r.subdomain = string(record.Policy), string(record.SubdomainPolicy)
	r.rua = r.addresses("rua", record.ReportURIAggregate)
	r.ruf = r.addresses("ruf", record.ReportURIFailure)
}

// addresses are those that reports can be sent to, without the size that RFC
// 7489 let stand behind them (RFC 9989 s4.8: obs-dmarc-report-size).
func (r *dmarcRecord) addresses(name string, all []string) []string {
	var out []string
	for _, address := range all[:min(len(all), maxTexts)] {
		if before, _, limited := strings.Cut(address, "!"); limited {
			address = before
			r.problems = append(r.problems, name+"= limits the size of reports: the limit is no longer read (RFC 9989 removed it)")
		}
		if why := reportFault(address); why != "" {
			r.problems = append(r.problems, fmt.Sprintf("%s= has %s, which %s", name, quote(address), why))
			continue
		}
		out = append(out, address)
	}
	return out
}

// clipped is a piece of a record in a clause: as it is where it is plain and short.
func clipped(text string) string {
	const enough = 24
	if len(text) <= enough && strings.Trim(text, ldh+"ABCDEFGHIJKLMNOPQRSTUVWXYZ_.:/@") == "" {
		return text
	}
	return quote(text)
}
