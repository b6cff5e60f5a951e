// Package storetest answers: is this a scanner.Store?
//
// A Store is a contract between a scanner that adds and claims work and a
// writer that reads results at the same time, and it has to hold whatever gets
// lost between them: a call that is made twice, a claimer that goes away with
// work in its hands, a fact that comes late. Run holds a Store against it, one
// subtest a clause, so that memory, a file and a cluster are proved by the same
// words:
//
//	func TestMemory(t *testing.T) {
//		storetest.Run(t, func(*testing.T) scanner.Store { return scanner.NewMemory(storetest.PerQueue, storetest.PerClaim) })
//	}
//
// Every subtest runs in a bubble of testing/synctest, in which hours of
// deferral pass at once, and opens a Store of its own there. A Store that talks
// to a server must therefore have it in the same process, over pipes.
//
// Stores that outlive their process are held against Durable, too: there the
// process dies between any two calls.
//
// Left out: what survives the machine.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/input"
)

// The limits by which a Store under test is to be opened.
const (
	PerQueue = 2 // claims of one queue at a time
	PerClaim = 3 // pieces of work in one claim
)

// Run holds the Stores that open returns, each empty, against the contract of
// scanner.Store. open may leave clean-up to its t.
func Run(t *testing.T, open func(t *testing.T) scanner.Store) {
	for _, clause := range slices.Concat(claimClauses, factClauses, resultClauses, finishedClauses, stopClauses, backlogClauses, knownClauses, crowdClauses) {
		t.Run(clause.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { clause.holds(&bench{T: t, Store: open(t)}) })
		})
	}
}

// clause is one sentence of the contract.
type clause struct {
	name  string
	holds func(b *bench)
}

// bench is a Store under test.
type bench struct {
	*testing.T
	scanner.Store
}

// mailbox is work for one address; its ID is its place in the input.
func mailbox(id int64, domain string) scanner.Work {
	a := address.Address{Local: fmt.Sprintf("user%d", id), Domain: domain, Unicode: domain}
	return scanner.Work{ID: id, Kind: probe.AddressKind, Domain: domain, Mailbox: &a, Input: input.Input{Row: id, Text: a.String(), Values: []string{"cell"}}}
}

// mailboxes are those from first to last.
func mailboxes(first, last int64, domain string) []scanner.Work {
	var work []scanner.Work
	for id := first; id <= last; id++ {
		work = append(work, mailbox(id, domain))
	}
	return work
}

// random is the work of a domain's random mailbox.
func random(id int64, domain string) scanner.Work {
	w := mailbox(id, domain)
	w.Kind, w.Input, w.Mailbox.Local = probe.RandomKind, input.Input{}, "random"
	return w
}

// noAddress is a line of input in which the syntax is bad.
func noAddress(id int64) scanner.Work {
	return scanner.Work{
		ID: id, Kind: probe.AddressKind, Input: input.Input{Row: id, Text: "ann"}, Settled: true,
		Syntax: &address.Error{Input: "ann", Offset: -1, Rule: address.RuleNoAt, Reason: `there is no "@"`},
	}
}

// answer is the n-th outcome, from 0, of asking for a piece of work.
func answer(work int64, n int) probe.Outcome {
	return probe.Outcome{
		Kind: probe.AddressKind, At: time.Date(2026, 3, 1, 12, n, 0, 0, time.UTC), Stage: smtp.Rcpt, Host: "mx.example.org",
		Code: 451, Text: fmt.Sprintf("answer %d to %d", n, work), Meaning: reply.SystemError, Rule: "specimen",
	}
}

// fact gives a piece of work its answers from first on, n of them.
func fact(work int64, first, n int) scanner.Fact {
	f := scanner.Fact{Work: work, First: first}
	for i := range n {
		f.Attempts = append(f.Attempts, answer(work, first+i))
	}
	return f
}

// settled makes the fact the last one.
func settled(f scanner.Fact) scanner.Fact {
	f.Settled = true
	return f
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) add(work ...scanner.Work) {
	b.Helper()
	b.must(b.Add(b.Context(), work...))
}

func (b *bench) assign(domain, queue string) {
	b.Helper()
	b.must(b.Assign(b.Context(), domain, queue))
}

// fill adds the mailboxes from 1 to n of one domain, which waits in queue "q".
func (b *bench) fill(n int64) {
	b.Helper()
	b.add(mailboxes(1, n, "example.org")...)
	b.assign("example.org", "q")
}

// claim is handed out at once.
func (b *bench) claim() *scanner.Claim {
	b.Helper()
	start := time.Now()
	claim, err := b.Claim(b.Context())
	b.must(err)
	if waited := time.Since(start); waited > 0 {
		b.Fatalf("work that is due was handed out after %v", waited)
	}
	return claim
}

// claims checks what is handed out at once.
func (b *bench) claims(queue string, ids ...int64) *scanner.Claim {
	b.Helper()
	claim := b.claim()
	if claim.Queue != queue || !slices.Equal(sorted(claim), ids) {
		b.Fatalf("handed out %v of queue %q, want %v of %q", sorted(claim), claim.Queue, ids, queue)
	}
	return claim
}

// nothingIsDue checks that nothing is handed out for a while.
func (b *bench) nothingIsDue(why string) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), time.Second)
	defer cancel()
	claim, err := b.Claim(ctx)
	switch {
	case err == nil:
		b.Fatalf("%s: handed out %v of queue %q", why, sorted(claim), claim.Queue)
	case !errors.Is(err, context.DeadlineExceeded):
		b.Fatalf("%s: %v, want a wait", why, err)
	}
}

// nothingIsLeft checks that Claim has come to its end.
func (b *bench) nothingIsLeft() {
	b.Helper()
	if claim, err := b.Claim(b.Context()); !errors.Is(err, scanner.ErrDone) {
		b.Fatalf("Claim gives %v, %v, want ErrDone", claim, err)
	}
}

// finish settles all that is left of a claim, each with one more answer, and ends it.
func (b *bench) finish(claim *scanner.Claim) {
	b.Helper()
	for _, item := range claim.Items {
		b.must(claim.Progress(settled(fact(item.ID, len(item.Attempts), 1))))
	}
	b.must(claim.Finish())
}

// sorted are the IDs of a claim.
func sorted(claim *scanner.Claim) []int64 {
	ids := make([]int64, len(claim.Items))
	for i, item := range claim.Items {
		ids[i] = item.ID
	}
	slices.Sort(ids)
	return ids
}

// all reads the results to their end.
func (b *bench) all() []scanner.Result {
	b.Helper()
	var out []scanner.Result
	for result, err := range b.Results(b.Context()) {
		b.must(err)
		out = append(out, result)
	}
	return out
}
