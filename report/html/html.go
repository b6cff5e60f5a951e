// Package html answers: how does a person read a run of ten thousand rows
// without installing anything?
//
// A report is one HTML file that asks nothing of anybody: style, script and data
// stand in it, and its Content Security Policy (W3C CSP Level 3) forbids every
// request. It can be mailed, archived, printed, and opened from a disk in ten
// years. It holds, for verifications and scans alike:
//
//   - summary figures, charts, and the findings by severity, each with the line
//     that mends it. They are written as HTML and SVG, and need no script.
//   - a table of each kind of row, to sort and to filter, of which only the lines
//     in view are in the page (vendor/, tabulator-tables).
//   - a page for each domain and server, and a panel for each verdict, with the
//     facts and the server's own words. They are made from the data when opened.
//
// A row goes this way:
//
//  1. Put counts it, for the figures and charts
//  2. its cells in the table become a line of its sheet's index
//  3. the whole row goes into its sheet's blocks of 200 rows, which a browser
//     reads only when one of them is opened
//  4. a finding goes into its group too, which keeps the first 20 of a check
//  5. Close writes the head with what was counted, then the sheets
//
// Index and blocks leave memory for an unlinked temporary file beyond 1 MiB, so
// that a run of any length is told in the memory of its counts.
//
// What strangers said is in the file as it was, inside JSON whose angle brackets
// are escaped, and becomes text nodes, never markup, links or styles. Characters
// that hide, turn the reading order around or are no text at all are shown as
// escapes, and endless lines are cut.
//
// The charts are bars drawn by a template. Libraries for charts in Go
// write colours into style attributes, which the policy forbids and no theme can
// change, and bring neither titles nor descriptions for screen readers.
//
// Left out: comparing runs, and editing anything.
package html

import (
	"io"
	"time"

	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/scanner"
)

// Options say what the report is called.
type Options struct {
	Title string    // the heading; empty is named for the rows
	Now   time.Time // when certificates are looked at that no run row dates; zero is the clock's
}

// New makes the writer of a report. Nothing reaches w before Close, which must
// be called for the temporary files to go. The errors are those of w and of the
// temporary files.
func New(w io.Writer, options Options) report.Writer {
	if options.Now.IsZero() {
		options.Now = time.Now()
	}
	return &writer{
		w: w, options: options, counts: newTally(), groups: newGroups(),
		verdicts: newSheet("verdicts", verdictFields()), domains: newSheet("domains", domainFields()),
		servers: newSheet("servers", serverFields()), findings: newSheet("findings", findingFields()),
	}
}

type writer struct {
	w                                    io.Writer
	options                              Options
	counts                               *tally
	groups                               *groups
	verdicts, domains, servers, findings *sheet
	columns                              columns
	run                                  *scanner.RunRow
}

// Put takes a row in. A kind that has no place here is passed over.
func (w *writer) Put(row scanner.Row) error {
	switch row := row.(type) {
	case *scanner.VerdictRow:
		w.counts.verdict(row)
		return w.verdicts.add(verdictCells(row, &w.columns), row)
	case *scanner.ServerRow:
		w.counts.server(row)
		return w.servers.add(serverCells(row, &w.columns), row)
	case *scanner.DomainRow:
		w.counts.domain(row)
		return w.domains.add(domainCells(row, &w.columns), row)
	case *scanner.FindingRow:
		w.counts.finding(row)
		w.groups.add(row)
		return w.findings.add(findingCells(row), row)
	case *scanner.RunRow:
		w.run = row
	}
	return nil
}

// Close writes the report.
func (w *writer) Close() error {
	defer w.drop()
	return w.write()
}

func (w *writer) sheets() []*sheet {
	return []*sheet{w.domains, w.servers, w.verdicts, w.findings}
}

func (w *writer) drop() {
	for _, s := range w.sheets() {
		s.drop()
	}
}
