package scanner_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/input"
	"github.com/mxvet/mxvet/scanner/judge"
	"github.com/mxvet/mxvet/scanner/lab"
)

// chaos is one run as chance would have it.
type chaos struct {
	list        []lab.Truth // repeats among them
	concurrency int
	perQueue    int
	perClaim    int
	gentle      bool
	method      scanner.Method
	interrupt   time.Duration // 0 is never
	grace       time.Duration
}

func anyChaos(truth []lab.Truth) *rapid.Generator[chaos] {
	return rapid.Custom(func(t *rapid.T) chaos {
		c := chaos{
			list:        rapid.SliceOfN(rapid.SampledFrom(truth), 1, 40).Draw(t, "list"),
			concurrency: rapid.IntRange(1, 30).Draw(t, "concurrency"),
			perQueue:    rapid.IntRange(1, 3).Draw(t, "perQueue"),
			perClaim:    rapid.SampledFrom([]int{1, 2, 3, 5, 500}).Draw(t, "perClaim"),
			method:      rapid.SampledFrom([]scanner.Method{scanner.ByRCPT, scanner.ByRCPT, scanner.ByVRFY, scanner.ByBoth}).Draw(t, "method"),
			gentle:      rapid.Bool().Draw(t, "gentle"),
			grace:       rapid.SampledFrom([]time.Duration{-1, 0, time.Second}).Draw(t, "grace"),
		}
		if rapid.Bool().Draw(t, "interrupted") {
			c.interrupt = time.Duration(rapid.Int64Range(1, 5000).Draw(t, "interrupt")) * time.Millisecond
		}
		return c
	})
}

// run verifies the list and returns every complaint there is.
func (c chaos) run(t *testing.T) (complaints []string) {
	internet := lab.New(lab.Options{RTT: 20 * time.Millisecond})
	defer internet.Close()
	s := labScanner(t, internet)
	s.Concurrency, s.Grace, s.Method = c.concurrency, c.grace, c.method
	if c.gentle {
		s.Pace = nil
	}
	s.NewStore = func() scanner.Store { return strict{scanner.NewMemory(c.perQueue, c.perClaim)} }
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if c.interrupt > 0 {
		time.AfterFunc(c.interrupt, cancel)
	}
	var addresses []string
	for _, fact := range c.list {
		addresses = append(addresses, fact.Address)
	}
	got := new(rows)
	if _, err := s.Run(ctx, input.Arguments(addresses), got); err != nil {
		return []string{err.Error()}
	}
	if len(got.verdicts) != len(c.list) {
		return []string{fmt.Sprintf("%d rows for %d addresses", len(got.verdicts), len(c.list))}
	}
	for i, fact := range c.list {
		if complaint := c.complain(fact, got.verdicts[i], got.run.Interrupt); complaint != "" {
			complaints = append(complaints, fmt.Sprintf("row %d, %s: %s", i+1, fact.Address, complaint))
		}
	}
	if c.gentle && c.method != scanner.ByBoth { // which asks of each mailbox twice
		complaints = append(complaints, unkindness(got.verdicts)...)
	}
	return complaints
}

// unkindness names the hosts that heard of more than four unknown mailboxes
// within ten minutes.
func unkindness(verdicts []*scanner.VerdictRow) (complaints []string) {
	heard := make(map[netip.Addr][]time.Time)
	counted := make(map[string]bool) // repeats share attempts, and a domain its random mailbox
	for _, row := range verdicts {
		for _, o := range row.Attempts {
			who := *row.Address
			if o.Kind == probe.RandomKind {
				who = *row.Domain
			}
			if key := fmt.Sprint(who, o.At); o.Meaning == reply.UserUnknown && o.Answered() && !counted[key] {
				counted[key] = true
				heard[o.IP] = append(heard[o.IP], o.At)
			}
		}
	}
	for ip, times := range heard {
		slices.SortFunc(times, time.Time.Compare)
		for i := 4; i < len(times); i++ {
			if apart := times[i].Sub(times[i-4]); apart < 10*time.Minute {
				complaints = append(complaints, fmt.Sprintf("%s heard of five unknown mailboxes within %v", ip, apart))
			}
		}
	}
	return complaints
}

// strict is a store that keeps nothing under a context that is over, as a
// database does.
type strict struct{ *scanner.Memory }

func (s strict) Add(ctx context.Context, work ...scanner.Work) error {
	return errors.Join(ctx.Err(), s.Memory.Add(ctx, work...))
}

func (s strict) Assign(ctx context.Context, domain, queue string) error {
	return errors.Join(ctx.Err(), s.Memory.Assign(ctx, domain, queue))
}

func (s strict) Remember(ctx context.Context, key string, known scanner.Known, revision int64) (int64, error) {
	revision, err := s.Memory.Remember(ctx, key, known, revision)
	return revision, errors.Join(ctx.Err(), err)
}

func (s strict) Recall(ctx context.Context, key string) (scanner.Known, int64, error) {
	known, revision, err := s.Memory.Recall(ctx, key)
	return known, revision, errors.Join(ctx.Err(), err)
}

// complain says what is wrong with a row; it is empty where nothing is.
func (c chaos) complain(fact lab.Truth, row *scanner.VerdictRow, interrupted bool) string {
	again := *row
	again.Attempts = slices.Clone(row.Attempts)
	again.Rejudge()
	if diff := cmp.Diff(row, &again, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		return "judged again (-run +rejudged):\n" + diff
	}
	switch {
	case row.Input != fact.Address:
		return "stands in the row of " + row.Input
	case row.Evidence.Text == "":
		return "no evidence"
	case slices.ContainsFunc(row.Attempts, func(o probe.Outcome) bool { return o.Cause == smtp.Cancelled }):
		return "what we broke off ourselves is held against the server"
	case c.method != scanner.ByRCPT && fact.Verdict != "undeliverable" && row.Verdict == judge.Undeliverable:
		return "undeliverable by " + string(c.method) + ", and is not"
	case c.method != scanner.ByRCPT: // which may tell less, or more
		return ""
	case string(row.Verdict) == fact.Verdict && string(row.Reason) == fact.Reason:
		return ""
	case c.gentle && row.Reason == judge.HarvestGuard:
		return ""
	case interrupted && (row.Reason == judge.Interrupted || row.Reason == judge.NotChecked):
		return ""
	default:
		return fmt.Sprintf("%s/%s, want %s/%s; catch_all %s, fate %q, attempts %+v", row.Verdict, row.Reason, fact.Verdict, fact.Reason, row.CatchAll, row.Fate, row.Attempts)
	}
}

// TestChaos runs random lists with random limits, half of them interrupted at a
// random moment: every line has its row, once and in order, and the row says
// what is true or, after an interrupt, that it was not found out.
func TestChaos(t *testing.T) {
	truth := lab.New(lab.Options{}).Truth()
	rapid.Check(t, func(r *rapid.T) {
		c := anyChaos(truth).Draw(r, "run")
		var complaints []string
		synctest.Test(t, func(t *testing.T) { complaints = c.run(t) })
		for _, complaint := range complaints {
			r.Error(complaint)
		}
	})
}
