package storetest

import (
	"errors"
	"net/netip"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// same compares what was kept with what was given; that nothing is nil or
// empty is the same.
func (b *bench) same(what string, want, got any) {
	b.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		b.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// has checks the answers to a piece of work, numbered from 0 without a gap.
func (b *bench) has(work int64, answers int, got []probe.Outcome) {
	b.Helper()
	b.same("attempts", fact(work, 0, answers).Attempts, got)
}

var factClauses = []clause{
	{"progress is kept while the claim goes on", func(b *bench) {
		b.fill(1)
		claim := b.claim()
		b.must(claim.Progress(fact(1, 0, 1)))
		b.must(claim.Progress(fact(1, 1, 1), settled(fact(1, 2, 1))))
		b.must(claim.Finish())
		b.has(1, 3, b.comesOut(1)[0].Attempts)
	}},
	{"progress said twice changes nothing", func(b *bench) {
		b.fill(1)
		claim := b.claim()
		for range 2 {
			b.must(claim.Progress(fact(1, 0, 2)))
		}
		b.must(claim.Progress(fact(1, 0, 1))) // an old one
		for range 2 {
			b.must(claim.Progress(settled(fact(1, 1, 2)))) // the last known one and a new one
		}
		b.must(claim.Finish())
		b.has(1, 3, b.comesOut(1)[0].Attempts)
	}},
	{"facts about work of others change nothing", func(b *bench) {
		b.fill(PerClaim + 1)
		first, second := b.claim(), b.claim()
		b.must(first.Progress(settled(fact(PerClaim+1, 0, 1))))
		b.must(first.Defer(time.Now().Add(time.Hour), fact(PerClaim+1, 0, 1)))
		b.must(first.Progress(settled(fact(99, 0, 1))))
		b.must(second.Finish())
		if again := b.claims("q", PerClaim+1); len(again.Items[0].Attempts) != 0 {
			b.Errorf("attempts %v", again.Items[0].Attempts)
		}
	}},
	{"finishing puts back what is not settled, with what was learned", func(b *bench) {
		b.fill(3)
		claim := b.claim()
		b.must(claim.Progress(settled(fact(1, 0, 1)), fact(2, 0, 2)))
		b.must(claim.Finish())
		again := b.claims("q", 2, 3)
		for _, item := range again.Items {
			b.has(item.ID, map[int64]int{2: 2}[item.ID], item.Attempts)
		}
	}},
	{"finishing twice frees one place only", func(b *bench) {
		b.fill(4 * PerClaim)
		first := b.claim()
		b.claim()
		b.must(first.Finish())
		b.must(first.Finish())
		b.claim()
		b.nothingIsDue("both places are taken")
	}},
	{"facts that come when the claim is over change nothing", func(b *bench) {
		b.fill(1)
		first := b.claim()
		b.must(first.Finish())
		second := b.claims("q", 1)
		b.must(first.Progress(settled(fact(1, 0, 1))))
		b.must(first.Defer(time.Now().Add(time.Hour), fact(1, 0, 1)))
		b.must(first.Finish())
		b.must(second.Finish())
		if third := b.claims("q", 1); len(third.Items[0].Attempts) != 0 {
			b.Errorf("attempts %v", third.Items[0].Attempts)
		}
	}},
	{"deferred work is handed out when its time has come", func(b *bench) {
		b.fill(3)
		b.add(mailbox(4, "other.example")) // not assigned, so that there is work left
		claim := b.claim()
		until := time.Now().Add(6 * time.Minute)
		b.must(claim.Defer(until, fact(1, 0, 1)))
		b.must(claim.Defer(until.Add(time.Minute), fact(2, 0, 2)))
		b.must(claim.Progress(settled(fact(3, 0, 1))))
		b.must(claim.Finish())
		b.nothingIsDue("both wait for their time")
		for _, want := range []struct {
			work int64
			at   time.Time
		}{{1, until}, {2, until.Add(time.Minute)}} {
			again, err := b.Claim(b.Context())
			b.must(err)
			if !time.Now().Equal(want.at) || again.Items[0].ID != want.work {
				b.Errorf("%v handed out at %v, want %d at %v", sorted(again), time.Now(), want.work, want.at)
			}
			b.has(want.work, int(want.work), again.Items[0].Attempts)
			b.finish(again)
		}
	}},
	{"work deferred to the past is due at once", func(b *bench) {
		b.fill(2)
		claim := b.claim()
		b.must(claim.Defer(time.Now().Add(-time.Hour), fact(1, 0, 0)))
		b.must(claim.Defer(time.Now(), fact(2, 0, 0)))
		b.must(claim.Finish())
		b.claims("q", 1, 2)
	}},
	{"work deferred to one time comes back in the order of input", func(b *bench) {
		b.fill(2 * PerClaim)
		first, second := b.claim(), b.claim()
		until := time.Now().Add(time.Minute)
		b.must(second.Defer(until, fact(5, 0, 0), fact(6, 0, 0), fact(4, 0, 0)))
		b.must(first.Defer(until, fact(3, 0, 0), fact(1, 0, 0), fact(2, 0, 0)))
		b.must(errors.Join(first.Finish(), second.Finish()))
		time.Sleep(time.Minute)
		for _, ids := range [][]int64{{1, 2, 3}, {4, 5, 6}} {
			var got []int64
			for _, item := range b.claim().Items {
				got = append(got, item.ID)
			}
			b.same("handed out", ids, got)
		}
	}},
	{"deferring twice counts once", func(b *bench) {
		b.fill(1)
		claim := b.claim()
		b.must(claim.Defer(time.Now().Add(time.Minute), fact(1, 0, 1)))
		b.must(claim.Defer(time.Now().Add(time.Hour), fact(1, 0, 1)))
		b.must(claim.Finish())
		time.Sleep(time.Minute)
		again := b.claims("q", 1)
		b.has(1, 1, again.Items[0].Attempts)
		b.finish(again)
		b.nothingIsLeft()
	}},
	{"deferred work waits while its queue has no place", func(b *bench) {
		b.fill(2*PerClaim + 1)
		first, second := b.claim(), b.claim()
		b.must(first.Defer(time.Now().Add(time.Minute), fact(1, 0, 1)))
		time.Sleep(time.Hour)
		b.nothingIsDue("both places are taken")
		b.finish(second)
		b.claims("q", 1, 7)
	}},
	{"deferred work is not settled", func(b *bench) {
		b.fill(1)
		claim := b.claim()
		b.must(claim.Defer(time.Now().Add(time.Hour), fact(1, 0, 1)))
		b.must(claim.Finish())
		b.nothingIsDue("it waits for its time")
	}},
	{"a fate is kept", func(b *bench) {
		b.fill(2)
		claim := b.claim()
		b.must(claim.Progress(scanner.Fact{Work: 1, Fate: judge.FateHarvest, Settled: true}, settled(fact(2, 0, 1))))
		b.must(claim.Finish())
		results := b.comesOut(1, 2)
		if results[0].Fate != judge.FateHarvest || results[1].Fate != judge.Asked {
			b.Errorf("fates %q and %q", results[0].Fate, results[1].Fate)
		}
	}},
}
