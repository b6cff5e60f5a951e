package scanner

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/mxvet/mxvet/scanner/judge"
)

// Counters are true figures of a run as it goes on, for a progress bar. They
// may be read at any time.
type Counters struct {
	Rows          atomic.Int64 // lines of input read
	Done          atomic.Int64 // rows written
	ReadAll       atomic.Bool  // Rows is final
	Domains       atomic.Int64 // domains whose route is known
	Open          atomic.Int64 // conversations open now
	Conversations atomic.Int64 // connections tried
	Commands      atomic.Int64 // SMTP commands sent
	Asked         atomic.Int64 // questions about mailboxes answered

	Replied Replied // set before the run; may be nil

	verdicts [len(judge.Words)]atomic.Int64
	store    atomic.Pointer[func() Backlog]
}

// Backlog is the work of a store that is not done.
type Backlog struct {
	Open     int       // mailboxes that are not settled, those in hand and the random ones among them
	Waiting  int       // of them, those that wait to be asked now
	Deferred int       // of them, those that wait for their time, greylisted ones among them
	LastDue  time.Time // when the last of those is due; zero for none
}

// Verdict is how many rows with it were written.
func (c *Counters) Verdict(word judge.Word) int64 {
	if i := slices.Index(judge.Words[:], word); i >= 0 {
		return c.verdicts[i].Load()
	}
	return 0
}

func (c *Counters) written(word judge.Word) {
	if i := slices.Index(judge.Words[:], word); i >= 0 {
		c.verdicts[i].Add(1)
	}
}

// Backlog is what the run's store has to do yet; ok is false where there is
// none that says.
func (c *Counters) Backlog() (backlog Backlog, ok bool) {
	if look := c.store.Load(); look != nil {
		return (*look)(), true
	}
	return Backlog{}, false
}

// Follow has Backlog ask a store, as a run does with its own.
func (c *Counters) Follow(store Store) {
	if counting, ok := store.(interface{ Backlog() Backlog }); ok {
		look := counting.Backlog
		c.store.Store(&look)
	}
}
