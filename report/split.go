package report

import (
	"errors"

	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// NewSplit tells each verdict row to the writer of its verdict. Rows of other
// kinds have no place in it, the run's own among them: its counts are of all
// rows together.
func NewSplit(to map[judge.Word]Writer) Writer { return split(to) }

type split map[judge.Word]Writer

func (s split) Put(row scanner.Row) error {
	verdict, ok := row.(*scanner.VerdictRow)
	if !ok || s[verdict.Verdict] == nil {
		return nil
	}
	return s[verdict.Verdict].Put(row)
}

func (s split) Close() error {
	var errs []error
	for _, w := range s {
		errs = append(errs, w.Close())
	}
	return errors.Join(errs...)
}
