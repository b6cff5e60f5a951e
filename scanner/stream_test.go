package scanner_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/input"
	"github.com/mxvet/mxvet/scanner/judge"
)

// manyLines is a list of text with a bad address on every seventh line.
func manyLines(rows int) string {
	var list strings.Builder
	for i := 1; i <= rows; i++ {
		at := "@"
		if i%7 == 0 {
			at = "(at)"
		}
		fmt.Fprintf(&list, "user%d%sdomain%d.example\n", i, at, i%100)
	}
	return list.String()
}

func textSource(t *testing.T, list io.Reader) *input.Source {
	t.Helper()
	source, err := input.NewReader("list", list, input.Options{Format: input.Text})
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// taking is a sink made of a function.
type taking func(scanner.Row) error

func (f taking) Put(row scanner.Row) error { return f(row) }

func TestStreamedRowsKeepTheirOrder(t *testing.T) {
	const rows = 10_007
	next := int64(1)
	s := &scanner.Scanner{Method: scanner.BySyntax, Policy: address.Policy{AllowPrivate: true}, Watch: new(scanner.Counters)}
	row, err := s.Run(t.Context(), textSource(t, strings.NewReader(manyLines(rows))), taking(func(row scanner.Row) error {
		verdict, ok := row.(*scanner.VerdictRow)
		if !ok {
			return nil
		}
		want := judge.NotChecked
		if next%7 == 0 {
			want = judge.BadSyntax
		}
		if verdict.Row != next || !strings.HasPrefix(verdict.Input, fmt.Sprintf("user%d", next)) {
			return fmt.Errorf("row %d (%q) where row %d belongs", verdict.Row, verdict.Input, next)
		}
		if verdict.Reason != want {
			return fmt.Errorf("row %d is %s, want %s", next, verdict.Reason, want)
		}
		next++
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	if row.Rows != rows || next != rows+1 || s.Watch.Done.Load() != rows || !s.Watch.ReadAll.Load() {
		t.Errorf("%d rows in the run's own row, %d in the sink, %d counted; want %d", row.Rows, next-1, s.Watch.Done.Load(), rows)
	}
}

func TestStreamEndsWithItsSink(t *testing.T) {
	full, put := errors.New("disk full"), 0
	s := &scanner.Scanner{Method: scanner.BySyntax}
	_, err := s.Run(t.Context(), textSource(t, strings.NewReader(manyLines(20_000))), taking(func(scanner.Row) error {
		if put++; put > 1000 {
			return full
		}
		return nil
	}))
	if !errors.Is(err, full) || put != 1001 {
		t.Errorf("after %d rows: %v; want the error of the 1001st", put, err)
	}
}

func TestStreamEndsAtAnInterruption(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	s := &scanner.Scanner{Method: scanner.BySyntax, Grace: -1}
	last := int64(0)
	row, err := s.Run(ctx, textSource(t, endless{}), taking(func(row scanner.Row) error {
		if verdict, ok := row.(*scanner.VerdictRow); ok {
			if last++; verdict.Row != last {
				return fmt.Errorf("row %d where row %d belongs", verdict.Row, last)
			}
		}
		if last == 5000 {
			interrupt()
		}
		return nil
	}))
	if err != nil || !row.Interrupt || row.Rows != last || last < 5000 {
		t.Errorf("%d rows, last %d, interrupted %v, error %v; want the rows up to the interruption", row.Rows, last, row.Interrupt, err)
	}
}

// endless is a pipe that nobody closes.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	return copy(p, "ann@domain.example\n"), nil
}
