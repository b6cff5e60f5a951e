package report

import (
	"io"
	"slices"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// TableOptions say what the table is shown on.
type TableOptions struct {
	Width  int  // columns of the terminal; 0 is 120, for what is no terminal
	Colour bool // colour the verdicts; the word stands there all the same
	Whole  int  // so many servers, and domains, or fewer are shown whole, a fact a line
}

// sampleRows is how many rows a table looks at before it settles its widths.
const sampleRows = 200

// NewTable writes verdicts, servers with what they offer, and domains without
// a server to ask, as a table each, and behind them the findings, the worst
// first. No line is wider than options.Width: cells are cut with an
// ellipsis, and narrow terminals get fewer columns.
//
// A table begins when Close is called or 200 of its rows have come; its column
// widths are then settled, and later rows stream. Where another table began in
// between, its further rows come in blocks of 200 below a heading of their own.
func NewTable(w io.Writer, options TableOptions) Writer {
	if options.Width <= 0 {
		options.Width = widthUsual
	}
	t := &table{out: trimmed{w: w}, options: options}
	t.verdicts = newSheet("Verdicts", verdictColumns(), options.Width)
	t.servers = newSheet("Servers", serverColumns(), options.Width)
	t.matrix = newSheet("Extensions ("+legend+")", matrixColumns(), options.Width)
	t.domains = newSheet("Domains without a server to ask", domainColumns(), options.Width)
	return t
}

// legend says what the marks of the matrix mean.
const legend = "tls, clear: only there; -: no; ?: unknown"

type table struct {
	out                                trimmed
	options                            TableOptions
	verdicts, servers, matrix, domains *sheet
	open                               *sheet             // the one whose rows stream
	stream                             *tablewriter.Table // of open
	whole, promises                    []string           // the first servers and domains, whole
	faults                             faults
}

// sheet is one of the tables.
type sheet struct {
	title   string
	columns []column
	pick    []int      // of the cells of a row those that are shown
	widths  []int      // nil until settled
	held    [][]string // rows not shown yet
}

func newSheet(title string, columns []column, width int) *sheet {
	s := &sheet{title: title, pick: shown(columns, width)}
	for _, i := range s.pick {
		s.columns = append(s.columns, columns[i])
	}
	return s
}

// dropEmpty leaves out the columns in which no row has anything: those without
// a `from` are the table's point, and stay.
func (s *sheet) dropEmpty() {
	kept := &sheet{}
	for i, c := range s.columns {
		filled := slices.ContainsFunc(s.held, func(row []string) bool { return row[i] != "" })
		if !filled && c.from > 0 {
			continue
		}
		kept.columns, kept.pick = append(kept.columns, c), append(kept.pick, s.pick[i])
		for n, row := range s.held {
			if len(kept.held) == n {
				kept.held = append(kept.held, nil)
			}
			kept.held[n] = append(kept.held[n], row[i])
		}
	}
	s.columns, s.pick, s.held = kept.columns, kept.pick, kept.held
}

func (t *table) Put(row scanner.Row) error {
	switch row := row.(type) {
	case *scanner.VerdictRow:
		return t.add(t.verdicts, verdictCells(row))
	case *scanner.ServerRow:
		if len(t.whole) <= t.options.Whole {
			t.whole = append(t.whole, detail(row, t.options.Width))
		}
		if err := t.add(t.servers, serverCells(row)); err != nil {
			return err
		}
		return t.add(t.matrix, matrixCells(row))
	case *scanner.DomainRow:
		if promises(row) && len(t.promises) <= t.options.Whole {
			t.promises = append(t.promises, domainDetail(row, t.options.Width))
		}
		if why, ok := Nowhere(row); ok {
			return t.add(t.domains, []string{named(row), why})
		}
	case *scanner.FindingRow:
		t.faults.add(row)
	case *scanner.RunRow:
		t.faults.judged = t.faults.judged || row.Findings != nil
	}
	return nil
}

// Close shows the rows that are held.
func (t *table) Close() error {
	for _, s := range [...]*sheet{t.verdicts, t.servers, t.matrix, t.domains} {
		whole := len(t.whole) <= t.options.Whole
		switch {
		case whole && s == t.matrix:
			continue
		case whole && s == t.servers:
			if err := t.showWhole(); err != nil {
				return err
			}
		default:
			if err := t.show(s); err != nil {
				return err
			}
		}
	}
	if err := t.shut(); err != nil {
		return err
	}
	if len(t.promises) <= t.options.Whole {
		for _, text := range t.promises {
			if err := t.apart(text); err != nil {
				return err
			}
		}
	}
	return t.apart(t.faults.text(t.options.Width, t.options.Colour, len(t.whole) > t.options.Whole))
}

// apart writes a block behind an empty line.
func (t *table) apart(text string) error {
	if text == "" {
		return nil
	}
	if t.out.wrote {
		text = "\n" + text
	}
	if _, err := io.WriteString(&t.out, text); err != nil {
		return err
	}
	return t.out.err
}

// showWhole shows few servers with all their facts.
func (t *table) showWhole() error {
	for _, text := range t.whole {
		if err := t.apart(text); err != nil {
			return err
		}
	}
	return nil
}

func (t *table) add(s *sheet, cells []string) error {
	row := make([]string, len(s.pick))
	for i, at := range s.pick {
		row[i] = cell(cells[at])
	}
	if t.open == s {
		return t.line(row)
	}
	s.held = append(s.held, row)
	if len(s.held) < sampleRows {
		return nil
	}
	return t.show(s)
}

// show opens a sheet and writes what it holds.
func (t *table) show(s *sheet) error {
	if len(s.held) == 0 {
		return nil
	}
	if err := t.shut(); err != nil {
		return err
	}
	title := s.title
	if s.widths != nil {
		title += " (continued)"
	} else {
		if len(s.held) < sampleRows {
			s.dropEmpty()
		}
		s.widths = widths(s.columns, s.held, t.options.Width, len(s.held) >= sampleRows)
	}
	head := fit(title, t.options.Width) + "\n"
	if t.out.wrote {
		head = "\n" + head
	}
	if _, err := io.WriteString(&t.out, head); err != nil {
		return err
	}
	if err := t.begin(s); err != nil {
		return err
	}
	for _, row := range s.held {
		if err := t.line(row); err != nil {
			return err
		}
	}
	s.held = nil
	return nil
}

func (t *table) begin(s *sheet) error {
	t.open, t.stream = s, newStream(&t.out, s.widths)
	if err := t.stream.Start(); err != nil {
		return err
	}
	headings := make([]string, len(s.columns))
	for i, c := range s.columns {
		headings[i] = fit(c.heading, s.widths[i])
	}
	t.stream.Header(headings)
	return t.out.err
}

func (t *table) line(row []string) error {
	for i, width := range t.open.widths {
		word := row[i]
		row[i] = fit(word, width)
		if t.options.Colour && t.open == t.verdicts && t.open.pick[i] == verdictColumn {
			row[i] = coloured(row[i], judge.Word(word))
		}
	}
	if err := t.stream.Append(row); err != nil {
		return err
	}
	return t.out.err
}

func (t *table) shut() error {
	if t.stream != nil {
		if err := t.stream.Close(); err != nil {
			return err
		}
	}
	t.open, t.stream = nil, nil
	return t.out.err
}

// coloured says a verdict again in colour, never only in colour.
func coloured(text string, verdict judge.Word) string {
	codes := map[judge.Word]string{judge.Deliverable: "32", judge.Risky: "33", judge.Undeliverable: "31", judge.Unknown: "90"}
	code, ok := codes[verdict]
	if !ok {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// newStream is a renderer without lines that leaves cells as they are, since
// they fit. Widths include the gap to the next column.
func newStream(w io.Writer, sizes []int) *tablewriter.Table {
	perColumn := tw.NewMapper[int, int]()
	for i, size := range sizes {
		perColumn.Set(i, size+gap)
	}
	cells := tw.CellConfig{
		Formatting: tw.CellFormatting{AutoWrap: tw.WrapTruncate, AutoFormat: tw.Off}, // WrapNone is taken for unset
		Alignment:  tw.CellAlignment{Global: tw.AlignLeft},
		Padding:    tw.CellPadding{Global: tw.Padding{Right: "  ", Overwrite: true}},
	}
	bare := tw.Rendition{Borders: tw.BorderNone, Settings: tw.Settings{Lines: tw.LinesNone, Separators: tw.SeparatorsNone}}
	return tablewriter.NewTable(w,
		tablewriter.WithRenderer(renderer.NewBlueprint(bare)),
		tablewriter.WithConfig(tablewriter.Config{Header: cells, Row: cells, Widths: tw.CellWidth{PerColumn: perColumn}}),
		tablewriter.WithStreaming(tw.StreamConfig{Enable: true}),
		tablewriter.WithEastAsian(tw.Off)) // as textWidth counts, whatever the locale
}
