package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mxvet/mxvet/scanner"
)

// CSVKind says which rows a CSV file has: one file has one kind of line.
type CSVKind string

const (
	Verdicts CSVKind = "verdicts" // a line for each verdict; the default
	Servers  CSVKind = "servers"  // a line for each server, and for each domain without one to ask
	Findings CSVKind = "findings" // a line for each finding
)

// CSVOptions say how a CSV file is written. The zero value is verdicts, commas,
// no columns of the user's own.
type CSVOptions struct {
	Columns   []string // the user's own headings, in order
	Asked     string   // the one of them whose cells are asked about; "" is the first
	Kind      CSVKind
	Delimiter rune // 0 is a comma
	BOM       bool // begin with a byte order mark, by which spreadsheets tell UTF-8
}

// NewCSV writes one line a row below a line of headings, which is there even
// where no row is. The user's own columns come first and keep their values,
// whatever is in them. Where the user has none, the first column is the input
// as it was typed. A row without columns in a file with them (from a line that
// could not be read, or from another source) has its input in the one asked about.
//
// Where several lines lead to a server, or to what a finding is about, a cell has
// their values, each once: the first five, and how many more. A finding in a
// domain without a server waits until Close, since a later line may lead there.
//
// A heading of ours that the user has too, in any case, gets the prefix mxvet_.
// Cells with text of servers or of DNS cannot become formulas, and have their
// control characters escaped and their lines joined by " / ".
//
// Lines end in LF, as every reader of CSV takes it and tools that work by lines
// need it; RFC 4180 s2 has CRLF. Each row is one Write.
func NewCSV(w io.Writer, options CSVOptions) Writer {
	c := &csvWriter{below: w, out: csv.NewWriter(w), options: options, verdicts: verdictFields(), servers: serverFields(), findings: findingFields(), lines: newLines()}
	if options.Delimiter != 0 {
		c.out.Comma = options.Delimiter
	}
	return c
}

type csvWriter struct {
	below    io.Writer
	out      *csv.Writer
	options  CSVOptions
	verdicts []field[*scanner.VerdictRow]
	servers  []field[*scanner.ServerRow]
	findings []field[*scanner.FindingRow]
	lines    *lines                // for findings
	waiting  []*scanner.FindingRow // for lines that lead to the same domain
	headed   bool
	record   []string // reused
}

func (c *csvWriter) Put(row scanner.Row) error {
	if err := c.head(); err != nil {
		return err
	}
	c.record = c.record[:0]
	switch row := row.(type) {
	case *scanner.VerdictRow:
		if c.options.Kind != Verdicts && c.options.Kind != "" {
			return nil
		}
		c.own(row.Input, row.Columns)
		c.record = values(c.record, c.verdicts, row)
	case *scanner.ServerRow:
		if c.options.Kind == Findings {
			c.lines.server(row, c.cells)
		}
		if c.options.Kind != Servers {
			return nil
		}
		c.shared(row.Targets)
		c.record = values(c.record, c.servers, row)
	case *scanner.DomainRow:
		if c.options.Kind == Findings {
			c.lines.domain(row, c.cells)
		}
		why, ok := Nowhere(row)
		if c.options.Kind != Servers || !ok {
			return nil
		}
		c.own(row.Input, row.Columns)
		c.record = values(c.record, c.servers, unasked(row, why))
	case *scanner.FindingRow:
		if c.options.Kind != Findings {
			return nil
		}
		if !c.lines.whole(row) {
			c.waiting = append(c.waiting, row)
			return nil
		}
		c.finding(row)
	default:
		return nil
	}
	return c.write()
}

// unasked is a domain in the form of the server it has not.
func unasked(row *scanner.DomainRow, why string) *scanner.ServerRow {
	server := &scanner.ServerRow{Domains: []string{row.Domain}}
	server.Why = why
	return server
}

// Close writes the findings that waited.
func (c *csvWriter) Close() error {
	if err := c.head(); err != nil {
		return err
	}
	for _, row := range c.waiting {
		c.record = c.record[:0]
		c.finding(row)
		if err := c.write(); err != nil {
			return err
		}
	}
	c.waiting = nil
	return nil
}

// finding makes a finding's line.
func (c *csvWriter) finding(row *scanner.FindingRow) {
	if all := c.lines.of(row); len(all) > 0 {
		c.record = append(c.record, together(all, len(all[0]))...)
	} else {
		name, _ := place(row)
		c.own(name, row.Columns)
	}
	c.record = values(c.record, c.findings, row)
}

// shared appends the user's cells of all lines that lead to a server.
func (c *csvWriter) shared(targets []scanner.Target) {
	switch len(targets) {
	case 0:
		c.own("", nil)
	case 1:
		c.own(targets[0].Input, targets[0].Columns)
	default:
		all := make([][]string, len(targets))
		for i, one := range targets {
			all[i] = c.cells(one.Input, one.Columns)
		}
		c.record = append(c.record, together(all, len(all[0]))...)
	}
}

// head writes the headings, once.
func (c *csvWriter) head() error {
	if c.headed {
		return nil
	}
	c.headed = true
	if c.options.BOM {
		if _, err := io.WriteString(c.below, "\ufeff"); err != nil {
			return err
		}
	}
	headings, err := c.options.headings()
	if err != nil {
		return err
	}
	c.record = headings
	return c.write()
}

func (o CSVOptions) headings() ([]string, error) {
	var ours []string
	switch o.Kind {
	case Servers:
		ours = names(serverFields())
	case Findings:
		ours = names(findingFields())
	case Verdicts, "":
		ours = names(verdictFields())
	default:
		return nil, fmt.Errorf("report: no CSV of kind %q", o.Kind)
	}
	if len(o.Columns) == 0 {
		return append([]string{"input"}, ours...), nil
	}
	taken := make(map[string]bool, len(o.Columns))
	for _, name := range o.Columns {
		taken[strings.ToLower(name)] = true
	}
	headings := append([]string{}, o.Columns...)
	for _, name := range ours {
		for taken[name] {
			name = "mxvet_" + name
		}
		headings = append(headings, name)
	}
	return headings, nil
}

// own appends the user's cells. Most sources have the same columns in every
// row; where several sources are read, a cell is found by its heading.
func (c *csvWriter) own(input string, cells scanner.Columns) {
	c.record = append(c.record, c.cells(input, cells)...)
}

// cells are those of one line.
func (c *csvWriter) cells(input string, cells scanner.Columns) []string {
	if len(c.options.Columns) == 0 {
		return []string{input}
	}
	out := make([]string, len(c.options.Columns))
	for i, name := range c.options.Columns {
		out[i] = cellFor(cells, i, name)
	}
	if len(cells) == 0 {
		out[max(slices.Index(c.options.Columns, c.options.Asked), 0)] = input
	}
	return out
}

func cellFor(cells scanner.Columns, at int, name string) string {
	if at < len(cells) && cells[at].Name == name {
		return cells[at].Value
	}
	for _, one := range cells {
		if one.Name == name {
			return one.Value
		}
	}
	return ""
}

func (c *csvWriter) write() error {
	if err := c.out.Write(c.record); err != nil {
		return err
	}
	c.out.Flush()
	return c.out.Error()
}
