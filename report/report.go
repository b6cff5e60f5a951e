// Package report answers: how is a person or a program told what was found?
//
// Rows come from the scanner one by one and go to a Writer:
//
//   - JSON Lines (NewJSONL): everything that is known, one object a line. Read
//     takes it back in, so that one run can be told again in another form.
//     Schema describes the lines in JSON Schema, draft 2020-12.
//   - CSV (NewCSV; RFC 4180): the user's own columns first and unaltered, then
//     what was found out: one line a verdict, a server or a finding.
//   - A table (NewTable), which fits the terminal it is for, and of a scan a
//     matrix of extensions and the findings by severity.
//   - A summary (NewSummary): the counts, and what they say about the run itself.
//   - Findings for other programs: SARIF 2.1.0 (NewSARIF), JUnit XML (NewJUnit),
//     Markdown (NewMarkdown), and figures for Prometheus (NewMetrics).
//
// NewSplit and NewGroups send rows to several Writers, a verdict or an owner
// each. Diff and DiffFindings compare two runs: what could not be looked at the
// second time is neither gone nor mended.
//
// Much of what is told was said by strangers. A greeting may hold escape
// sequences that rewrite a terminal, a host name characters that turn text
// around, a reply text that a spreadsheet runs as a formula. Each form defends
// itself where it writes: Printable for terminals and the summary; apostrophes
// and escapes in CSV, in the columns that come from servers and DNS only. JSON
// needs nothing. The user's own cells stay as they are in CSV and JSON Lines;
// in a table they are as hostile as the rest.
//
// A null in JSON, and an empty cell in CSV, was not measured: it is never a no.
//
// Left out: HTML (package html below), and what a fact is to be called (package
// judge) or is worth (package audit below).
package report

import (
	"errors"

	"github.com/mxvet/mxvet/scanner"
)

// Writer tells rows. Put is called for each row from one goroutine at a time,
// in the order the rows are to be told; a row is not kept or changed. After an
// error the Writer is of no more use but for Close.
//
// Close writes what is held back, once, and leaves the io.Writer below open.
// A Writer passes over rows that its form has no place for.
type Writer interface {
	Put(row scanner.Row) error
	Close() error
}

// Multi tells every row to all writers. One that fails does not keep the row
// from the others; the errors come back joined.
func Multi(writers ...Writer) Writer { return multi(writers) }

type multi []Writer

func (m multi) Put(row scanner.Row) error {
	var errs []error
	for _, w := range m {
		errs = append(errs, w.Put(row))
	}
	return errors.Join(errs...)
}

func (m multi) Close() error {
	var errs []error
	for _, w := range m {
		errs = append(errs, w.Close())
	}
	return errors.Join(errs...)
}
