package job

import (
	"context"
	"iter"
	"sync"
	"time"

	"github.com/mxvet/mxvet/scanner"
)

const (
	journalEvery = 5 * time.Millisecond // between two writes of the journal, and so what a killed process has lost
	unrollAfter  = 3 * time.Second      // a shorter run is over before its tables are worth writing
	unrollAtOnce = 250                  // changes in one transaction, so that the journal does not wait long for its turn
)

// Ahead returns a Store for a run that is short enough to be had in memory. It
// hands out work and takes facts at the speed of memory; what changes is kept
// in the file's journal within 5 ms, and in its tables from the third second on.
// The run is as safe in it as in s, at a fraction of the price.
//
// A job that was begun before goes on in s itself, which is returned. Close and
// Remove of s end the run in either case.
func (s *Store) Ahead() scanner.Store {
	if s.resumed {
		return s
	}
	a := &ahead{Memory: scanner.NewMemory(s.perQueue, s.perClaim), store: s, begun: time.Now(), kick: make(chan struct{}, 1), quit: make(chan struct{})}
	a.running.Go(a.run)
	s.mu.Lock()
	s.front = a
	s.mu.Unlock()
	return a
}

// ahead is a Memory with a Store that follows it.
type ahead struct {
	*scanner.Memory
	store *Store
	begun time.Time

	mu    sync.Mutex // orders changes as they are made
	fresh []change   // not in the journal
	err   error      // of the file

	kept    []change // in the journal, and not in the tables; the runner's own
	kick    chan struct{}
	quit    chan struct{}
	once    sync.Once
	running sync.WaitGroup
}

var _ scanner.Store = (*ahead)(nil)

// note makes changes in memory, and has them kept.
func (a *ahead) note(make func() error, changes ...change) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.err != nil {
		return a.err
	}
	if err := make(); err != nil {
		return err
	}
	if a.fresh = append(a.fresh, changes...); len(changes) > 0 {
		select {
		case a.kick <- struct{}{}:
		default:
		}
	}
	return nil
}

func (a *ahead) Add(ctx context.Context, work ...scanner.Work) error {
	changes := make([]change, len(work))
	for i := range work {
		changes[i].Add = &work[i]
	}
	return a.note(func() error { return a.Memory.Add(ctx, work...) }, changes...)
}

func (a *ahead) Assign(ctx context.Context, domain, queue string) error {
	return a.note(func() error { return a.Memory.Assign(ctx, domain, queue) }, change{Assign: &assigned{domain, queue}})
}

func (a *ahead) Remember(ctx context.Context, key string, known scanner.Known, revision int64) (now int64, err error) {
	err = a.note(func() error {
		now, err = a.Memory.Remember(ctx, key, known, revision)
		return err
	}, change{Know: &learned{key, known}})
	return now, err
}

func (a *ahead) Claim(ctx context.Context) (*scanner.Claim, error) {
	claim, err := a.Memory.Claim(ctx)
	if err != nil {
		if failed := a.failed(); failed != nil {
			return nil, failed // and alone: the work is not done
		}
		return nil, err
	}
	claim.Keeper = &aheadKeeper{claim.Keeper, a}
	return claim, nil
}

func (a *ahead) Results(ctx context.Context) iter.Seq2[scanner.Result, error] {
	return a.untilFailed(a.Memory.Results(ctx))
}

func (a *ahead) Finished(ctx context.Context) iter.Seq2[scanner.Result, error] {
	return a.untilFailed(a.Memory.Finished(ctx))
}

// untilFailed ends with the file's error: rows that came out unasked for it
// would be taken for those of a run that was stopped.
func (a *ahead) untilFailed(results iter.Seq2[scanner.Result, error]) iter.Seq2[scanner.Result, error] {
	return func(yield func(scanner.Result, error) bool) {
		for result, err := range results {
			if a.failed() != nil {
				break
			}
			if !yield(result, err) {
				return
			}
		}
		if err := a.failed(); err != nil {
			yield(scanner.Result{}, err)
		}
	}
}

func (a *ahead) failed() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.err
}

// aheadKeeper is the Keeper of one claim.
type aheadKeeper struct {
	scanner.Keeper
	ahead *ahead
}

func (k *aheadKeeper) Progress(facts ...scanner.Fact) error {
	return k.ahead.note(func() error { return k.Keeper.Progress(facts...) }, factChanges(time.Time{}, facts)...)
}

func (k *aheadKeeper) Defer(until time.Time, facts ...scanner.Fact) error {
	return k.ahead.note(func() error { return k.Keeper.Defer(until, facts...) }, factChanges(until, facts)...)
}

func factChanges(until time.Time, facts []scanner.Fact) []change {
	due := int64(0)
	if until.After(time.Now()) { // else it is due after a restart too
		due = until.UnixNano()
	}
	changes := make([]change, 0, len(facts))
	for i, fact := range facts {
		if len(fact.Attempts) > 0 || fact.Fate != "" || fact.Settled || due != 0 {
			changes = append(changes, change{Fact: &facts[i], Due: due})
		}
	}
	return changes
}

// run keeps what changes until the end.
func (a *ahead) run() {
	for {
		var more <-chan time.Time
		if len(a.kept) > 0 {
			more = time.After(max(journalEvery, unrollAfter-time.Since(a.begun)))
		}
		select {
		case <-a.quit:
			return
		case <-more:
		case <-a.kick:
			select {
			case <-a.quit:
				return
			case <-time.After(journalEvery):
			}
		}
		err := a.journal()
		if err == nil && time.Since(a.begun) >= unrollAfter {
			err = a.unroll()
		}
		if err != nil {
			a.mu.Lock()
			a.err = err
			a.mu.Unlock()
			a.Memory.Stop() // nothing is to be asked that cannot be kept
			return
		}
	}
}

// journal writes what is fresh as one row.
func (a *ahead) journal() error {
	a.mu.Lock()
	fresh := a.fresh
	a.fresh = nil
	a.mu.Unlock()
	if len(fresh) == 0 {
		return nil
	}
	text, err := encodeChanges(fresh)
	if err != nil {
		return err
	}
	a.kept = append(a.kept, fresh...)
	return a.store.change(true, func() error {
		_, err := a.store.file.exec("INSERT INTO journal (changes) VALUES (?)", text)
		return err
	})
}

// unroll takes changes from the journal to the tables.
func (a *ahead) unroll() error {
	some := a.kept[:min(len(a.kept), unrollAtOnce)]
	if len(some) == 0 {
		return nil
	}
	rest := a.kept[len(some):]
	err := a.store.change(true, func() error { return a.store.apply(some, len(rest) == 0) })
	if a.kept = rest; len(rest) == 0 {
		a.kept = nil
	}
	return err
}

// end stops the keeping. What is left is taken to the tables, unless they are
// to be removed.
func (a *ahead) end(keep bool) (err error) {
	a.once.Do(func() {
		close(a.quit)
		a.running.Wait()
		if err = a.failed(); err != nil || !keep {
			return
		}
		for err = a.journal(); err == nil && len(a.kept) > 0; {
			err = a.unroll()
		}
		a.Memory.Stop()
	})
	return err
}
