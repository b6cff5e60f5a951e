package scanner

import (
	"context"
	"iter"
	"slices"
)

// finishedAtOnce is how many rows are looked at between two looks of others
// at the store.
const finishedAtOnce = 256

// Finished yields the addresses as they are settled.
func (m *Memory) Finished(ctx context.Context) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		reader := m.follow()
		defer m.leave(reader)
		for {
			results, changed, last := m.finished(reader)
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
				yield(Result{}, context.Cause(ctx))
				return
			}
		}
	}
}

// follow begins to tell a reader what is settled.
func (m *Memory) follow() *Follower {
	m.mu.Lock()
	defer m.mu.Unlock()
	var settled []int64
	for _, e := range m.order {
		if e.Settled {
			settled = append(settled, e.ID)
		}
	}
	reader := NewFollower(settled)
	m.readers = append(m.readers, reader)
	return reader
}

func (m *Memory) leave(reader *Follower) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.readers = slices.DeleteFunc(m.readers, func(one *Follower) bool { return one == reader })
}

// tell says to all readers of Finished that work is settled.
func (m *Memory) tell(work int64) {
	for _, reader := range m.readers {
		reader.Settled(work)
	}
}

// finished are the next results for a reader; where there is nothing to look
// at, changed is what to wait for.
func (m *Memory) finished(reader *Follower) (results []Result, changed <-chan struct{}, last bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	rows := reader.Next(finishedAtOnce)
	for _, id := range rows {
		results = m.offer(reader, id, results)
		for _, again := range m.repeats[id] {
			results = m.offer(reader, again, results)
		}
	}
	switch {
	case len(rows) > 0:
		return results, nil, false
	case m.open > 0 && (!m.stopped || m.inHand > 0):
		return nil, m.changed, false
	}
	highest := int64(0)
	if n := len(m.order); n > 0 {
		highest = m.order[n-1].ID
	}
	rest := reader.Rest(highest, finishedAtOnce)
	for _, id := range rest {
		if e := m.byID[id]; e != nil {
			result, _ := m.gather(e)
			results = append(results, result)
		}
	}
	return results, nil, len(rest) == 0
}

// offer adds a row to the results if it comes out now.
func (m *Memory) offer(reader *Follower, id int64, results []Result) []Result {
	e := m.byID[id]
	result, _ := m.gather(e)
	random := int64(0)
	if d := m.domains[e.Domain].random; d != nil {
		random = d.ID
	}
	if reader.Take(&result, random) {
		return append(results, result)
	}
	return results
}
