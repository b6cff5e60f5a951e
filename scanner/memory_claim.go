package scanner

import (
	"container/heap"
	"context"
	"time"
)

// Claim hands out work of the longest queue that has any due.
func (m *Memory) Claim(ctx context.Context) (*Claim, error) {
	for {
		m.mu.Lock()
		now := time.Now()
		m.due(now)
		if m.stopped || m.open == 0 {
			m.mu.Unlock()
			return nil, ErrDone
		}
		if len(m.ready) > 0 {
			claim := m.take(ctx, m.ready[0])
			m.mu.Unlock()
			return claim, nil
		}
		changed := m.changed
		timer, stop := m.after(now)
		m.mu.Unlock()

		select {
		case <-changed:
		case <-timer:
		case <-ctx.Done():
			stop()
			return nil, context.Cause(ctx)
		}
		stop()
	}
}

// due moves deferred work whose time has come back to its queue.
func (m *Memory) due(now time.Time) {
	for len(m.later) > 0 && !m.later[0].until.After(now) {
		d := heap.Pop(&m.later).(deferred)
		m.enqueue(d.entry.queue, d.entry)
	}
}

func (m *Memory) take(ctx context.Context, q *queue) *Claim {
	n := q.Share(m.perQueue, m.perClaim)
	held := &memoryClaim{memory: m, queue: q, taken: q.Waiting[:n:n], held: make(map[int64]*entry, n)}
	claim := &Claim{Context: ctx, Queue: q.Key, Items: make([]Item, n), Keeper: held}
	for i, e := range q.Waiting[:n] {
		claim.Items[i] = Item{Work: e.Work, Attempts: e.attempts[:len(e.attempts):len(e.attempts)]}
		held.held[e.ID] = e
		e.claimed = true
	}
	m.inHand += n
	q.Waiting = q.Waiting[n:]
	q.Claims++
	m.ready.Fix(q, m.perQueue)
	return claim
}

// memoryClaim is the Keeper of one claim.
type memoryClaim struct {
	memory *Memory
	queue  *queue
	taken  []*entry         // as handed out
	held   map[int64]*entry // what is still in the claimer's hands
}

func (c *memoryClaim) Progress(facts ...Fact) error {
	c.memory.mu.Lock()
	defer c.memory.mu.Unlock()
	settled := false
	for _, fact := range facts {
		if e := c.keep(fact); e != nil && fact.Settled {
			settled = c.memory.settle(e) || settled
			c.letGo(e)
		}
	}
	if settled {
		c.memory.wake()
	}
	return nil
}

// keep adds attempts that are new; nil for work that is not in this claim.
func (c *memoryClaim) keep(fact Fact) *entry {
	e := c.held[fact.Work]
	if e == nil {
		return nil
	}
	if known := len(e.attempts) - fact.First; known >= 0 && known < len(fact.Attempts) {
		e.attempts = append(e.attempts, fact.Attempts[known:]...)
	}
	if fact.Fate != "" {
		e.Fate = fact.Fate
	}
	return e
}

func (c *memoryClaim) letGo(e *entry) {
	e.claimed = false
	c.memory.inHand--
	delete(c.held, e.ID)
}

func (c *memoryClaim) Defer(until time.Time, facts ...Fact) error {
	c.memory.mu.Lock()
	defer c.memory.mu.Unlock()
	for _, fact := range facts {
		if e := c.keep(fact); e != nil {
			c.letGo(e)
			heap.Push(&c.memory.later, deferred{until: until, entry: e})
		}
	}
	c.memory.wake()
	return nil
}

func (c *memoryClaim) Finish() error {
	m := c.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	if c.held == nil {
		return nil
	}
	for _, e := range c.taken {
		if c.held[e.ID] != nil {
			e.claimed = false
			m.inHand--
			m.enqueue(c.queue, e)
		}
	}
	c.held = nil
	c.queue.Claims--
	m.ready.Fix(c.queue, m.perQueue)
	m.wake()
	return nil
}

// Backlog counts the work that is not done.
func (m *Memory) Backlog() Backlog {
	m.mu.Lock()
	defer m.mu.Unlock()
	backlog := Backlog{Open: m.open, Deferred: len(m.later)}
	for _, q := range m.queues {
		backlog.Waiting += len(q.Waiting)
	}
	for _, d := range m.later {
		if d.until.After(backlog.LastDue) {
			backlog.LastDue = d.until
		}
	}
	return backlog
}
