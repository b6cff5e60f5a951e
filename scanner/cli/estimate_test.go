package cli

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/scanner"
)

func TestEstimate(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	watch := new(scanner.Counters)
	e := newEstimate(watch, start)
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	told := func(diagnosis, want string, seconds int) {
		t.Helper()
		if diff := cmp.Diff(want, line(watch, e.look(at(seconds)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", diagnosis, diff)
		}
	}
	watch.Rows.Store(600)
	told("a list that is still read", "1s: 600 rows read", 1)
	watch.Rows.Store(1000)
	watch.ReadAll.Store(true)
	watch.Domains.Store(1)
	told("nobody asked yet", "2s: 1000 rows read, 1 domain looked up, 0 conversations open", 2)
	watch.Open.Store(2)
	watch.Done.Store(100)
	told("a hundred rows in ten seconds", "10s: 100 of 1000 rows, 10/s, 1m30s left, 2 conversations open", 10)
	watch.Done.Store(400)
	told("a rate is that of the last half minute", "40s: 400 of 1000 rows, 10/s, 1m0s left, 2 conversations open", 40)
	watch.Done.Store(1000)
	told("all done", "50s: 1000 of 1000 rows, 22/s, 2 conversations open", 50)
	told("nothing happens any more", "2m0s: 1000 of 1000 rows, 0.0/s, 2 conversations open", 120)
}

// The figures of a run that waits for greylisted rows are those of its store:
// rows answered behind one that is put off count as done, and the time left is
// that of the last to come back.
func TestEstimateOfDeferredRows(t *testing.T) {
	store := scanner.NewMemory(1, 10)
	watch := new(scanner.Counters)
	watch.Follow(store)
	var work []scanner.Work
	for id := range int64(4) {
		mailbox := address.Address{Local: "ann", Domain: "example.org"}
		work = append(work, scanner.Work{ID: id + 1, Kind: "address", Domain: "example.org", Mailbox: &mailbox})
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(store.Add(t.Context(), work...))
	must(store.Assign(t.Context(), "example.org", "q"))
	claim, err := store.Claim(t.Context())
	must(err)
	start := time.Now()
	must(claim.Defer(start.Add(5*time.Minute), scanner.Fact{Work: 1}))
	must(claim.Progress(scanner.Fact{Work: 2, Settled: true}, scanner.Fact{Work: 3, Settled: true}))
	watch.Rows.Store(4)
	watch.ReadAll.Store(true)
	want := figures{elapsed: 2 * time.Second, rows: 4, done: 2, rate: 1, left: 4*time.Minute + 58*time.Second, deferred: 1, known: true}
	if diff := cmp.Diff(want, newEstimate(watch, start).look(start.Add(2*time.Second)), cmp.AllowUnexported(figures{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
