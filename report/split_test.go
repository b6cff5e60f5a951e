package report

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

func TestSplit(t *testing.T) {
	var files [4]strings.Builder
	to := make(map[judge.Word]Writer)
	for i, word := range judge.Words {
		to[word] = NewCSV(&files[i], CSVOptions{})
	}
	w := NewSplit(to)
	for _, row := range []scanner.Row{
		&scanner.VerdictRow{Input: "ann", Verdict: judge.Risky},
		&scanner.VerdictRow{Input: "bob", Verdict: judge.Unknown},
		&scanner.ServerRow{},
		&scanner.VerdictRow{Input: "cid", Verdict: judge.Risky},
		&scanner.RunRow{Rows: 3},
	} {
		if err := w.Put(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got := make(map[judge.Word][]string)
	for i, word := range judge.Words {
		for line := range strings.Lines(files[i].String()) {
			input, _, _ := strings.Cut(line, ",")
			got[word] = append(got[word], input)
		}
	}
	want := map[judge.Word][]string{
		judge.Deliverable: {"input"}, judge.Undeliverable: {"input"}, judge.Risky: {"input", "ann", "cid"}, judge.Unknown: {"input", "bob"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSplitFailsWithItsWriters(t *testing.T) {
	full := errors.New("disk full")
	w := NewSplit(map[judge.Word]Writer{judge.Risky: failing{full}, judge.Unknown: failing{nil}})
	if err := w.Put(&scanner.VerdictRow{Verdict: judge.Risky}); !errors.Is(err, full) {
		t.Errorf("Put: %v", err)
	}
	if err := w.Put(&scanner.VerdictRow{Verdict: judge.Unknown}); err != nil {
		t.Errorf("Put to the other: %v", err)
	}
	if err := w.Close(); !errors.Is(err, full) {
		t.Errorf("Close: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Put(scanner.Row) error { return f.err }
func (f failing) Close() error          { return f.err }
