package job

import (
	"context"
	"database/sql"
	"encoding/json"
	"iter"
	"slices"

	"github.com/mxvet/mxvet/scanner"
)

// Finished yields the addresses as they are settled. In memory are a bit a row,
// and the IDs of what was settled since the last look.
func (s *Store) Finished(ctx context.Context) iter.Seq2[scanner.Result, error] {
	return func(yield func(scanner.Result, error) bool) {
		reader, err := s.follow()
		if err != nil {
			yield(scanner.Result{}, err)
			return
		}
		defer s.leave(reader)
		for {
			rows, changed, last, err := s.finished(reader)
			var results []scanner.Result
			if err == nil {
				results, err = rows.decoded()
			}
			if err != nil {
				yield(scanner.Result{}, err)
				return
			}
			for _, result := range results {
				if !yield(result, nil) {
					return
				}
			}
			switch {
			case last:
				return
			case changed == nil:
				continue
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

// follow begins to tell a reader what is settled, with what earlier processes
// settled.
func (s *Store) follow() (*scanner.Follower, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil, s.err
	}
	if err := s.file.script("CREATE INDEX IF NOT EXISTS work_same ON work (same) WHERE same <> 0"); err != nil {
		return nil, s.fail(err)
	}
	var settled []int64
	err := s.file.each("SELECT id FROM work WHERE settled = 1 AND id > 0 ORDER BY id", nil, func(rows *sql.Rows) (bool, error) {
		var id int64
		err := rows.Scan(&id)
		settled = append(settled, id)
		return true, err
	})
	if err != nil {
		return nil, s.fail(err)
	}
	reader := scanner.NewFollower(settled)
	s.readers = append(s.readers, reader)
	return reader, nil
}

func (s *Store) leave(reader *scanner.Follower) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readers = slices.DeleteFunc(s.readers, func(one *scanner.Follower) bool { return one == reader })
}

// tell says to all readers of Finished that work is settled.
func (s *Store) tell(work int64) {
	for _, reader := range s.readers {
		reader.Settled(work)
	}
}

// finished are the next results for a reader; where there is nothing to look
// at, changed is what to wait for.
func (s *Store) finished(reader *scanner.Follower) (found rows, changed <-chan struct{}, last bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil, nil, false, s.err
	}
	ids := reader.Next(page)
	switch {
	case len(ids) > 0:
		found, err = s.file.finished(ids, withRepeats, func(r row) bool {
			return reader.Take(&scanner.Result{Work: r.Work, Done: r.Done}, r.random.Int64)
		})
	case s.unsettled > 0 && (!s.stopped || len(s.claimed) > 0):
		return nil, s.changed, false, nil
	default:
		ids = reader.Rest(s.last, page)
		last = len(ids) == 0
		found, err = s.file.finished(ids, alone, func(row) bool { return true })
	}
	if err != nil {
		return nil, nil, false, s.fail(err)
	}
	return found, nil, last, nil
}

// Ends of a query for rows by a JSON list of their IDs.
const (
	alone       = "WHERE work.id IN (SELECT value FROM json_each(?1)) ORDER BY work.id"
	withRepeats = `WHERE work.id IN (SELECT value FROM json_each(?1)
			UNION SELECT id FROM work WHERE same <> 0 AND same IN (SELECT value FROM json_each(?1)))
		ORDER BY work.id`
)

// finished reads rows, alone or withRepeats, and gives those their attempts
// that are taken.
func (f *file) finished(ids []int64, which string, take func(row) bool) (found rows, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	err = f.each(selectRows+which, []any{string(list)}, func(next *sql.Rows) (bool, error) {
		r, err := scanRow(next)
		if err == nil && take(r) {
			found = append(found, r)
		}
		return true, err
	})
	if err != nil {
		return nil, err
	}
	return found, f.answer(found)
}
