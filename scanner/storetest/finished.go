package storetest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// sameRows checks that a reader of Finished was given what one of Results was.
func (b *bench) sameRows(finished, ordered *reader) {
	b.Helper()
	finished.mu.Lock()
	defer finished.mu.Unlock()
	if !finished.ended || finished.err != nil {
		b.Errorf("reading rows as they finish is at its end: %v, error %v", finished.ended, finished.err)
	}
	rows := slices.Clone(finished.results)
	slices.SortFunc(rows, func(a, b scanner.Result) int { return cmp.Compare(a.ID, b.ID) })
	b.same("rows as they finished", ordered.results, rows)
}

var finishedClauses = []clause{
	{"a finished row does not wait for those before it", func(b *bench) {
		b.fill(3)
		r := b.readFinished(b.Context())
		claim := b.claim()
		b.soFar(r, false)
		b.must(claim.Progress(settled(fact(3, 0, 1))))
		b.soFar(r, false, 3)
		b.must(claim.Progress(settled(fact(1, 0, 1))))
		b.soFar(r, false, 3, 1)
		b.must(claim.Progress(fact(2, 0, 1)))
		b.soFar(r, false, 3, 1)
		b.must(claim.Progress(settled(fact(2, 1, 1))))
		b.soFar(r, true, 3, 1, 2)
		b.has(2, 2, r.results[2].Attempts)
		b.must(claim.Finish())
	}},
	{"a finished row waits for its domain's random mailbox, and has its answers", func(b *bench) {
		b.add(mailbox(1, "a.example"), mailbox(2, "b.example"), random(-1, "a.example"))
		b.assign("a.example", "q")
		b.assign("b.example", "q")
		r := b.readFinished(b.Context())
		claim := b.claims("q", -1, 1, 2)
		b.must(claim.Progress(settled(fact(1, 0, 1))))
		b.must(claim.Progress(settled(fact(2, 0, 1))))
		b.soFar(r, false, 2)
		b.must(claim.Progress(settled(fact(-1, 0, 2))))
		b.soFar(r, true, 2, 1)
		b.has(-1, 2, r.results[1].Random)
		b.must(claim.Finish())
	}},
	{"repeats come out with the first, and once", func(b *bench) {
		again, third := mailbox(1, "example.org"), mailbox(1, "example.org")
		again.ID, again.Same, again.Input.Row = 3, 1, 3
		third.ID, third.Same, third.Input.Row = 4, 1, 4
		b.add(mailbox(1, "example.org"), mailbox(2, "example.org"), again, third)
		b.assign("example.org", "q")
		r := b.readFinished(b.Context())
		claim := b.claims("q", 1, 2)
		b.must(claim.Progress(settled(fact(1, 0, 1))))
		b.soFar(r, false, 1, 3, 4)
		b.has(1, 1, r.results[2].Attempts)
		b.must(claim.Progress(settled(fact(2, 0, 1))))
		b.soFar(r, true, 1, 3, 4, 2)
		b.must(claim.Finish())
	}},
	{"what is settled before anybody is asked comes out at once", func(b *bench) {
		excluded := mailbox(2, "example.org")
		excluded.Fate, excluded.Settled = judge.FateExcluded, true
		b.add(noAddress(1), excluded, mailbox(3, "nowhere.example"), mailbox(4, "example.org"))
		b.assign("example.org", "q")
		r := b.readFinished(b.Context())
		b.soFar(r, false, 1, 2)
		b.assign("nowhere.example", "")
		b.soFar(r, false, 1, 2, 3)
		b.finish(b.claims("q", 4))
		b.soFar(r, true, 1, 2, 3, 4)
	}},
	{"stopping yields the rest as it is, once nobody has work in hand", func(b *bench) {
		b.fill(4)
		claim := b.claims("q", 1, 2, 3)
		r := b.readFinished(b.Context())
		b.must(claim.Progress(settled(fact(2, 0, 1))))
		b.Stop()
		b.soFar(r, false, 2)
		b.must(claim.Defer(time.Now().Add(time.Hour), fact(1, 0, 2)))
		b.must(claim.Progress(settled(fact(3, 0, 1))))
		b.must(claim.Finish())
		b.soFar(r, true, 2, 3, 1, 4)
		for i, done := range []bool{true, true, false, false} {
			if got := r.results[i]; got.Done != done {
				b.Errorf("%d: done %v, want %v", got.ID, got.Done, done)
			}
		}
		b.has(1, 2, r.results[2].Attempts)
	}},
	{"stopping yields a repeat of the rest once, however far behind the first", func(b *bench) {
		const first, all = 500, 600 // more than anybody would read at a time
		b.add(mailboxes(1, first, "example.org")...)
		for id := int64(first + 1); id <= all; id++ {
			again := mailbox(id-first, "example.org")
			again.ID, again.Same, again.Input.Row = id, id-first, id
			b.add(again)
		}
		b.Stop()
		finished, ordered := b.readFinished(b.Context()), b.read(b.Context())
		var want []int64
		for id := int64(1); id <= all; id++ {
			want = append(want, id)
		}
		b.soFar(ordered, true, want...)
		b.sameRows(finished, ordered)
	}},
	{"reading finished rows ends with its context, and another may begin", func(b *bench) {
		b.fill(2)
		claim := b.claim()
		ctx, cancel := context.WithCancel(b.Context())
		r := b.readFinished(ctx)
		b.must(claim.Progress(settled(fact(2, 0, 1))))
		b.soFar(r, false, 2)
		cancel()
		b.soFar(r, true, 2)
		if !errors.Is(r.err, context.Canceled) {
			b.Errorf("reading ended with %v, want the context's error", r.err)
		}
		b.must(claim.Progress(settled(fact(1, 0, 1))))
		b.must(claim.Finish())
		b.soFar(b.readFinished(b.Context()), true, 1, 2)
	}},
}
