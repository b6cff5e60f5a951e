package job

import (
	"container/heap"
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/mxvet/mxvet/scanner"
)

// Claim hands out work of the longest queue that has any due.
func (s *Store) Claim(ctx context.Context) (*scanner.Claim, error) {
	for {
		claim, changed, due, err := s.tryClaim(ctx)
		if claim != nil || err != nil {
			return claim, err
		}
		select {
		case <-changed:
		case <-due:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// tryClaim hands out work or says for what to wait.
func (s *Store) tryClaim(ctx context.Context) (claim *scanner.Claim, changed <-chan struct{}, due <-chan time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil, nil, nil, s.err
	}
	now := time.Now().UnixNano()
	s.comeBack(now)
	switch {
	case s.stopped || s.unsettled == 0:
		return nil, nil, nil, scanner.ErrDone
	case len(s.ready) > 0:
		claim, err = s.take(ctx, s.ready[0])
		if err != nil {
			err = s.fail(err)
		}
		return claim, nil, nil, err
	case len(s.later) > 0:
		return nil, s.changed, time.After(time.Duration(s.later[0].due - now)), nil
	default:
		return nil, s.changed, nil, nil
	}
}

// comeBack moves deferred work whose time has come to its queue.
func (s *Store) comeBack(now int64) {
	for len(s.later) > 0 && s.later[0].due <= now {
		d := heap.Pop(&s.later).(deferred)
		s.enqueue(d.queue, d.work)
	}
}

// putOff has work wait for its time.
func (s *Store) putOff(d deferred) {
	if len(s.later) == 0 || d.due > s.lastDue {
		s.lastDue = d.due
	}
	heap.Push(&s.later, d)
}

func (s *Store) queue(key string) *queue {
	q := s.queues[key]
	if q == nil {
		q = scanner.NewQueue[int64](key)
		s.queues[key] = q
	}
	return q
}

func (s *Store) enqueue(q *queue, work ...int64) {
	q.Waiting = append(q.Waiting, work...)
	s.waiting += len(work)
	s.ready.Fix(q, s.perQueue)
}

func (s *Store) take(ctx context.Context, q *queue) (*scanner.Claim, error) {
	n := q.Share(s.perQueue, s.perClaim)
	ids := q.Waiting[:n:n]
	items, err := s.file.items(ids)
	if err != nil {
		return nil, err
	}
	held := &keeper{store: s, queue: q, taken: ids, held: make(map[int64]int, n)}
	for _, item := range items {
		held.held[item.ID] = len(item.Attempts)
		s.claimed[item.ID] = true
	}
	q.Waiting = q.Waiting[n:]
	s.waiting -= n
	q.Claims++
	s.ready.Fix(q, s.perQueue)
	return &scanner.Claim{Context: ctx, Queue: q.Key, Items: items, Keeper: held}, nil
}

// items reads work with its attempts, in the order of the IDs.
func (f *file) items(ids []int64) ([]scanner.Item, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	found := make(map[int64]scanner.Work, len(ids))
	err = f.each("SELECT "+workColumns+" FROM work WHERE id IN (SELECT value FROM json_each(?))", []any{string(list)}, func(rows *sql.Rows) (bool, error) {
		w, err := scanWork(rows)
		found[w.ID] = w
		return true, err
	})
	if err != nil {
		return nil, err
	}
	attempts, err := f.attempts(string(list))
	if err != nil {
		return nil, err
	}
	items := make([]scanner.Item, len(ids))
	for i, id := range ids {
		outcomes, err := decodeOutcomes(attempts[id])
		if err != nil {
			return nil, err
		}
		items[i] = scanner.Item{Work: found[id], Attempts: outcomes}
	}
	return items, nil
}

// attempts reads the attempts at the work whose IDs are in a JSON list.
func (f *file) attempts(list string) (map[int64][]string, error) {
	found := make(map[int64][]string)
	err := f.each("SELECT work, outcome FROM attempts WHERE work IN (SELECT value FROM json_each(?)) ORDER BY work, n", []any{list}, func(rows *sql.Rows) (bool, error) {
		var work int64
		var text string
		if err := rows.Scan(&work, &text); err != nil {
			return false, err
		}
		found[work] = append(found[work], text)
		return true, nil
	})
	return found, err
}
