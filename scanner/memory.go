package scanner

import (
	"context"
	"iter"
	"sync"
	"time"

	"github.com/mxvet/mxvet/probe"
)

// Memory is a Store that lives as long as the process. Make one with NewMemory.
type Memory struct {
	perQueue int // claims of one queue at a time
	perClaim int // pieces of work in one claim

	mu      sync.Mutex
	order   []*entry         // addresses, by ID
	byID    map[int64]*entry // all work
	domains map[string]*domainWork
	queues  map[string]*queue
	ready   Longest[*entry]   // queues with work that is due and room for a claim
	later   deferredHeap      // work to be handed out again at its time
	open    int               // work that is not settled
	inHand  int               // work that is claimed
	repeats map[int64][]int64 // rows with the same mailbox as an earlier one
	readers []*Follower       // of Finished
	known   map[string]remembered
	stopped bool
	changed chan struct{} // closed, and replaced, when a waiter should look again
}

// entry is one piece of work and what became of it.
type entry struct {
	Work
	attempts []probe.Outcome
	queue    *queue
	claimed  bool // in somebody's hands
}

// domainWork is all work of one domain.
type domainWork struct {
	entries []*entry // not yet queued
	random  *entry
	queue   *queue
	decided bool // Assign was called
}

type remembered struct {
	Known
	revision int64
}

// NewMemory returns an empty store. perQueue is how many claims of one queue
// may be in hand at a time, perClaim how much work one claim holds at most.
func NewMemory(perQueue, perClaim int) *Memory {
	return &Memory{
		perQueue: max(perQueue, 1),
		perClaim: max(perClaim, 1),
		byID:     make(map[int64]*entry),
		domains:  make(map[string]*domainWork),
		queues:   make(map[string]*queue),
		known:    make(map[string]remembered),
		repeats:  make(map[int64][]int64),
		changed:  make(chan struct{}),
	}
}

// Add keeps work.
func (m *Memory) Add(_ context.Context, work ...Work) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, w := range work {
		m.add(&entry{Work: w})
	}
	m.wake()
	return nil
}

func (m *Memory) add(e *entry) {
	if m.byID[e.ID] != nil {
		return
	}
	m.byID[e.ID] = e
	domain := m.domain(e.Domain)
	if e.Kind == probe.RandomKind {
		domain.random = e
	} else {
		m.order = append(m.order, e)
	}
	if e.Same != 0 {
		m.repeats[e.Same] = append(m.repeats[e.Same], e.ID)
	}
	if e.Settled || e.Same != 0 {
		m.tell(e.ID)
	}
	switch {
	case e.Settled || e.Same != 0:
	case domain.decided && domain.queue == nil:
		e.Settled = true
		m.tell(e.ID)
	case domain.decided:
		m.open++
		m.enqueue(domain.queue, e)
	default:
		m.open++
		domain.entries = append(domain.entries, e)
	}
}

func (m *Memory) domain(name string) *domainWork {
	d := m.domains[name]
	if d == nil {
		d = &domainWork{}
		m.domains[name] = d
	}
	return d
}

// Assign puts the work of a domain into a queue, the random mailbox right
// behind the first address, so that both are in the first claim.
func (m *Memory) Assign(_ context.Context, name, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := m.domain(name)
	entries := d.entries
	d.entries, d.decided = nil, true
	if key == "" {
		for _, e := range entries {
			m.settle(e)
		}
		m.wake()
		return nil
	}
	q := m.queues[key]
	if q == nil {
		q = NewQueue[*entry](key)
		m.queues[key] = q
	}
	d.queue = q
	if last := len(entries) - 1; last > 1 && entries[last] == d.random {
		copy(entries[2:], entries[1:last])
		entries[1] = d.random
	}
	for _, e := range entries {
		m.enqueue(q, e)
	}
	m.wake()
	return nil
}

func (m *Memory) enqueue(q *queue, e *entry) {
	e.queue = q
	q.Waiting = append(q.Waiting, e)
	m.ready.Fix(q, m.perQueue)
}

// settle marks work as done; it reports whether it was open.
func (m *Memory) settle(e *entry) bool {
	if e.Settled {
		return false
	}
	e.Settled = true
	m.open--
	m.tell(e.ID)
	return true
}

// wake lets everyone who waits look again.
func (m *Memory) wake() {
	close(m.changed)
	m.changed = make(chan struct{})
}

// Remember keeps what is known under key.
func (m *Memory) Remember(_ context.Context, key string, known Known, revision int64) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known[key].revision != revision {
		return 0, ErrStale
	}
	m.known[key] = remembered{Known: known, revision: revision + 1}
	return revision + 1, nil
}

// Recall returns what was remembered under key.
func (m *Memory) Recall(_ context.Context, key string) (Known, int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.known[key]
	return r.Known, r.revision, nil
}

// Stop ends the handing out of work.
func (m *Memory) Stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stopped = true
	m.wake()
}

// Results yields the addresses in order.
func (m *Memory) Results(ctx context.Context) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		for i := 0; ; i++ {
			result, more, err := m.result(ctx, i)
			if err != nil {
				yield(Result{}, err)
				return
			}
			if !more || !yield(result, nil) {
				return
			}
		}
	}
}

// result waits for the i-th address; more is false after the last.
func (m *Memory) result(ctx context.Context, i int) (result Result, more bool, err error) {
	for {
		m.mu.Lock()
		changed := m.changed
		if i >= len(m.order) && (m.stopped || m.open == 0) {
			m.mu.Unlock()
			return Result{}, false, nil
		}
		if i < len(m.order) {
			var inHand bool
			result, inHand = m.gather(m.order[i])
			if result.Done || m.stopped && !inHand {
				m.mu.Unlock()
				return result, true, nil
			}
		}
		m.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return Result{}, false, context.Cause(ctx)
		}
	}
}

// gather joins an address with the work asked in its stead and with its
// domain's random mailbox.
func (m *Memory) gather(e *entry) (result Result, inHand bool) {
	asked := e
	if e.Same != 0 {
		asked = m.byID[e.Same]
	}
	result = Result{Work: e.Work, Attempts: asked.attempts, Done: asked.Settled}
	inHand = asked.claimed
	result.Fate, result.Settled = asked.Fate, asked.Settled
	if random := m.domains[e.Domain].random; random != nil && e.Mailbox != nil {
		result.Random = random.attempts
		result.Done = result.Done && random.Settled
		inHand = inHand || random.claimed
	}
	return result, inHand
}

// after returns a channel that fires at the time of the next deferred work.
func (m *Memory) after(now time.Time) (<-chan time.Time, func() bool) {
	if len(m.later) == 0 {
		return nil, func() bool { return true }
	}
	timer := time.NewTimer(m.later[0].until.Sub(now))
	return timer.C, timer.Stop
}
