package input

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// moreColumn holds the keys that came too late for a column of their own.
const moreColumn = "_more"

// jsonlLayout is how the objects are read.
type jsonlLayout struct {
	columns []string
	places  map[string]int // of each key among the columns
	column  int            // of the address
	more    int            // of moreColumn, or -1
}

// jsonlSource finds the keys, and which of them is the address.
func (f *file) jsonlSource() (*Source, error) {
	layout, rows, err := f.sampleObjects()
	if err != nil {
		return nil, err
	}
	want := f.options.Want
	layout.column = findColumn(layout.columns, rows, len(layout.columns), want)
	if asked := f.options.Column; asked != "" {
		var found bool
		if layout.column, _, found = askedColumn(asked, layout.columns, len(layout.columns)); !found {
			return nil, noColumn(f.name, asked, layout.columns)
		}
	}
	if layout.column < 0 {
		return nil, nothingFound(f.name, want, layout.columns)
	}
	if !f.sampled.whole {
		layout.more = len(layout.columns)
		layout.columns = append(layout.columns, moreColumn)
	}
	return &Source{
		columns: layout.columns, address: layout.columns[layout.column], format: JSONL, encoding: f.encoding,
		rows: func(yield func(Input) bool) error { return f.readJSONL(layout, yield) },
	}, nil
}

// sampleObjects reads the sample: its keys in order of first mention, and rows of their values.
func (f *file) sampleObjects() (jsonlLayout, [][]string, error) {
	layout := jsonlLayout{places: make(map[string]int), more: -1}
	var rows [][]string
	var firstErr error
	lines := newLines(bytes.NewReader(f.sampled.fullLines()), true)
	for {
		read, ok := readLine(lines)
		if !ok {
			break
		}
		if strings.TrimSpace(read.text) == "" {
			continue
		}
		pairs, err := objectPairs(nil, read.text)
		if err != nil {
			if firstErr == nil {
				firstErr = err
			}
			continue
		}
		row := make([]string, len(layout.columns))
		for _, p := range pairs {
			place, known := layout.places[p.key]
			if !known {
				place = len(layout.columns)
				layout.places[p.key] = place
				layout.columns = append(layout.columns, p.key)
				row = append(row, "")
			}
			row[place] = p.text
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return layout, nil, &Error{Name: f.name, Reason: fmt.Sprintf("not one JSON object a line: %v", firstErr),
			Advice: "where an object is spread over lines, convert it: jq -c . FILE", Err: firstErr}
	}
	return layout, rows, nil
}

// readJSONL streams the objects.
func (f *file) readJSONL(layout jsonlLayout, yield func(Input) bool) error {
	lines := newLines(f.sampled.all, true)
	var pairs []pair
	row := int64(0)
	for {
		read, ok := readLine(lines)
		if !ok {
			return lines.failure(f.name, row)
		}
		err := read.err
		if err == nil && strings.TrimSpace(read.text) == "" {
			continue
		}
		row++
		in := Input{Row: row, Line: read.number, File: f.name}
		if err == nil {
			pairs, err = objectPairs(pairs[:0], read.text)
		}
		if err == nil {
			in.Text, in.Values, err = layout.arrange(pairs)
		} else {
			in.Values = make([]string, len(layout.columns))
		}
		if err != nil {
			in.Err = &RowError{File: in.File, Line: in.Line, Row: in.Row, Err: err}
		}
		if !yield(in) {
			return nil
		}
	}
}

// arrange puts an object's values into their columns.
func (l *jsonlLayout) arrange(pairs []pair) (text string, values []string, err error) {
	values = make([]string, len(l.columns))
	key := l.columns[l.column]
	err = fmt.Errorf("%w: no key %q", ErrMissing, key)
	var late []pair
	for _, p := range pairs {
		place, known := l.places[p.key]
		if !known {
			late = append(late, p)
			continue
		}
		values[place] = p.text
		if place != l.column {
			continue
		}
		switch text, err = p.text, nil; {
		case !p.isString:
			text, err = "", fmt.Errorf("%w: %q", ErrNoString, key)
		case strings.TrimSpace(text) == "":
			err = fmt.Errorf("%w: %q is empty", ErrMissing, key)
		}
	}
	if len(late) > 0 {
		values[l.more] = objectText(late)
	}
	return text, values, err
}

// objectText writes pairs as one JSON object.
func objectText(pairs []pair) string {
	var object strings.Builder
	for i, p := range pairs {
		object.WriteByte("{,"[min(i, 1)])
		key, _ := json.Marshal(p.key) // a string always encodes
		object.Write(key)
		object.WriteByte(':')
		object.WriteString(p.raw)
	}
	object.WriteByte('}')
	return object.String()
}
