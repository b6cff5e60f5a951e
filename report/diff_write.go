package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// changeHeadings say what each kind of change is.
var changeHeadings = map[ChangeWord]string{
	NewFinding: "New", Changed: "Changed", NotMeasured: "Not measured this time, and therefore not known to be gone", Gone: "Gone",
}

// WriteFindingChanges shows what DiffFindings returned as text, in lines of at
// most options.Width columns but for those that are there to be copied. Of a
// change that befell many places alike a few are shown.
func WriteFindingChanges(w io.Writer, changes []FindingChange, same int, options TableOptions) error {
	width := cmp.Or(options.Width, widthUsual)
	var out strings.Builder
	for rest := changes; len(rest) > 0; {
		kind := rest[:countRun(rest, func(a, b *FindingChange) bool { return a.Change == b.Change })]
		line(&out, fmt.Sprintf("%s: %d", changeHeadings[kind[0].Change], len(kind)), width, 0)
		for len(kind) > 0 {
			n := countRun(kind, alike)
			writeAlike(&out, kind[:n], width, options.Colour)
			kind, rest = kind[n:], rest[n:]
		}
		out.WriteByte('\n')
	}
	line(&out, unchanged(changes, same), width, 0)
	_, err := io.WriteString(w, out.String())
	return err
}

// countRun is how many at the beginning are of one kind.
func countRun(changes []FindingChange, same func(a, b *FindingChange) bool) int {
	for i := range changes {
		if !same(&changes[0], &changes[i]) {
			return i
		}
	}
	return len(changes)
}

func alike(a, b *FindingChange) bool {
	return a.Finding().ID == b.Finding().ID && a.Finding().Severity == b.Finding().Severity
}

// writeAlike shows changes of one check.
func writeAlike(out *strings.Builder, changes []FindingChange, width int, colour bool) {
	f := changes[0].Finding()
	word := fmt.Sprintf("%-*s", faultIndent, f.Severity)
	if colour {
		word = inColour(word, f.Severity)
	}
	fmt.Fprintf(out, "\n%s%s\n", word, flowed(fmt.Sprintf("%s [%s]", f.Title, f.ID), width, faultIndent))
	for i, change := range changes {
		if i == placesMost {
			line(out, fmt.Sprintf("and %d more", len(changes)-i), width, faultIndent)
			break
		}
		change.write(out, width)
	}
}

// unchanged is the last line of a comparison.
func unchanged(changes []FindingChange, same int) string {
	others := ""
	if len(changes) > 0 {
		others = "other "
	}
	if same == 1 {
		return "1 " + others + "finding is as it was"
	}
	return fmt.Sprintf("%d %sfindings are as they were", same, others)
}

func (c *FindingChange) write(out *strings.Builder, width int) {
	f := c.Finding()
	line(out, c.says(), width, faultIndent)
	if c.Change == Changed {
		line(out, "was"+graded(c)+": "+cell(c.Was.Evidence), width, faultIndent+2)
	}
	if c.Is != nil {
		mending(out, f, width)
	}
}

// graded tells the severity that was another.
func graded(c *FindingChange) string {
	if c.Was.Severity == c.Is.Severity {
		return ""
	}
	return " " + string(c.Was.Severity)
}

// says is what changed, where.
func (c *FindingChange) says() string {
	text := says(c.Finding())
	if c.Is != nil && c.Is.Accepted {
		text += " (known to the baseline)"
	}
	switch {
	case c.Why == "":
		return text
	case c.Change == NewFinding:
		return text + " (" + c.Why + ")"
	}
	name, _ := place(c.Was)
	return cell(name) + ": " + c.Why + "; it was: " + cell(c.Was.Evidence)
}

// WriteFindingChangesJSONL writes one JSON object a line.
func WriteFindingChangesJSONL(w io.Writer, changes []FindingChange) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for _, change := range changes {
		if err := encoder.Encode(change); err != nil {
			return err
		}
	}
	return nil
}

// WriteFindingChangesMarkdown writes a section for each kind of change, with a
// line for each finding. Text of strangers stands in code.
func WriteFindingChangesMarkdown(w io.Writer, changes []FindingChange, same int) error {
	var page strings.Builder
	page.WriteString("# Changes of a mail server audit\n")
	for i, change := range changes {
		if i == 0 || changes[i-1].Change != change.Change {
			n := countRun(changes[i:], func(a, b *FindingChange) bool { return a.Change == b.Change })
			fmt.Fprintf(&page, "\n## %s (%d)\n\n", changeHeadings[change.Change], n)
		}
		f := change.Finding()
		name, _ := place(f)
		fmt.Fprintf(&page, "- %s: %s, %s: %s", f.Severity, code(name), f.Title, code(onOneLine(f.Evidence)))
		if change.Change == Changed {
			fmt.Fprintf(&page, "; was%s: %s", graded(&change), code(onOneLine(change.Was.Evidence)))
		}
		if change.Why != "" {
			fmt.Fprintf(&page, " (%s)", change.Why)
		}
		page.WriteByte('\n')
	}
	fmt.Fprintf(&page, "\n%s.\n", unchanged(changes, same))
	_, err := io.WriteString(w, page.String())
	return err
}

func onOneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
