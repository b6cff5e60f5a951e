package storetest

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
	"testing/synctest"

	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// comesOut reads the results to their end, and checks which they are.
func (b *bench) comesOut(ids ...int64) []scanner.Result {
	b.Helper()
	results := b.all()
	if got := idsOf(results); !slices.Equal(got, ids) {
		b.Fatalf("rows %v came out, want %v", got, ids)
	}
	return results
}

func idsOf(results []scanner.Result) []int64 {
	ids := make([]int64, len(results))
	for i, result := range results {
		ids[i] = result.ID
	}
	return ids
}

// reader reads results as they come.
type reader struct {
	mu      sync.Mutex
	results []scanner.Result
	err     error
	ended   bool
}

func (b *bench) read(ctx context.Context) *reader { return b.follow(b.Results(ctx)) }

// readFinished reads without waiting for the order of input.
func (b *bench) readFinished(ctx context.Context) *reader { return b.follow(b.Finished(ctx)) }

func (b *bench) follow(results iter.Seq2[scanner.Result, error]) *reader {
	r := new(reader)
	go func() {
		for result, err := range results {
			r.mu.Lock()
			if r.err = err; err == nil {
				r.results = append(r.results, result)
			}
			r.mu.Unlock()
		}
		r.mu.Lock()
		r.ended = true
		r.mu.Unlock()
	}()
	return r
}

// soFar checks what has come out when everybody waits.
func (b *bench) soFar(r *reader, ended bool, ids ...int64) {
	b.Helper()
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	if got := idsOf(r.results); !slices.Equal(got, ids) || r.ended != ended {
		b.Errorf("rows %v came out, at the end: %v; want %v, %v", got, r.ended, ids, ended)
	}
}

var resultClauses = []clause{
	{"rows come out in the order of input", func(b *bench) {
		b.fill(3)
		r := b.read(b.Context())
		claim := b.claim()
		b.soFar(r, false)
		b.must(claim.Progress(settled(fact(3, 0, 1))))
		b.must(claim.Progress(settled(fact(2, 0, 1))))
		b.soFar(r, false)
		b.must(claim.Progress(settled(fact(1, 0, 1))))
		b.soFar(r, true, 1, 2, 3)
		b.must(claim.Finish())
	}},
	{"a row comes out while work behind it goes on", func(b *bench) {
		b.fill(2)
		r := b.read(b.Context())
		claim := b.claim()
		b.must(claim.Progress(settled(fact(1, 0, 1))))
		b.soFar(r, false, 1)
		b.must(claim.Progress(settled(fact(2, 0, 1))))
		b.soFar(r, true, 1, 2)
		b.must(claim.Finish())
	}},
	{"a row waits for its domain's random mailbox, and has its answers", func(b *bench) {
		b.add(mailbox(1, "example.org"), random(-1, "example.org"))
		b.assign("example.org", "q")
		r := b.read(b.Context())
		claim := b.claims("q", -1, 1)
		b.must(claim.Progress(settled(fact(1, 0, 1)), fact(-1, 0, 1)))
		b.soFar(r, false)
		b.must(claim.Progress(settled(fact(-1, 1, 1))))
		b.soFar(r, true, 1)
		b.has(1, 1, r.results[0].Attempts)
		b.has(-1, 2, r.results[0].Random)
		b.must(claim.Finish())
	}},
	{"a random mailbox is of its own domain only", func(b *bench) {
		b.add(mailbox(1, "a.example"), mailbox(2, "b.example"), random(-2, "b.example"))
		b.assign("a.example", "q")
		b.assign("b.example", "q")
		r := b.read(b.Context())
		claim := b.claims("q", -2, 1, 2)
		b.must(claim.Progress(settled(fact(1, 0, 1)), settled(fact(2, 0, 1))))
		b.soFar(r, false, 1)
		b.must(claim.Progress(settled(fact(-2, 0, 1))))
		b.soFar(r, true, 1, 2)
		b.has(1, 0, r.results[0].Random)
		b.must(claim.Finish())
	}},
	{"a result is the work as it was added", func(b *bench) {
		excluded := mailbox(2, "example.org")
		excluded.Fate, excluded.Settled = judge.FateExcluded, true
		b.add(noAddress(1), excluded, mailbox(3, "example.org"))
		b.assign("example.org", "q")
		b.finish(b.claim())
		done := mailbox(3, "example.org")
		done.Settled = true
		b.same("results", []scanner.Result{{Work: noAddress(1), Done: true}, {Work: excluded, Done: true}, {Work: done, Attempts: fact(3, 0, 1).Attempts, Done: true}}, b.all())
	}},
	{"a repeat has the answers of the first, and its own line", func(b *bench) {
		again := mailbox(1, "example.org")
		again.ID, again.Same, again.Input.Row, again.Input.Text = 3, 1, 3, "User1@example.org"
		b.add(mailbox(1, "example.org"), mailbox(2, "example.org"), again, random(-1, "example.org"))
		b.assign("example.org", "q")
		b.finish(b.claims("q", -1, 1, 2))
		results := b.comesOut(1, 2, 3)
		b.has(1, 1, results[2].Attempts)
		b.has(-1, 1, results[2].Random)
		if got := results[2]; got.Input.Text != "User1@example.org" || !got.Done || !got.Settled {
			b.Errorf("the repeat is %+v", got)
		}
	}},
	{"a repeat of what was excluded shares its fate", func(b *bench) {
		excluded := mailbox(1, "example.org")
		excluded.Fate, excluded.Settled = judge.FateExcluded, true
		again := excluded
		again.ID, again.Same = 2, 1
		b.add(excluded, again)
		for _, result := range b.comesOut(1, 2) {
			if result.Fate != judge.FateExcluded || !result.Done {
				b.Errorf("%d: fate %q, done %v", result.ID, result.Fate, result.Done)
			}
		}
	}},
	{"reading ends with its context", func(b *bench) {
		b.fill(2)
		claim := b.claim()
		ctx, cancel := context.WithCancel(b.Context())
		r := b.read(ctx)
		b.must(claim.Progress(settled(fact(1, 0, 1))))
		b.soFar(r, false, 1)
		cancel()
		b.soFar(r, true, 1)
		if !errors.Is(r.err, context.Canceled) {
			b.Errorf("reading ended with %v, want the context's error", r.err)
		}
		b.must(claim.Finish())
	}},
	{"a reader may leave off and another begin", func(b *bench) {
		b.fill(3)
		b.finish(b.claim())
		for range b.Results(b.Context()) {
			break
		}
		b.comesOut(1, 2, 3)
	}},
}
