package job

import (
	"context"
	"database/sql"
	"encoding/json"
	"iter"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// Results yields the addresses in order. Some hundred at a time are in memory.
func (s *Store) Results(ctx context.Context) iter.Seq2[scanner.Result, error] {
	return func(yield func(scanner.Result, error) bool) {
		after := int64(0)
		for {
			results, changed, err := s.results(after)
			if err != nil {
				yield(scanner.Result{}, err)
				return
			}
			for _, result := range results {
				if after = result.ID; !yield(result, nil) {
					return
				}
			}
			switch {
			case len(results) > 0:
				continue
			case changed == nil:
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				yield(scanner.Result{}, context.Cause(ctx))
				return
			}
		}
	}
}

// results are the next ones that may be yielded; where there are none, changed
// is what to wait for, and nil at the end.
func (s *Store) results(after int64) (results []scanner.Result, changed <-chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil, nil, s.err
	}
	mayGo := func(r row) bool {
		may := r.Done || s.stopped && !s.claimed[r.asked] && !s.claimed[r.random.Int64]
		if !may {
			s.heads[r.asked], s.heads[r.random.Int64] = true, true
		}
		return may
	}
	results, last, err := s.file.results(after, mayGo)
	switch {
	case err != nil:
		return nil, nil, s.fail(err)
	case len(results) > 0 || last && (s.stopped || s.unsettled == 0):
		return results, nil, nil
	default:
		return nil, s.changed, nil
	}
}

// row is a line of input with the work that its answers come from.
type row struct {
	scanner.Result
	asked  int64
	random sql.NullInt64
}

// selectRows is the beginning of a query for what scanRow reads.
const selectRows = "SELECT " + workColumns + `, asked.id, asked.fate, asked.settled, random.id, coalesce(random.settled, 1) FROM work
	JOIN work AS asked ON asked.id = iif(work.same, work.same, work.id)
	LEFT JOIN domains ON domains.name = work.domain AND work.mailbox IS NOT NULL
	LEFT JOIN work AS random ON random.id = domains.random
	`

// page is how many results are read at a time.
const page = 256

// results reads the rows behind an ID up to the first that may not go; last
// reports whether there are no more behind them.
func (f *file) results(after int64, mayGo func(row) bool) (results []scanner.Result, last bool, err error) {
	var rows []row
	last = true
	err = f.each(selectRows+"WHERE work.id > ? ORDER BY work.id", []any{after}, func(found *sql.Rows) (bool, error) {
		r, err := scanRow(found)
		if err != nil {
			return false, err
		}
		if !mayGo(r) || len(rows) == page {
			last = false
			return false, nil
		}
		rows = append(rows, r)
		return true, nil
	})
	if err != nil || len(rows) == 0 {
		return nil, last, err
	}
	results, err = f.answered(rows)
	return results, last, err
}

func scanRow(rows *sql.Rows) (r row, err error) {
	var fate string
	var settled, randomSettled bool
	r.Work, err = scanWork(rows, &r.asked, &fate, &settled, &r.random, &randomSettled)
	r.Fate, r.Settled, r.Done = judge.Fate(fate), settled, settled && randomSettled
	return r, err
}

// answered gives rows their attempts.
func (f *file) answered(rows []row) ([]scanner.Result, error) {
	var ids []int64
	for _, r := range rows {
		ids = append(ids, r.asked)
		if r.random.Valid {
			ids = append(ids, r.random.Int64)
		}
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	attempts, err := f.attempts(string(list))
	if err != nil {
		return nil, err
	}
	results := make([]scanner.Result, len(rows))
	for i, r := range rows {
		results[i] = r.Result
		results[i].Attempts, results[i].Random = clip(attempts[r.asked]), clip(attempts[r.random.Int64])
	}
	return results, nil
}

// clip keeps rows that share attempts from appending to the same array.
func clip(attempts []probe.Outcome) []probe.Outcome {
	return attempts[:len(attempts):len(attempts)]
}
