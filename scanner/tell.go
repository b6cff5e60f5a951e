package scanner

import (
	"context"
	"iter"
)

// Kept is the part of a Store that is read to tell of a run.
type Kept interface {
	Recall(ctx context.Context, key string) (Known, int64, error)
	Results(ctx context.Context) iter.Seq2[Result, error]
}

// Told is a run of another process, as far as it has come.
type Told struct {
	Kept    Kept
	Columns []string // headings of the user's own columns
	Partial bool     // there is more to come
}

// Tell judges what a run has kept and puts its rows into the sink, the run's
// own row last. It asks nobody.
func (s *Scanner) Tell(ctx context.Context, told Told, sink Sink) (*RunRow, error) {
	quiet := *s
	quiet.Unordered = false // what is kept is all there
	quiet.NewStore = func() Store { return past{Memory: NewMemory(1, 1), kept: told.Kept} }
	r := quiet.newRun(ctx)
	defer r.release()
	r.columns = told.Columns
	tally := newTally(r)
	if err := r.write(sink, tally); err != nil {
		return nil, err
	}
	row := tally.row(told.Partial)
	return row, sink.Put(row)
}

// past is a Store in which nothing happens any more.
type past struct {
	*Memory
	kept Kept
}

func (p past) Recall(ctx context.Context, key string) (Known, int64, error) {
	return p.kept.Recall(ctx, key)
}

func (p past) Results(ctx context.Context) iter.Seq2[Result, error] { return p.kept.Results(ctx) }
