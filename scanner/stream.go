package scanner

import (
	"runtime"
	"sync"

	"github.com/mxvet/mxvet/scanner/input"
)

const (
	streamBatch = 256 // rows that go from hand to hand together
	streamAhead = 4   // batches a judge, that may be finished before their turn to be written
)

// streams reports whether every row can be answered as it is read: nobody is
// asked, and no store was named to keep it.
func (r *run) streams() bool { return r.method() == BySyntax && r.NewStore == nil }

// batch is some rows of the source on their way through the judges.
type batch struct {
	lines  []Result
	rows   []VerdictRow
	judged sync.WaitGroup
}

// stream answers rows without a store: one goroutine reads, several parse and
// judge, and this one writes in the order of the source. What is in memory at a
// time is bounded, whatever the size of the source.
func (r *run) stream(source *input.Source, sink Sink, tally *tally) error {
	judges := runtime.GOMAXPROCS(0)
	work := make(chan *batch)
	turns := make(chan *batch, judges*streamAhead)
	stop := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		defer close(turns)
		defer close(work)
		r.cut(source, work, turns, stop)
	})
	for range judges {
		all.Go(func() {
			for b := range work {
				r.judgeBatch(b)
			}
		})
	}
	err := r.writeBatches(turns, sink, tally)
	close(stop)
	for range turns { // so that nobody waits for room
	}
	all.Wait()
	return err
}

// cut reads the source in batches, and gives each to the judges and to who
// writes, until stop or the run's own end.
func (r *run) cut(source *input.Source, work, turns chan<- *batch, stop <-chan struct{}) {
	b, id := newBatch(), int64(0)
	pass := func() bool {
		b.judged.Add(1)
		turns <- b
		work <- b
		b = newBatch()
		select {
		case <-stop:
			return false
		case <-r.hard.Done():
			return false
		default:
			return true
		}
	}
	for in := range source.All() {
		id++
		b.lines = append(b.lines, Result{Work: Work{ID: id, Input: in}})
		if len(b.lines) == streamBatch && !pass() {
			return
		}
	}
	r.watch.ReadAll.Store(true)
	if len(b.lines) > 0 {
		pass()
	}
}

func newBatch() *batch { return &batch{lines: make([]Result, 0, streamBatch)} }

func (r *run) judgeBatch(b *batch) {
	defer b.judged.Done()
	b.rows = make([]VerdictRow, len(b.lines))
	for i := range b.lines {
		line := &b.lines[i]
		line.Work, line.Done = r.work(line.ID, line.Input), true
		r.fill(&b.rows[i], line, nil)
	}
	b.lines = nil
	r.watch.Rows.Add(int64(len(b.rows)))
}

func (r *run) writeBatches(turns <-chan *batch, sink Sink, tally *tally) error {
	for b := range turns {
		b.judged.Wait()
		for i := range b.rows {
			if err := sink.Put(&b.rows[i]); err != nil {
				return err
			}
			tally.count(&b.rows[i])
		}
		r.watch.Done.Add(int64(len(b.rows)))
	}
	return nil
}
