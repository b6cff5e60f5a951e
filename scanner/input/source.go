package input

import "iter"

// Source is a stream of rows. It is read once, by one goroutine.
type Source struct {
	columns  []string
	address  string
	format   Format
	encoding string
	long     bool
	rows     func(yield func(Input) bool) error
	close    func() error
	err      error
}

// Arguments is a source of texts from the command line.
func Arguments(texts []string) *Source {
	return &Source{rows: func(yield func(Input) bool) error {
		for i, text := range texts {
			if !yield(Input{Row: int64(i) + 1, Text: text}) {
				break
			}
		}
		return nil
	}}
}

// Columns are the user's own header names, as written; nil for plain text.
func (s *Source) Columns() []string { return s.columns }

// AddressColumn is the name of the column that Text is taken from; "" for plain text.
func (s *Source) AddressColumn() string { return s.address }

// Format is the format found or asked for; "" for arguments and for sources of several formats joined.
func (s *Source) Format() Format { return s.format }

// Encoding is what the bytes were taken for: utf-8, utf-16le, utf-16be or
// windows-1252; "" for arguments and for sources of several encodings joined.
func (s *Source) Encoding() string { return s.encoding }

// Long reports whether there is more than the first 64 KiB, some thousand rows.
func (s *Source) Long() bool { return s.long }

// All yields the rows in order, once; a second call yields nothing. Bad rows
// come out with Err set. Files are closed when it ends, however it ends.
func (s *Source) All() iter.Seq[Input] {
	return func(yield func(Input) bool) {
		rows := s.rows
		s.rows = nil
		if rows == nil {
			return
		}
		defer s.Close()
		s.err = rows(yield)
	}
}

// Err is the error that ended reading early, after All has ended; nil at end of file.
func (s *Source) Err() error { return s.err }

// Close lets go of the files of a source whose rows nobody will read. All closes by itself.
func (s *Source) Close() error {
	closeFile := s.close
	s.rows, s.close = nil, nil
	if closeFile == nil {
		return nil
	}
	return closeFile()
}
