package input

import (
	"bytes"
	"slices"
	"strings"
)

// sampleRows bounds the rows looked at to understand a table.
const sampleRows = 500

// table is a way to read the sample as CSV, and how well it fits.
type table struct {
	delimiter   byte // 0: one column
	marked      bool // the first line is "sep=;", which Excel writes and reads
	rows        [][]string
	width       int     // the commonest number of cells
	consistency float64 // share of the rows that have it
	evidence    float64 // share of cells that look right in the best column
	named       bool    // the first row has a known name
}

// score compares delimiters. The right one leaves bare addresses in a column;
// a comma inside "1,50" may divide every row as evenly.
func (t table) score() float64 {
	score := t.consistency + 2*t.evidence
	if t.named {
		score += 2
	}
	return score
}

// findTable says whether the sample is a table, and which. The extension
// decides where the content is not clear.
func (f *file) findTable() (table, bool) {
	asked := f.options.Column != ""
	if !asked && f.listsOnly() {
		return table{}, false
	}
	asked = asked || f.hasExtension(".csv", ".tsv", ".tab")
	if best, ok := f.bestTable(); ok {
		switch {
		case best.marked, best.named, asked && (best.consistency > 0.5 || best.evidence >= 0.5):
			return best, true
		case best.consistency >= 0.7 && best.evidence >= 0.5:
			return best, true
		}
	}
	one := f.readTable(0)
	return one, len(one.rows) > 0 && (one.named || asked || f.allQuoted())
}

// forcedTable reads the sample as a table whatever it looks like.
func (f *file) forcedTable() table {
	if best, ok := f.bestTable(); ok && (best.marked || best.named || best.consistency > 0.5) {
		return best
	}
	return f.readTable(0)
}

// bestTable tries the delimiters; ok is false where none divides the rows.
func (f *file) bestTable() (best table, ok bool) {
	if delimiter, found := separatorLine(f.sampled.sample); found {
		return f.readTable(delimiter), true
	}
	for _, delimiter := range []byte(",;\t|") {
		t := f.readTable(delimiter)
		if t.width >= 2 && (!ok || t.score() > best.score()) {
			best, ok = t, true
		}
	}
	return best, ok
}

// readTable reads the rows of the sample with a delimiter.
func (f *file) readTable(delimiter byte) table {
	_, marked := separatorLine(f.sampled.sample)
	t := table{delimiter: delimiter, marked: marked}
	reader := records{
		lines:     newLines(bytes.NewReader(f.sampled.fullLines()), f.crAlone(CSV)),
		delimiter: delimiter, column: -1, like: f.options.Want.looks(),
	}
	if marked {
		reader.next()
	}
	for len(t.rows) < sampleRows {
		row, ok := reader.next()
		if !ok {
			break
		}
		if len(t.rows) == 0 {
			reader.width = len(row.cells)
		}
		t.rows = append(t.rows, row.cells)
	}
	t.measure(f.options.Want)
	return t
}

// measure fills in how well the rows fit.
func (t *table) measure(want Kind) {
	widths := make(map[int]int)
	for _, row := range t.rows {
		widths[len(row)]++
	}
	for width, n := range widths {
		if n > widths[t.width] || n == widths[t.width] && width > t.width {
			t.width = width
		}
	}
	if len(t.rows) == 0 {
		return
	}
	t.named = (len(t.rows[0]) > 1 || t.delimiter == 0) && len(want.knownColumns(t.rows[0])) > 0
	if t.named {
		t.width = max(t.width, len(t.rows[0]))
	}
	t.consistency = float64(widths[t.width]) / float64(len(t.rows))
	c := countCells(t.rows, t.width, want.looks())
	for i := range c.like {
		t.evidence = max(t.evidence, float64(c.like[i])/float64(len(t.rows)))
	}
}

// listsOnly says whether every line is an address or a list of them, and some
// are lists: then this is no table, and the reader of text takes them apart.
func (f *file) listsOnly() bool {
	like := f.options.Want.looks()
	lists := 0
	for text := range bytes.FieldsFuncSeq(f.sampled.fullLines(), isLineEnd) {
		switch line := lineText(text); {
		case skipped(line):
		case members(line, like) != nil:
			lists++
		case !like(line):
			return false
		}
	}
	return lists > 0
}

func isLineEnd(r rune) bool { return r == '\r' || r == '\n' }

// allQuoted says whether every line stands in quotation marks: a table of one
// column from a program that quotes everything.
func (f *file) allQuoted() bool {
	n := 0
	for text := range bytes.FieldsFuncSeq(f.sampled.fullLines(), isLineEnd) {
		if len(text) < 2 || text[0] != '"' || text[len(text)-1] != '"' {
			return false
		}
		n++
	}
	return n > 0
}

// separatorLine reads the "sep=;" line.
func separatorLine(sample []byte) (byte, bool) {
	if len(sample) < 6 || !strings.EqualFold(string(sample[:4]), "sep=") || !slices.Contains([]byte("\r\n"), sample[5]) {
		return 0, false
	}
	return sample[4], bytes.IndexByte([]byte(",;\t|"), sample[4]) >= 0
}
