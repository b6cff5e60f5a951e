package input

import (
	"fmt"
	"slices"
	"strings"
)

// csvLayout is how the rows of a table are read.
type csvLayout struct {
	table   table
	columns []string
	column  int // of the address
	skip    int // records before the first row of data
}

// csvSource finds the column and the header, and reads the table.
func (f *file) csvSource(t table) (*Source, error) {
	if len(t.rows) == 0 {
		return nil, &Error{Name: f.name, Reason: "holds only blank lines", Advice: "give it a header and rows, or one address a line"}
	}
	layout, err := f.layOut(t)
	if err != nil {
		return nil, err
	}
	return &Source{
		columns: layout.columns, address: layout.columns[layout.column], format: CSV, encoding: f.encoding,
		rows: func(yield func(Input) bool) error { return f.readCSV(layout, yield) },
	}, nil
}

// layOut decides which column is read and whether the first row is a header.
func (f *file) layOut(t table) (csvLayout, error) {
	first, want := t.rows[0], f.options.Want
	width := max(t.width, len(first))
	column, header := findColumn(first, t.rows[1:], width, want), false
	if asked := f.options.Column; asked != "" {
		var found bool
		column, header, found = askedColumn(asked, first, width)
		if !found {
			return csvLayout{}, noColumn(f.name, asked, nameColumns(first, width, !slices.ContainsFunc(first, want.data)))
		}
	} else if column < 0 {
		column = findColumn(nil, t.rows, width, want) // one row, and no header
	}
	switch {
	case column < 0 && width == 1:
		column = 0
	case column < 0:
		return csvLayout{}, nothingFound(f.name, want, nameColumns(first, width, !slices.ContainsFunc(first, want.data)))
	}
	// A blank cell heads no column: it is a first row without its address.
	header = header || column < len(first) && strings.TrimSpace(first[column]) != "" && !want.data(first[column])
	layout := csvLayout{table: t, columns: nameColumns(first, width, header), column: column}
	if t.marked {
		layout.skip++
	}
	if header {
		layout.skip++
	}
	return layout, nil
}

// nameColumns are the header's names as they are, and column_N where it has none.
func nameColumns(first []string, width int, header bool) []string {
	columns := make([]string, width)
	for i := range columns {
		if header && i < len(first) {
			columns[i] = first[i]
			continue
		}
		columns[i] = fmt.Sprintf("column_%d", i+1)
	}
	return columns
}

// readCSV streams the rows.
func (f *file) readCSV(layout csvLayout, yield func(Input) bool) error {
	lines := newLines(f.sampled.all, f.crAlone(CSV))
	reader := records{
		lines: lines, delimiter: layout.table.delimiter,
		width: len(layout.columns), column: layout.column, like: f.options.Want.looks(),
	}
	missing := fmt.Errorf("%w in column %q", ErrMissing, layout.columns[layout.column])
	for range layout.skip {
		reader.next()
	}
	for row := int64(1); ; row++ {
		read, ok := reader.next()
		if !ok {
			return lines.failure(f.name, row-1)
		}
		in := Input{Row: row, Line: read.line, File: f.name}
		err := read.err
		if layout.column < len(read.cells) {
			in.Text = read.cells[layout.column]
		}
		if err == nil && strings.TrimSpace(in.Text) == "" {
			err = missing
		}
		in.Values = fit(read.cells, len(layout.columns), layout.table.delimiter)
		if err != nil {
			in.Err = &RowError{File: in.File, Line: in.Line, Row: in.Row, Err: err}
		}
		if !yield(in) {
			return nil
		}
	}
}

// fit pads a row that is too short, and keeps the surplus of one too long in
// its last column.
func fit(cells []string, width int, delimiter byte) []string {
	for len(cells) < width {
		cells = append(cells, "")
	}
	if len(cells) > width {
		cells[width-1] = strings.Join(cells[width-1:], string(delimiter))
	}
	return cells[:width:width]
}
