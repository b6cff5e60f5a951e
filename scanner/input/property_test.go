package input

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// What encoding/csv writes is read back cell for cell. Cells hold no "@", or
// one of them could be taken for a row swallowed by a broken mark.
func TestCSVRoundTrip(t *testing.T) {
	cell := rapid.StringOfN(rapid.SampledFrom([]rune("ab0 \",;|\t\n\r'=é漢#")), 0, 12, -1)
	rapid.Check(t, func(t *rapid.T) {
		delimiter := rapid.SampledFrom([]rune(",;\t|")).Draw(t, "delimiter")
		width := rapid.IntRange(2, 5).Draw(t, "width")
		place := rapid.IntRange(0, width-1).Draw(t, "place")
		rows := make([][]string, rapid.IntRange(1, 30).Draw(t, "rows"))
		var content bytes.Buffer
		w := csv.NewWriter(&content)
		w.Comma, w.UseCRLF = delimiter, false
		header := make([]string, width)
		for i := range header {
			header[i] = fmt.Sprintf("c%d", i)
		}
		header[place] = "email"
		if err := w.Write(header); err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			rows[i] = rapid.SliceOfN(cell, width, width).Draw(t, "row")
			rows[i][place] = fmt.Sprintf("a%d@example.org", i)
			if err := w.Write(rows[i]); err != nil {
				t.Fatal(err)
			}
		}
		w.Flush()
		s, err := NewReader("list.csv", &content, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got [][]string
		for in := range s.All() {
			if in.Err != nil {
				t.Error(in.Err)
			}
			if in.Text != in.Values[place] {
				t.Errorf("row %d: text %q", in.Row, in.Text)
			}
			got = append(got, in.Values)
		}
		if diff := cmp.Diff(rows, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

// FuzzReader: whatever the bytes, reading ends, rows are numbered through,
// stand in order, fit their columns, and no line of text is lost.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		"", "ann@example.org\n", "name,email\r\n\"A\"\"\n\",ann@example.org\r\n", "sep=;\na;b\n", "\xff\xfea\x00@\x00", "{\"email\":\"a@b.c\"}\n{",
		"a@b.c,d@e.f;\n#x\n", "a\tb@c.d\n\"\n\"", "email\n\"a@b.c\nd@e.f\n", "\"a\",\"b@c.d\"\n\"x\",\"", "x\rb@c.d\r\n\n", "[{\"a\":1}]",
	} {
		f.Add([]byte(seed), "", "")
	}
	f.Add([]byte("a,b@c.d\n"), "csv", "2")
	f.Add([]byte("{\"a\":{},\"b\":\"x\"}"), "jsonl", "b")
	f.Fuzz(func(t *testing.T, data []byte, format, column string) {
		s, err := NewReader("fuzz", bytes.NewReader(data), Options{Format: Format(format), Column: column})
		if err != nil {
			return
		}
		lines := make(map[int64]bool)
		row, line := int64(0), int64(0)
		for in := range s.All() {
			row++
			if in.Row != row || in.Line < line || in.Line == line && s.Format() != Text || len(in.Values) != len(s.Columns()) {
				t.Fatalf("row %d after line %d is %+v", row, line, in)
			}
			if !utf8.ValidString(in.Text) {
				t.Fatalf("text %q", in.Text)
			}
			line = in.Line
			lines[line] = true
		}
		if s.Err() != nil {
			t.Fatal(s.Err())
		}
		if s.Format() == Text && !strings.HasPrefix(s.Encoding(), "utf-16") {
			everyLine(t, data, lines)
		}
	})
}

// everyLine checks that each line that is not blank or a comment gave a row.
func everyLine(t *testing.T, data []byte, lines map[int64]bool) {
	t.Helper()
	text := strings.ReplaceAll(lineText(bytes.TrimPrefix(data, []byte("\ufeff"))), "\r\n", "\n")
	for i, line := range strings.Split(strings.ReplaceAll(text, "\r", "\n"), "\n") {
		if has := lines[int64(i+1)]; has == skipped(line) {
			t.Errorf("line %d, %q: gave a row: %v", i+1, line, has)
		}
	}
}
