package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mxvet/mxvet/scanner"
)

// placesMost is how many places of one fault are shown with their evidence;
// the others are counted.
const placesMost = 5

// faults are the findings of a run by check: what a person reads after a scan.
// However many there are, only a few of each check are held.
type faults struct {
	byCheck map[string]*firing
	order   []*firing
	counts  tally // by severity, accepted ones left out
}

// firing is one check and where it fired.
type firing struct {
	rows  []*scanner.FindingRow // the first few
	total int
}

func (f *faults) add(row *scanner.FindingRow) {
	if row.Accepted {
		return
	}
	if f.byCheck == nil {
		f.byCheck, f.counts = make(map[string]*firing), tally{}
	}
	f.counts[string(row.Severity)]++
	key := row.ID + " " + string(row.Severity)
	one := f.byCheck[key]
	if one == nil {
		one = new(firing)
		f.byCheck[key] = one
		f.order = append(f.order, one)
	}
	if one.total++; len(one.rows) < placesMost {
		one.rows = append(one.rows, row)
	}
}

// text is the list, the worst first, in lines of at most width columns.
func (f *faults) text(width int, colour bool) string {
	if len(f.order) == 0 {
		return ""
	}
	var out strings.Builder
	fmt.Fprintf(&out, "Findings: %s\n", f.heading())
	slices.SortStableFunc(f.order, func(a, b *firing) int {
		if order := b.rows[0].Severity.Rank() - a.rows[0].Severity.Rank(); order != 0 {
			return order
		}
		return strings.Compare(a.rows[0].ID, b.rows[0].ID)
	})
	for _, one := range f.order {
		one.write(&out, width, colour)
	}
	return out.String()
}

// heading counts by severity: "2 high, 5 medium".
func (f *faults) heading() string {
	var parts []string
	for _, severity := range slices.Backward(scanner.Severities[:]) {
		if n := f.counts[string(severity)]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, severity))
		}
	}
	return strings.Join(parts, ", ")
}

// faultIndent is where the words of a finding begin: behind its severity.
const faultIndent = 10

func (one *firing) write(out *strings.Builder, width int, colour bool) {
	first := one.rows[0]
	word := fmt.Sprintf("%-*s", faultIndent, first.Severity)
	if colour {
		word = inColour(word, first.Severity)
	}
	title := fmt.Sprintf("%s [%s]", first.Title, first.ID)
	fmt.Fprintf(out, "\n%s%s\n", word, flowed(title, width, faultIndent))
	told := ""
	for _, row := range one.rows {
		name, _ := place(row)
		if n := len(row.Domains); n > 1 {
			name += fmt.Sprintf(", shared by %d of your domains", n)
		}
		line(out, cell(name)+": "+cell(row.Evidence), width, faultIndent)
		if row.Fix != "" && row.Fix != told {
			told = row.Fix
			where := "fix: "
			if row.Where != "" {
				where = "fix, " + row.Where + ": "
			}
			for i, text := range strings.Split(row.Fix, "\n") {
				if i > 0 {
					where = ""
				}
				// Whole, whatever the width: it is there to be copied.
				fmt.Fprintf(out, "%*s%s%s\n", faultIndent+2, "", where, Escaped(text))
			}
		}
	}
	if more := one.total - len(one.rows); more > 0 {
		line(out, fmt.Sprintf("and %d more", more), width, faultIndent)
	}
	line(out, first.Reference, width, faultIndent)
}

func line(out *strings.Builder, text string, width, indent int) {
	fmt.Fprintf(out, "%*s%s\n", indent, "", flowed(text, width, indent))
}

// flowed breaks text between words to lines that fit behind an indent; its
// first line is not indented.
func flowed(text string, width, indent int) string {
	var out strings.Builder
	room := max(width-indent, 20)
	used := 0
	for word := range strings.FieldsSeq(text) {
		word = fit(word, room)
		size := textWidth(word)
		switch {
		case used == 0:
		case used+1+size > room:
			fmt.Fprintf(&out, "\n%*s", indent, "")
			used = 0
		default:
			out.WriteByte(' ')
			used++
		}
		out.WriteString(word)
		used += size
	}
	return out.String()
}

// inColour says a severity again in colour, never only in colour.
func inColour(text string, severity scanner.Severity) string {
	codes := map[scanner.Severity]string{scanner.Critical: "1;31", scanner.High: "31", scanner.Medium: "33", scanner.Low: "36", scanner.Info: "90"}
	return "\x1b[" + codes[severity] + "m" + text + "\x1b[0m"
}
