package scanner

import (
	"context"
	"errors"

	"github.com/mxvet/mxvet/scanner/input"
)

// Check verifies a single address. It returns by ctx's deadline, or by Timeout
// where that is sooner, with what it knows then; the verdict on an answer that
// had not come is unknown/timeout. A single check waits for nobody: GreylistWait
// and RetryDNS are for runs. The error is ctx's where that was cancelled.
func (s *Scanner) Check(ctx context.Context, text string) (*VerdictRow, error) {
	single := *s
	single.Grace, single.NewStore, single.Watch = -1, nil, nil
	single.GreylistWait, single.RetryDNS = 0, 0
	limited, cancel := context.WithTimeout(ctx, s.timeout())
	defer cancel()

	var row VerdictRow
	_, err := single.Run(limited, input.Arguments([]string{text}), only(&row))
	if err == nil && errors.Is(ctx.Err(), context.Canceled) {
		err = context.Cause(ctx)
	}
	if err != nil {
		return nil, err
	}
	return &row, nil
}

// sinkFunc is a Sink made of a function.
type sinkFunc func(Row) error

func (f sinkFunc) Put(row Row) error { return f(row) }

// only keeps the verdict of a run that has one.
func only(kept *VerdictRow) Sink {
	return sinkFunc(func(row Row) error {
		if verdict, ok := row.(*VerdictRow); ok {
			*kept = *verdict
		}
		return nil
	})
}
