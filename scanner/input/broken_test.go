package input

import (
	"errors"
	"strings"
	"testing"
)

// A mark that nobody closed costs its own row, however much follows; and where
// every line has one, each is followed no further than a few rows.
func TestBrokenMarksInLongFiles(t *testing.T) {
	const n = 200_000
	for _, tt := range []struct {
		diagnosis, content string
		line               string
		quoteErrors        int
		atLeast            int
	}{
		{"one mark before plain rows", "n,email\n\"A,a@example.org\n", "B,b@example.org\n", 1, n + 1},
		{"one mark before prose", "n,email\n\"A,a@example.org\n", "no row at all\n", 1, n + 1},
		{"a mark that closes and opens on every line", "n,email\nA,a@example.org\n", "x\",\"\n", n, n + 1},
		{"a mark that opens on every line", "n,email\nA,a@example.org\n", "\"x,b@example.org\n", n, n + 1},
	} {
		t.Run(tt.diagnosis, func(t *testing.T) {
			_, rows := read(t, "list.csv", tt.content+strings.Repeat(tt.line, n), Options{})
			quoteErrors, last := 0, int64(0)
			for _, in := range rows {
				if errors.Is(in.Err, ErrQuote) {
					quoteErrors++
				}
				if in.Line <= last {
					t.Fatalf("line %d after line %d", in.Line, last)
				}
				last = in.Line
			}
			if quoteErrors != tt.quoteErrors || len(rows) < tt.atLeast || last != n+2 {
				t.Errorf("%d rows, %d with ErrQuote, the last in line %d", len(rows), quoteErrors, last)
			}
		})
	}
}
