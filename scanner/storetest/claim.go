package storetest

import (
	"context"
	"errors"
	"slices"
	"testing/synctest"
	"time"

	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

var claimClauses = []clause{
	{"the longest queue is handed out first", func(b *bench) {
		b.add(mailbox(1, "short.example"), mailbox(2, "long.example"), mailbox(3, "middle.example"), mailbox(4, "long.example"), mailbox(5, "middle.example"), mailbox(6, "long.example"))
		b.assign("short.example", "short")
		b.assign("middle.example", "middle")
		b.assign("long.example", "long")
		b.claims("long", 2, 4, 6)
		b.claims("middle", 3, 5)
		b.claims("short", 1)
	}},
	{"domains of one queue share a claim", func(b *bench) {
		b.add(mailbox(1, "a.example"), mailbox(2, "b.example"))
		b.assign("a.example", "q")
		b.assign("b.example", "q")
		b.claims("q", 1, 2)
	}},
	{"a claim holds no more than its measure", func(b *bench) {
		b.fill(PerClaim + 2)
		b.claims("q", 1, 2, 3)
		b.claims("q", 4, 5)
	}},
	{"a queue has so many claims in hand and no more", func(b *bench) {
		b.fill(3 * PerClaim)
		first := b.claim()
		b.claim()
		b.nothingIsDue("both places are taken")
		b.finish(first)
		b.claims("q", 7, 8, 9)
	}},
	{"a full queue does not hold up another", func(b *bench) {
		b.fill(3 * PerClaim)
		b.add(mailbox(10, "other.example"))
		b.assign("other.example", "other")
		b.claim()
		b.claim()
		b.claims("other", 10)
	}},
	{"who waits is handed the place that comes free", func(b *bench) {
		b.fill(3 * PerClaim)
		first := b.claim()
		b.claim()
		go func() {
			time.Sleep(time.Minute)
			b.finish(first)
		}()
		start := time.Now()
		if _, err := b.Claim(b.Context()); err != nil || time.Since(start) != time.Minute {
			b.Errorf("handed out after %v: %v", time.Since(start), err)
		}
	}},
	{"the random mailbox is in its domain's first claim", func(b *bench) {
		b.add(mailboxes(1, 7, "example.org")...)
		b.add(random(-1, "example.org"))
		b.assign("example.org", "q")
		if first := sorted(b.claim()); !slices.Contains(first, -1) || !slices.Contains(first, 1) {
			b.Errorf("the first claim holds %v", first)
		}
	}},
	{"a claim says what work is", func(b *bench) {
		b.add(mailbox(1, "example.org"), random(-1, "example.org"))
		b.assign("example.org", "q")
		items := b.claims("q", -1, 1).Items
		for _, want := range []scanner.Work{mailbox(1, "example.org"), random(-1, "example.org")} {
			i := slices.IndexFunc(items, func(item scanner.Item) bool { return item.ID == want.ID })
			b.same("item", scanner.Item{Work: want}, items[i])
		}
	}},
	{"work waits until its domain is assigned", func(b *bench) {
		b.add(mailbox(1, "example.org"))
		b.nothingIsDue("nobody assigned the domain")
		b.assign("example.org", "q")
		b.claims("q", 1)
	}},
	{"work added behind its domain's assignment is queued", func(b *bench) {
		b.fill(1)
		b.add(mailbox(2, "example.org"))
		b.claims("q", 1, 2)
	}},
	{"work added twice is there once", func(b *bench) {
		b.fill(2)
		b.add(mailbox(1, "example.org"), mailbox(2, "example.org"))
		b.finish(b.claims("q", 1, 2))
		b.nothingIsLeft()
		b.comesOut(1, 2)
	}},
	{"what is settled when it is added is not handed out", func(b *bench) {
		excluded := mailbox(2, "example.org")
		excluded.Fate, excluded.Settled = judge.FateExcluded, true
		b.add(noAddress(1), excluded, mailbox(3, "example.org"))
		b.assign("example.org", "q")
		b.claims("q", 3)
	}},
	{"a repeat is not handed out", func(b *bench) {
		again := mailbox(1, "example.org")
		again.ID, again.Same = 2, 1
		b.add(mailbox(1, "example.org"), again)
		b.assign("example.org", "q")
		b.finish(b.claims("q", 1))
		b.nothingIsLeft()
	}},
	{"an empty queue settles what is there and what comes", func(b *bench) {
		b.add(mailbox(1, "example.org"), mailbox(2, "other.example"))
		b.assign("example.org", "")
		b.add(mailbox(3, "example.org"))
		b.assign("other.example", "q")
		b.finish(b.claims("q", 2))
		b.nothingIsLeft()
		for _, result := range b.comesOut(1, 2, 3) {
			if !result.Settled || result.Fate != judge.Asked {
				b.Errorf("%d is settled %v, fate %q", result.ID, result.Settled, result.Fate)
			}
		}
	}},
	{"claims end when all is settled", func(b *bench) {
		b.fill(1)
		claim := b.claim()
		ends := make(chan error, 1)
		go func() {
			_, err := b.Claim(b.Context())
			ends <- err
		}()
		synctest.Wait()
		b.must(claim.Progress(settled(fact(1, 0, 1))))
		if err := <-ends; !errors.Is(err, scanner.ErrDone) {
			b.Errorf("who waited was told %v, want ErrDone", err)
		}
		b.must(claim.Finish())
	}},
	{"a wait ends with its context", func(b *bench) {
		b.add(mailbox(1, "example.org"))
		ctx, cancel := context.WithCancel(b.Context())
		ends := make(chan error, 1)
		go func() {
			_, err := b.Claim(ctx)
			ends <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-ends; !errors.Is(err, context.Canceled) {
			b.Errorf("Claim ended with %v, want the context's error", err)
		}
	}},
}
