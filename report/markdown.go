package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mxvet/mxvet/scanner"
)

// NewMarkdown writes findings at Close for tickets and wikis (CommonMark with
// GitHub's tables): what was found by severity, then each finding with the
// words that show it and the line that mends it. Text of strangers stands in
// code, where it can be neither markup nor link.
func NewMarkdown(w io.Writer) Writer { return &markdown{w: w} }

type markdown struct {
	w                io.Writer
	findings         []*scanner.FindingRow
	servers, domains int
	run              *scanner.RunRow
}

func (m *markdown) Put(row scanner.Row) error {
	switch row := row.(type) {
	case *scanner.FindingRow:
		m.findings = append(m.findings, row)
	case *scanner.ServerRow:
		m.servers++
	case *scanner.DomainRow:
		m.domains++
	case *scanner.RunRow:
		m.run = row
	}
	return nil
}

func (m *markdown) Close() error {
	var page strings.Builder
	page.WriteString("# Mail server audit\n\n")
	if m.run != nil {
		fmt.Fprintf(&page, "%s. ", m.run.FinishedAt.UTC().Format("2006-01-02 15:04 UTC"))
	}
	fmt.Fprintf(&page, "%s, %s.\n", plural(int64(m.domains), "domain", "domains"), plural(int64(m.servers), "server", "servers"))
	if len(m.findings) == 0 {
		page.WriteString("\nNo findings.\n")
		_, err := io.WriteString(m.w, page.String())
		return err
	}
	m.overview(&page)
	worstFirst(m.findings)
	heading := scanner.Severity("")
	for _, f := range m.findings {
		if f.Severity != heading {
			heading = f.Severity
			fmt.Fprintf(&page, "\n## %s\n", title(string(heading)))
		}
		section(&page, f)
	}
	_, err := io.WriteString(m.w, page.String())
	return err
}

// overview is a table of checks, the worst first.
func (m *markdown) overview(page *strings.Builder) {
	known, open := make(map[string]*scanner.FindingRow), make(map[string]int)
	var order []*scanner.FindingRow
	for _, f := range m.findings {
		if known[f.ID] == nil {
			known[f.ID] = f
			order = append(order, f)
		}
		open[f.ID]++
	}
	worstFirst(order)
	page.WriteString("\n| severity | check | found |\n| --- | --- | ---: |\n")
	for _, f := range order {
		fmt.Fprintf(page, "| %s | %s | %d |\n", f.Severity, f.Title, open[f.ID])
	}
}

func section(page *strings.Builder, f *scanner.FindingRow) {
	name, _ := place(f)
	fmt.Fprintf(page, "\n### %s: %s\n\n", f.Title, code(name))
	if f.Accepted {
		page.WriteString("Known to the baseline. ")
	}
	if len(f.Domains) > 0 {
		fmt.Fprintf(page, "Touches %s: %s. ", plural(int64(len(f.Domains)), "domain", "domains"), codes(f.Domains))
	}
	fmt.Fprintf(page, "See %s.\n\n%s", f.Reference, fenced(Escaped(f.Evidence)))
	if f.Fix != "" {
		where := ""
		if f.Where != "" {
			where = " (" + code(f.Where) + ")"
		}
		fmt.Fprintf(page, "\nFix%s:\n\n%s", where, fenced(escapedLines(f.Fix)))
	}
}

// worstFirst sorts by severity, then by check and place.
func worstFirst(findings []*scanner.FindingRow) {
	slices.SortStableFunc(findings, func(a, b *scanner.FindingRow) int {
		if order := b.Severity.Rank() - a.Severity.Rank(); order != 0 {
			return order
		}
		return strings.Compare(a.ID, b.ID)
	})
}

// domainsMost is how many domains a shared finding names.
const domainsMost = 20

func codes(names []string) string {
	more := ""
	if len(names) > domainsMost {
		names, more = names[:domainsMost], fmt.Sprintf(" and %d more", len(names)-domainsMost)
	}
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = code(name)
	}
	return strings.Join(out, ", ") + more
}

// code is text in a code span, fenced with more backticks than it has itself.
func code(text string) string {
	ticks := strings.Repeat("`", longest(text, '`')+1)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return ticks + Escaped(text) + ticks
}

func fenced(text string) string {
	ticks := strings.Repeat("`", max(3, longest(text, '`')+1))
	return ticks + "\n" + text + "\n" + ticks + "\n"
}

// longest is the length of the longest row of a character.
func longest(text string, of rune) (most int) {
	row := 0
	for _, r := range text {
		if row++; r != of {
			row = 0
		}
		most = max(most, row)
	}
	return most
}

func title(word string) string { return strings.ToUpper(word[:1]) + word[1:] }
