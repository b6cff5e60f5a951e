package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/scanner/doctor"
)

// writeFindings writes a JSON object a line.
func writeFindings(w io.Writer, findings []doctor.Finding) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for _, f := range findings {
		row := struct {
			Type string `json:"type"`
			doctor.Finding
		}{"check", f}
		if err := encoder.Encode(row); err != nil {
			return err
		}
	}
	return nil
}

// showFindings writes a table of all findings, then what is to be done about
// those that are not ok, then the verdict.
func showFindings(w io.Writer, findings []doctor.Finding, width int) error {
	var page strings.Builder
	table := tabwriter.NewWriter(&page, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CHECK\tSTATUS\tFOUND")
	for _, f := range findings {
		fmt.Fprintf(table, "%s\t%s\t%s\n", label(f), f.Status, report.Printable(f.Title))
	}
	table.Flush()
	heading := "\nWhat to do\n"
	for _, f := range findings {
		if f.Advice == "" && (f.Status == doctor.OK || f.Status == doctor.Skipped) {
			continue
		}
		fmt.Fprintf(&page, "%s\n%s: %s\n", heading, label(f), report.Printable(f.Title))
		heading = ""
		for _, line := range f.Evidence {
			fmt.Fprintf(&page, "  | %s\n", report.Printable(line))
		}
		wrap(&page, report.Printable(f.Advice), min(width, 100))
	}
	fmt.Fprintf(&page, "\n%s\n", prognosis(findings))
	_, err := io.WriteString(w, page.String())
	return err
}

func label(f doctor.Finding) string {
	return strings.TrimSpace(string(f.Check) + " " + string(f.Family))
}

// prognosis is the whole in one sentence.
func prognosis(findings []doctor.Finding) string {
	warnings, reached := 0, false
	for _, f := range findings {
		if f.Status == doctor.Warning {
			warnings++
		}
		reached = reached || f.Check == doctor.Greeting && (f.Status == doctor.OK || f.Status == doctor.Warning)
	}
	switch {
	case !doctor.CanVerify(findings):
		return "This machine cannot verify as it is."
	case !reached:
		return "Whether this machine can verify could not be found out."
	case warnings == 1:
		return "This machine can verify; there is 1 warning."
	case warnings > 1:
		return fmt.Sprintf("This machine can verify; there are %d warnings.", warnings)
	}
	return "This machine can verify."
}

// wrap writes text in lines of at most width columns, indented by two.
func wrap(w io.Writer, text string, width int) {
	column := 0
	for word := range strings.FieldsSeq(text) {
		length := len([]rune(word))
		switch {
		case column == 0:
			fmt.Fprint(w, "  ", word)
			column = 2 + length
		case column+1+length > width:
			fmt.Fprint(w, "\n  ", word)
			column = 2 + length
		default:
			fmt.Fprint(w, " ", word)
			column += 1 + length
		}
	}
	if column > 0 {
		fmt.Fprintln(w)
	}
}
