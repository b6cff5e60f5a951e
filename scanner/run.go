package scanner

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner/input"
	"github.com/mxvet/mxvet/scanner/pace"
)

// Sink takes the rows of a run, one at a time. An error ends the run.
type Sink interface {
	Put(row Row) error
}

// Run verifies the addresses of a source and puts a row for each into the
// sink, in input order unless Unordered, then the run's own row, which it also returns.
//
// When ctx ends, what is in hand may go on for Grace, every finished row is
// written, a question cut off is interrupted and the rest not_checked; the
// error is nil, and the run's row says Interrupt. So it is when a budget is
// spent, which the row names. The error is that of the
// sink, of the store, or of reading the source, after the rows before it.
func (s *Scanner) Run(ctx context.Context, source *input.Source, sink Sink) (*RunRow, error) {
	ctx, cancel := s.timed(ctx)
	defer cancel()
	r := s.newRun(ctx)
	defer r.release()
	return r.verify(ctx, source, sink)
}

// run is one call of Run.
type run struct {
	*Scanner
	store   Store
	meter   *pace.Meter
	guard   *pace.Guard
	breaker *pace.Breaker[probe.Outcome]
	horizon horizon
	exits   *exits
	purse   purse
	room    room
	watch   *Counters
	started time.Time

	hard     context.Context // ends when nothing may go on any more
	keeping  context.Context // for the store, which is told what was learned whatever ended
	stopping atomic.Bool
	asked    atomic.Int64 // mailboxes there is a server to ask about, random ones left out
	release  func()
	abandon  func() // ends everything at once
	columns  []string
}

func (s *Scanner) newRun(ctx context.Context) *run {
	r := &run{Scanner: s, store: s.store(), meter: pace.NewMeter(s.profile()), guard: pace.NewGuard(s.profile()), breaker: pace.NewBreaker[probe.Outcome](), exits: newExits(s.Egresses, min(s.GreylistWait, proxyPatience)), watch: s.Watch, started: s.now()}
	if r.watch == nil {
		r.watch = new(Counters)
	}
	if !r.streams() {
		r.watch.Follow(r.store)
	}
	r.keeping = context.WithoutCancel(ctx)
	hard, cancel := context.WithCancelCause(r.keeping)
	r.hard = hard
	stop := context.AfterFunc(ctx, func() { r.stop(context.Cause(ctx), cancel) })
	r.release = func() { stop(); cancel(nil) }
	r.abandon = func() { r.stopping.Store(true); r.store.Stop(); cancel(nil) }
	return r
}

// stop lets no new work begin and, after the grace, ends what goes on.
func (r *run) stop(cause error, cancel context.CancelCauseFunc) {
	r.stopping.Store(true)
	grace := r.grace()
	if grace == 0 {
		cancel(cause)
		r.store.Stop()
		return
	}
	r.store.Stop()
	timer := time.AfterFunc(grace, func() { cancel(cause) })
	context.AfterFunc(r.hard, func() { timer.Stop() })
}

func (s *Scanner) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// verify reads, plans, converses and writes. Writing goes on beside the
// conversations; a sink that fails ends everything.
func (r *run) verify(ctx context.Context, source *input.Source, sink Sink) (*RunRow, error) {
	r.columns = source.Columns()
	tally := newTally(r)
	if r.streams() {
		if err := r.stream(source, sink, tally); err != nil {
			return nil, err
		}
		return r.last(ctx, tally, source.Err(), sink)
	}
	failed := make(chan error, 1)
	if err := r.takeUp(); err != nil {
		return nil, err
	}
	planned := r.plan(ctx, source)
	if r.Ready != nil && planned == nil {
		if err := r.Ready(r.asked.Load()); err != nil {
			return nil, err
		}
	}
	if planned != nil {
		r.store.Stop() // what could not be planned would be waited for
	}
	go func() {
		err := r.write(sink, tally)
		if err != nil {
			r.abandon()
		}
		failed <- err
	}()
	conversed := r.converseAll(ctx)
	if conversed != nil {
		r.store.Stop()
	}
	if err := <-failed; err != nil {
		return nil, err
	}
	return r.last(ctx, tally, errors.Join(planned, conversed, r.horizon.err(), source.Err()), sink)
}

// last puts the run's own row into the sink, unless the run failed.
func (r *run) last(ctx context.Context, tally *tally, failure error, sink Sink) (*RunRow, error) {
	row := tally.row(ctx.Err() != nil)
	if row.Budget = r.budget(ctx); row.Budget != "" {
		row.Interrupt = true
	}
	if failure != nil {
		return row, failure
	}
	return row, sink.Put(row)
}

// converseAll claims work and gives it to conversations, at most Concurrency
// at a time, until none is left.
func (r *run) converseAll(ctx context.Context) error {
	conversations := new(errgroup.Group)
	conversations.SetLimit(r.concurrency())
	var err error
	for {
		var claim *Claim
		if claim, err = r.store.Claim(ctx); err != nil {
			break
		}
		conversations.Go(func() error {
			err := r.converse(claim)
			if err != nil {
				r.stopping.Store(true)
				r.store.Stop() // a store that fails once would be handed the same work again
			}
			return err
		})
	}
	failed := conversations.Wait()
	if errors.Is(err, ErrDone) || ctx.Err() != nil {
		err = nil
	}
	return errors.Join(err, failed)
}

func (s *Scanner) concurrency() int {
	if s.Concurrency > 0 {
		return s.Concurrency
	}
	return 100
}
