package input

import "strings"

// record is one row of CSV.
type record struct {
	cells []string
	line  int64 // where it begins
	err   error
}

// records cuts lines into rows.
//
// A quoted cell may hold line ends, so an opening mark without its closing
// one would make the rest of the file one cell, or, worse, end at the next
// careless mark some thousand rows below. An open cell is therefore followed
// line by line, and taken for a broken one as soon as
//
//   - a line stands in it that is a row by itself: the right number of cells,
//     its own marks in order, an address in the address column;
//   - a mark in it is neither doubled nor before a delimiter or line end;
//   - it outgrows maxLine, or the file ends.
//
// The row it began in then comes out with ErrQuote and its cells cut at the
// delimiters, and reading goes on at the line below it. A broken cell costs
// one row, and what is held meanwhile is at most maxLine.
type records struct {
	lines     *lines
	delimiter byte              // 0: a line is one cell
	width     int               // cells of a usual row; 0 where not known yet
	column    int               // of the address; -1 for any
	like      func(string) bool // an address by its looks

	ahead []heldLine // lines read while following a cell that proved broken
	taken int        // how many of them have been given out again
}

// heldLine is a line with a text of its own.
type heldLine struct {
	text   string
	end    string
	number int64
	err    error // ErrTooLong, ErrNUL
}

// next gives the next row, and false at the end of the file. Blank lines are none.
func (r *records) next() (record, bool) {
	r.letGo()
	for {
		first, ok := r.line()
		switch {
		case !ok:
			return record{}, false
		case first.err != nil:
			return record{line: first.number, cells: r.damaged(first), err: first.err}, true
		case first.text == "" || r.delimiter != '\t' && strings.TrimSpace(first.text) == "":
			continue
		}
		scan := scanCells(make([]string, 0, max(r.width, 1)), first.text, r.delimiter)
		if scan.open {
			return r.follow(first, scan), true
		}
		return record{cells: scan.cells, line: first.number}, true
	}
}

// damaged gives the cells of a line that is not to be trusted.
func (r *records) damaged(l heldLine) []string {
	if l.text == "" {
		return nil
	}
	return plainCells(nil, l.text, r.delimiter)
}

// follow reads a cell that goes on past its line.
func (r *records) follow(first heldLine, opened cellScan) record {
	mark := r.taken
	whole := len(opened.cells)
	broken := func() record {
		r.taken = mark
		cells := plainCells(opened.cells[:whole:whole], `"`+opened.tail, r.delimiter)
		return record{cells: cells, line: first.number, err: ErrQuote}
	}
	var cell strings.Builder
	cell.WriteString(opened.tail)
	end, cells, size := first.end, opened.cells, len(first.text)
	for {
		next, ok := r.hold()
		size += len(next.text) + 2
		// The bound on cells keeps a file of nothing but stray marks from
		// being followed to maxLine at each of them.
		if !ok || next.err != nil || size > maxLine || len(cells) > 4*r.width+16 || r.isRow(next.text) {
			return broken()
		}
		cell.WriteString(end)
		end = next.end
		i := closingMark(next.text)
		if i < 0 {
			cell.WriteString(next.text)
			continue
		}
		rest, more, ok := afterQuoted(next.text[i+1:], r.delimiter)
		if !ok {
			return broken()
		}
		cell.WriteString(next.text[:i])
		cells = append(cells, unquote(cell.String()))
		if !more {
			return record{cells: cells, line: first.number}
		}
		scan := scanCells(cells, rest, r.delimiter)
		cells = scan.cells
		if !scan.open {
			return record{cells: cells, line: first.number}
		}
		cell.Reset()
		cell.WriteString(scan.tail)
	}
}

// isRow says whether a line inside a quoted cell is a row by itself.
func (r *records) isRow(text string) bool {
	if r.width == 0 || text == "" {
		return false
	}
	scan := scanCells(nil, text, r.delimiter)
	if scan.stray || scan.open || len(scan.cells) != r.width {
		return false
	}
	if r.column >= 0 {
		return r.like(scan.cells[r.column])
	}
	for _, cell := range scan.cells {
		if r.like(cell) {
			return true
		}
	}
	return false
}

// line gives the next line, held ones first.
func (r *records) line() (heldLine, bool) {
	if r.taken < len(r.ahead) {
		r.taken++
		return r.ahead[r.taken-1], true
	}
	return readLine(r.lines)
}

// hold gives the next line and keeps it, to be given out again.
func (r *records) hold() (heldLine, bool) {
	if r.taken == len(r.ahead) {
		read, ok := readLine(r.lines)
		if !ok {
			return heldLine{}, false
		}
		r.ahead = append(r.ahead, read)
	}
	r.taken++
	return r.ahead[r.taken-1], true
}

// letGo forgets held lines that have been given out.
func (r *records) letGo() {
	if r.taken == len(r.ahead) || r.taken > 1024 && r.taken > len(r.ahead)/2 {
		r.ahead = append(r.ahead[:0], r.ahead[r.taken:]...)
		r.taken = 0
	}
}

// readLine takes a line out of the reader's buffer.
func readLine(l *lines) (heldLine, bool) {
	read, ok := l.next()
	if !ok {
		return heldLine{}, false
	}
	held := heldLine{text: lineText(read.text), end: read.end, number: read.number}
	switch {
	case read.long:
		held.err = ErrTooLong
	case strings.IndexByte(held.text, 0) >= 0:
		held.err = ErrNUL
	}
	return held, true
}
