package storetest

import (
	"errors"
	"testing/synctest"
	"time"

	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

var stopClauses = []clause{
	{"stopping releases who waits for work", func(b *bench) {
		b.add(mailbox(1, "example.org"))
		ends := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := b.Claim(b.Context())
				ends <- err
			}()
		}
		synctest.Wait()
		b.Stop()
		for range 2 {
			if err := <-ends; !errors.Is(err, scanner.ErrDone) {
				b.Errorf("who waited was told %v, want ErrDone", err)
			}
		}
	}},
	{"stopping hands out nothing more, due or deferred", func(b *bench) {
		b.fill(PerClaim + 1)
		claim := b.claim()
		b.must(claim.Defer(time.Now(), fact(1, 0, 1)))
		b.Stop()
		b.Stop()
		b.nothingIsLeft()
		b.must(claim.Finish())
		b.nothingIsLeft()
	}},
	{"stopping yields what nobody has in hand as it is", func(b *bench) {
		b.fill(3)
		claim := b.claim()
		r := b.read(b.Context())
		b.must(claim.Progress(settled(fact(1, 0, 1)), fact(2, 0, 1)))
		b.must(claim.Defer(time.Now().Add(time.Hour), fact(3, 0, 2)))
		b.must(claim.Finish())
		b.soFar(r, false, 1)
		b.Stop()
		b.soFar(r, true, 1, 2, 3)
		for i, done := range []bool{true, false, false} {
			result := r.results[i]
			if result.Done != done || result.Settled != done {
				b.Errorf("%d: done %v, settled %v, want %v", result.ID, result.Done, result.Settled, done)
			}
			b.has(result.ID, []int{1, 1, 2}[i], result.Attempts)
		}
	}},
	{"what is in hand may still bring facts", func(b *bench) {
		b.add(mailbox(1, "example.org"), mailbox(2, "example.org"), random(-1, "example.org"))
		b.assign("example.org", "q")
		claim := b.claim()
		r := b.read(b.Context())
		b.Stop()
		b.soFar(r, false)
		b.must(claim.Progress(settled(fact(1, 0, 1)), scanner.Fact{Work: 2, Fate: judge.FateCutOff}))
		b.soFar(r, false) // its random mailbox is still in hand
		b.must(claim.Progress(settled(fact(-1, 0, 1))))
		b.soFar(r, false, 1)
		b.must(claim.Finish())
		b.soFar(r, true, 1, 2)
		b.has(1, 1, r.results[0].Attempts)
		b.has(-1, 1, r.results[0].Random)
		if cut := r.results[1]; cut.Fate != judge.FateCutOff || cut.Done {
			b.Errorf("what was cut off is done %v, fate %q", cut.Done, cut.Fate)
		}
	}},
	{"work that is added behind the stop comes out unasked", func(b *bench) {
		b.add(mailbox(1, "example.org"))
		b.Stop()
		b.add(mailbox(2, "example.org"))
		b.assign("example.org", "q")
		b.nothingIsLeft()
		b.comesOut(1, 2)
	}},
}
