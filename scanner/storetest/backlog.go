package storetest

import (
	"time"

	"github.com/mxvet/mxvet/scanner"
)

// backlog checks what a Store says that is left to do, if it says so.
func (b *bench) backlog(open, waiting, deferred int, lastDue time.Time) {
	b.Helper()
	counting, ok := b.Store.(interface{ Backlog() scanner.Backlog })
	if !ok {
		b.Skip("the store keeps no such figures")
	}
	if got := counting.Backlog(); got.Open != open || got.Waiting != waiting || got.Deferred != deferred || !got.LastDue.Equal(lastDue) {
		b.Errorf("%+v, want %d open, %d waiting, %d deferred until %v", got, open, waiting, deferred, lastDue)
	}
}

var backlogClauses = []clause{
	{"what is left to do is known at any time", func(b *bench) {
		never, start := time.Time{}, time.Now()
		b.backlog(0, 0, 0, never)
		b.add(mailboxes(1, 5, "example.org")...)
		b.backlog(5, 0, 0, never)
		b.assign("example.org", "q")
		b.add(mailbox(6, "example.org"), mailbox(7, "nowhere.example"))
		b.backlog(7, 6, 0, never)
		b.assign("nowhere.example", "")
		claim := b.claims("q", 1, 2, 3)
		b.backlog(6, 3, 0, never)
		b.must(claim.Progress(settled(fact(1, 0, 1))))
		b.must(claim.Defer(start.Add(2*time.Hour), fact(2, 0, 1)))
		b.must(claim.Defer(start.Add(time.Hour), fact(3, 0, 1)))
		b.must(claim.Finish())
		b.backlog(5, 3, 2, start.Add(2*time.Hour))
		b.must(b.claims("q", 4, 5, 6).Finish())
		b.backlog(5, 3, 2, start.Add(2*time.Hour))

		time.Sleep(time.Hour)
		b.finish(b.claims("q", 4, 5, 6)) // 3 is due, behind them
		b.backlog(2, 1, 1, start.Add(2*time.Hour))
		time.Sleep(time.Hour)
		claim = b.claims("q", 2, 3)
		b.backlog(2, 0, 0, never)
		soon := time.Now().Add(time.Minute)
		b.must(claim.Defer(soon, fact(2, 1, 1)))
		b.backlog(2, 0, 1, soon)
		b.must(claim.Finish())
		b.backlog(2, 1, 1, soon)
	}},
}
