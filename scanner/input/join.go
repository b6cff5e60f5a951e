package input

import (
	"cmp"
	"errors"
)

// Join reads sources one after another. Columns are the union by name, in
// order of first mention; where a source has a name twice, so has the union.
// AddressColumn is the first source's that has one. Rows are numbered through. Reading ends at the first source that breaks.
func Join(sources ...*Source) *Source {
	joined := &Source{}
	places := make([][]int, len(sources))
	for i, s := range sources {
		places[i] = joined.place(s.columns)
		if i == 0 {
			joined.format, joined.encoding = s.format, s.encoding
		}
		joined.long = joined.long || s.long
		joined.address = cmp.Or(joined.address, s.address)
		joined.format = same(joined.format, s.format)
		joined.encoding = same(joined.encoding, s.encoding)
	}
	joined.close = func() error {
		var errs []error
		for _, s := range sources {
			errs = append(errs, s.Close())
		}
		return errors.Join(errs...)
	}
	joined.rows = func(yield func(Input) bool) error {
		row, width := int64(0), len(joined.columns)
		for i, s := range sources {
			for in := range s.All() {
				row++
				if !yield(in.moved(row, places[i], width)) {
					return nil
				}
			}
			if err := s.Err(); err != nil {
				return err
			}
		}
		return nil
	}
	return joined
}

// place finds each column among those of the joined source, adding what is
// missing. The second of a name goes to the second of that name.
func (s *Source) place(columns []string) []int {
	taken := make(map[int]bool)
	places := make([]int, len(columns))
	for i, name := range columns {
		at := -1
		for j, have := range s.columns {
			if have == name && !taken[j] {
				at = j
				break
			}
		}
		if at < 0 {
			at = len(s.columns)
			s.columns = append(s.columns, name)
		}
		taken[at], places[i] = true, at
	}
	return places
}

// moved is the row at its place in a joined source.
func (in Input) moved(row int64, places []int, width int) Input {
	if in.Values != nil {
		values := make([]string, width)
		for i, value := range in.Values {
			values[places[i]] = value
		}
		in.Values = values
	}
	if err, ok := errors.AsType[*RowError](in.Err); ok {
		in.Err = &RowError{File: err.File, Line: err.Line, Row: row, Err: err.Err}
	}
	in.Row = row
	return in
}

// same is the value both have, or the zero value.
func same[T comparable](a, b T) T {
	if a != b {
		var none T
		return none
	}
	return a
}
