package job

import (
	"context"
	"database/sql"
	"encoding/json"
	"iter"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// Results yields the addresses in order. Some hundred at a time are in memory.
func (s *Store) Results(ctx context.Context) iter.Seq2[scanner.Result, error] {
	return func(yield func(scanner.Result, error) bool) {
		after := int64(0)
		for {
			rows, changed, err := s.results(after)
			var results []scanner.Result
			if err == nil {
				results, err = rows.decoded()
			}
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
func (s *Store) results(after int64) (rows rows, changed <-chan struct{}, err error) {
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
	rows, last, err := s.file.results(after, mayGo)
	switch {
	case err != nil:
		return nil, nil, s.fail(err)
	case len(rows) > 0 || last && (s.stopped || s.unsettled == 0):
		return rows, nil, nil
	default:
		return nil, s.changed, nil
	}
}

// row is a line of input as it stands in the file, with the work that its
// answers come from.
type row struct {
	stored
	Done             bool
	asked            int64
	random           sql.NullInt64
	attempts, others []string // its own, and the random mailbox's
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
func (f *file) results(after int64, mayGo func(row) bool) (found rows, last bool, err error) {
	last = true
	err = f.each(selectRows+"WHERE work.id > ? ORDER BY work.id", []any{after}, func(next *sql.Rows) (bool, error) {
		r, err := scanRow(next)
		if err != nil {
			return false, err
		}
		if !mayGo(r) || len(found) == page {
			last = false
			return false, nil
		}
		found = append(found, r)
		return true, nil
	})
	if err == nil {
		err = f.answer(found)
	}
	return found, last, err
}

func scanRow(next *sql.Rows) (r row, err error) {
	var fate string
	var settled, randomSettled bool
	r.stored, err = scanStored(next, &r.asked, &fate, &settled, &r.random, &randomSettled)
	r.Fate, r.Settled, r.Done = judge.Fate(fate), settled, settled && randomSettled
	return r, err
}

// answer gives rows their attempts.
func (f *file) answer(rows rows) error {
	if len(rows) == 0 {
		return nil
	}
	var ids []int64
	for _, r := range rows {
		ids = append(ids, r.asked)
		if r.random.Valid {
			ids = append(ids, r.random.Int64)
		}
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	attempts, err := f.attempts(string(list))
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i].attempts, rows[i].others = attempts[rows[i].asked], attempts[rows[i].random.Int64]
	}
	return nil
}

// rows are some that were read together.
type rows []row

// decoded makes results of rows, on all processors: reading them is what a run
// with a file waits for in the end.
func (all rows) decoded() ([]scanner.Result, error) {
	results := make([]scanner.Result, len(all))
	var parts errgroup.Group
	size := max(len(all)/runtime.GOMAXPROCS(0)+1, 32)
	for from := 0; from < len(all); from += size {
		parts.Go(func() error { return all[from:min(from+size, len(all))].decodeInto(results[from:]) })
	}
	return results, parts.Wait()
}

func (all rows) decodeInto(results []scanner.Result) error {
	random := make(map[int64][]probe.Outcome) // rows of one domain share them
	for i, r := range all {
		work, err := r.stored.decoded()
		if err != nil {
			return err
		}
		results[i] = scanner.Result{Work: work, Done: r.Done}
		if results[i].Attempts, err = decodeOutcomes(r.attempts); err != nil {
			return err
		}
		shared, known := random[r.random.Int64]
		if !known {
			if shared, err = decodeOutcomes(r.others); err != nil {
				return err
			}
			random[r.random.Int64] = shared
		}
		results[i].Random = shared[:len(shared):len(shared)]
	}
	return nil
}

func decodeOutcomes(texts []string) (outcomes []probe.Outcome, err error) {
	for _, text := range texts {
		o, err := decodeOutcome(text)
		if err != nil {
			return nil, err
		}
		outcomes = append(outcomes, o)
	}
	return outcomes, nil
}
