package input

import "strings"

// cellScan is what one line of CSV was cut into.
type cellScan struct {
	cells []string
	stray bool   // a quotation mark stands where none may
	open  bool   // the line ends inside a quoted cell
	tail  string // of that cell, after its opening mark
}

// scanCells cuts a line, or the rest of one, into cells after those given.
//
// A cell is quoted where it begins with a quotation mark and the mark that
// ends it stands before the delimiter or the line's end, blanks apart. Any
// other mark is a letter: `"john smith"@example.org` and `"Ann" Lee` are
// cells as they stand, as people write them without thinking of RFC 4180.
func scanCells(cells []string, text string, delimiter byte) cellScan {
	scan := cellScan{cells: cells}
	for {
		inside, quoted := strings.CutPrefix(strings.TrimLeft(text, " "), `"`)
		if !quoted {
			cell, rest, more := cutCell(text, delimiter)
			scan.stray = scan.stray || strings.IndexByte(cell, '"') >= 0
			scan.cells = append(scan.cells, cell)
			if !more {
				return scan
			}
			text = rest
			continue
		}
		end := closingMark(inside)
		if end < 0 {
			scan.open, scan.tail = true, inside
			return scan
		}
		cell := unquote(inside[:end])
		rest, more, ok := afterQuoted(inside[end+1:], delimiter)
		if !ok {
			scan.stray = true
			_, rest, more = cutCell(inside[end+1:], delimiter)
			cell = text[:len(text)-len(rest)]
			if more {
				cell = cell[:len(cell)-1]
			}
		}
		scan.cells = append(scan.cells, cell)
		if !more {
			return scan
		}
		text = rest
	}
}

// plainCells cuts at every delimiter, quotation marks being letters.
func plainCells(cells []string, text string, delimiter byte) []string {
	for {
		cell, rest, more := cutCell(text, delimiter)
		cells = append(cells, cell)
		if !more {
			return cells
		}
		text = rest
	}
}

// cutCell cuts at the first delimiter; delimiter 0 divides nothing.
func cutCell(text string, delimiter byte) (cell, rest string, more bool) {
	if delimiter == 0 {
		return text, "", false
	}
	i := strings.IndexByte(text, delimiter)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+1:], true
}

// closingMark is the place of the first quotation mark that is not doubled, or -1.
func closingMark(text string) int {
	for from := 0; ; {
		i := strings.IndexByte(text[from:], '"')
		if i < 0 {
			return -1
		}
		i += from
		if i+1 == len(text) || text[i+1] != '"' {
			return i
		}
		from = i + 2
	}
}

// afterQuoted goes past what follows a closing mark; ok is false where that is
// neither a delimiter nor the end.
func afterQuoted(text string, delimiter byte) (rest string, more, ok bool) {
	text = strings.TrimLeft(text, " ")
	switch {
	case text == "":
		return "", false, true
	case delimiter != 0 && text[0] == delimiter:
		return text[1:], true, true
	}
	return "", false, false
}

func unquote(text string) string {
	if strings.IndexByte(text, '"') < 0 {
		return text
	}
	return strings.ReplaceAll(text, `""`, `"`)
}
