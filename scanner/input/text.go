package input

import "strings"

// textSource reads one address a line.
func (f *file) textSource() (*Source, error) {
	if f.options.Column != "" {
		return nil, &Error{Name: f.name, Reason: "is plain text and has no columns", Advice: "leave --column out"}
	}
	return &Source{format: Text, encoding: f.encoding, rows: f.readText}, nil
}

// readText streams the lines.
func (f *file) readText(yield func(Input) bool) error {
	lines := newLines(f.sampled.all, f.crAlone(Text))
	like := f.options.Want.looks()
	row := int64(0)
	for {
		read, ok := readLine(lines)
		if !ok {
			return lines.failure(f.name, row)
		}
		in := Input{Line: read.number, File: f.name}
		if read.err != nil {
			row++
			in.Row, in.Text = row, read.text
			in.Err = &RowError{File: in.File, Line: in.Line, Row: in.Row, Err: read.err}
			if !yield(in) {
				return nil
			}
			continue
		}
		if skipped(read.text) {
			continue
		}
		texts := members(read.text, like)
		if texts == nil {
			row++
			in.Row, in.Text = row, read.text
			if !yield(in) {
				return nil
			}
		}
		for _, text := range texts {
			row++
			in.Row, in.Text = row, text
			if !yield(in) {
				return nil
			}
		}
	}
}

// skipped says whether a line of text is blank or a comment.
func skipped(text string) bool {
	text = strings.TrimSpace(text)
	return text == "" || text[0] == '#'
}
