package audit

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mxvet/mxvet/scanner"
)

// WriteMarkdown writes the documentation of all checks, the worst first.
func WriteMarkdown(w io.Writer) error {
	list := Checks()
	slices.SortStableFunc(list, func(x, y Check) int { return y.Severity.Rank() - x.Severity.Rank() })
	var out strings.Builder
	fmt.Fprintf(&out, "# Checks\n\n%d checks. A fact that was not measured never makes a finding.\n", len(list))
	last := scanner.Severity("")
	for _, c := range list {
		if c.Severity != last {
			fmt.Fprintf(&out, "\n## %s\n", c.Severity)
			last = c.Severity
		}
		fmt.Fprintf(&out, "\n### %s\n\n%s: %s. %s\n\n", c.ID, c.Scope, c.Title, c.Explain)
		fmt.Fprintf(&out, "- %s, because %s\n- %s\n", c.Severity, c.Because, c.Reference)
		if c.Needs != "" {
			fmt.Fprintf(&out, "- needs `%s`\n", c.Needs)
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}
