package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mxvet/mxvet/scanner"
)

// placesMost is how many places of one fault are shown with their evidence;
// where there are more, they are named and counted.
const placesMost = 5

// namesMost is how many places are named at most.
const namesMost = 12

// faults are the findings of a run by check: what a person reads after a scan.
// However many there are, only a few of each check are held.
type faults struct {
	byCheck  map[string]*firing
	order    []*firing
	counts   tally // by severity, accepted ones left out
	accepted int
	judged   bool // checks were made at all
}

// firing is one check and where it fired.
type firing struct {
	rows  []*scanner.FindingRow // the first few
	total int
}

func (f *faults) add(row *scanner.FindingRow) {
	f.judged = true
	if row.Accepted {
		f.accepted++
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
	if one.total++; len(one.rows) < namesMost {
		one.rows = append(one.rows, row)
	}
}

// text is the list, the worst first, in lines of at most width columns. A brief
// one has a line for what is only worth knowing.
func (f *faults) text(width int, colour, brief bool) string {
	if !f.judged {
		return ""
	}
	var out strings.Builder
	line(&out, f.heading(), width, 0)
	slices.SortStableFunc(f.order, func(a, b *firing) int {
		if order := b.rows[0].Severity.Rank() - a.rows[0].Severity.Rank(); order != 0 {
			return order
		}
		return strings.Compare(a.rows[0].ID, b.rows[0].ID)
	})
	noted := false
	for _, one := range f.order {
		note := brief && one.rows[0].Severity == scanner.Info
		if !note || !noted {
			out.WriteByte('\n')
		}
		noted = note
		one.write(&out, width, colour, note)
	}
	return out.String()
}

// heading counts by severity: "Findings: 2 high, 5 medium".
func (f *faults) heading() string {
	var parts []string
	for _, severity := range slices.Backward(scanner.Severities[:]) {
		if n := f.counts[string(severity)]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, severity))
		}
	}
	text := "Findings: " + cmp.Or(strings.Join(parts, ", "), "none")
	if f.accepted > 0 {
		text += fmt.Sprintf("; known to the baseline: %d", f.accepted)
	}
	return text
}

// faultIndent is where the words of a finding begin: behind its severity.
const faultIndent = 10

func (one *firing) write(out *strings.Builder, width int, colour, note bool) {
	first := one.rows[0]
	word := fmt.Sprintf("%-*s", faultIndent, first.Severity)
	if colour {
		word = inColour(word, first.Severity)
	}
	title := fmt.Sprintf("%s [%s]", first.Title, first.ID)
	if one.total > placesMost || note {
		title += ": " + one.places()
	}
	fmt.Fprintf(out, "%s%s\n", word, flowed(title, width, faultIndent))
	switch {
	case note:
		return
	case one.total > placesMost:
		names := make([]string, len(one.rows))
		for i, row := range one.rows {
			names[i], _ = place(row)
		}
		more := ""
		if rest := one.total - len(one.rows); rest > 0 {
			more = fmt.Sprintf(" and %d more", rest)
		}
		line(out, cell(strings.Join(names, ", "))+more, width, faultIndent)
		line(out, "as of "+says(first), width, faultIndent)
		mending(out, first, width)
	default:
		told := ""
		for _, row := range one.rows {
			line(out, says(row), width, faultIndent)
			if row.Fix != told {
				told = row.Fix
				mending(out, row, width)
			}
		}
	}
	line(out, first.Reference, width, faultIndent)
}

// places counts what a check fired for, in the word for it.
func (one *firing) places() string {
	first := one.rows[0]
	switch {
	case first.IP.IsValid():
		return plural(int64(one.total), "server", "servers")
	case first.Domain != "":
		return plural(int64(one.total), "domain", "domains")
	case first.Provider != "":
		return plural(int64(one.total), "provider", "providers")
	default:
		return plural(int64(one.total), "exchanger", "exchangers")
	}
}

// says is where a finding is and how we know.
func says(row *scanner.FindingRow) string {
	name, _ := place(row)
	if n := len(row.Domains); n > 1 {
		name += fmt.Sprintf(", shared by %d of your domains", n)
	}
	return cell(name) + ": " + cell(row.Evidence)
}

// mending is the line that mends it, whole whatever the width: it is there to be
// copied.
func mending(out *strings.Builder, row *scanner.FindingRow, width int) {
	if row.Fix == "" {
		return
	}
	const indent = faultIndent + 2
	where := "fix:"
	if row.Where != "" {
		where = "fix, " + cell(row.Where) + ":"
	}
	lines := strings.Split(row.Fix, "\n")
	if text := where + " " + Escaped(row.Fix); len(lines) == 1 && textWidth(text) <= width-indent {
		fmt.Fprintf(out, "%*s%s\n", indent, "", text)
		return
	}
	line(out, where, width, indent)
	for _, text := range lines {
		fmt.Fprintf(out, "%*s%s\n", indent+2, "", Escaped(text))
	}
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
