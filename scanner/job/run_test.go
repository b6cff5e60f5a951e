package job

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/mx/dnstest"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/input"
	"github.com/mxvet/mxvet/scanner/judge"
	"github.com/mxvet/mxvet/scanner/lab"
	"github.com/mxvet/mxvet/scanner/pace"
)

// verdict is what a row says, but for times and who said it.
type verdict struct {
	Input    string
	Word     judge.Word
	Reason   judge.Reason
	CatchAll judge.CatchAllState
	Text     string
}

// verdicts is a sink.
type verdicts struct {
	rows []verdict
	run  *scanner.RunRow
}

func (v *verdicts) Put(row scanner.Row) error {
	switch row := row.(type) {
	case *scanner.VerdictRow:
		v.rows = append(v.rows, verdict{row.Input, row.Verdict, row.Reason, row.CatchAll, row.Evidence.Text})
	case *scanner.RunRow:
		v.run = row
	}
	return nil
}

// world is a practice Internet and a scanner in it.
type world struct {
	*testing.T
	internet *lab.Internet
	zone     *dnstest.Zone
	scanner  *scanner.Scanner
	list     []string
}

func newWorld(t *testing.T, profile pace.Profile, list []string) *world {
	internet := lab.New(lab.Options{})
	t.Cleanup(func() { internet.Close() })
	zone, err := internet.Resolver()
	must(t, err)
	if list == nil {
		for _, truth := range internet.Truth() {
			list = append(list, truth.Address)
		}
	}
	return &world{t, internet, zone, &scanner.Scanner{
		Policy:       address.Policy{AllowPrivate: true},
		Router:       &mx.Router{Resolver: zone, AllowPrivate: true, Reaches: internet.Reachable},
		Egresses:     []scanner.Egress{{Dial: internet.Dial, HelloName: "probe.example", Senders: []string{"", "verify@probe.example"}}},
		Reaches:      internet.Reachable,
		Pace:         &profile,
		GreylistWait: 15 * time.Minute,
		Grace:        -1,
		Random:       func() string { return "nobody.at.all" },
	}, list}
}

// run verifies the list into a job.
func (w *world) run(ctx context.Context, s *Store) *verdicts {
	w.Helper()
	s.perQueue = 1 // else chance says which of two conversations is first to spend a budget
	w.scanner.NewStore = func() scanner.Store { return s }
	got := new(verdicts)
	if _, err := w.scanner.Run(ctx, input.Arguments(w.list), got); err != nil {
		w.Fatal(err)
	}
	return got
}

// runUntil does so for a time, and returns the path of what is found where the
// process was killed then, and where it was told to end.
func (w *world) runUntil(after time.Duration) (killed, ended string) {
	w.Helper()
	ctx, cancel := context.WithCancel(w.Context())
	defer cancel()
	s, err := openJob(w.T, filepath.Join(w.TempDir(), "job"), specimen)
	must(w, err)
	left := filepath.Join(w.TempDir(), "job")
	time.AfterFunc(after, func() {
		s.mu.Lock() // nobody is writing
		defer s.mu.Unlock()
		for _, suffix := range []string{"", "-wal"} {
			content, err := os.ReadFile(s.path + suffix)
			must(w, err)
			must(w, os.WriteFile(left+suffix, content, 0o600))
		}
		cancel()
	})
	if got := w.run(ctx, s); !got.run.Interrupt {
		w.Fatal("the run was over before it died")
	}
	must(w, s.Close())
	return left, s.path
}

// TestRunGoesOn has a run die or be stopped at some time, and a second process
// end it: the rows are those of a run that nothing happened to.
func TestRunGoesOn(t *testing.T) {
	var strangers []string
	for i := range 60 {
		strangers = append(strangers, fmt.Sprintf("stranger%d@plain.example", i))
	}
	for name, test := range map[string]struct {
		profile pace.Profile
		list    []string // nil is all of the lab
		after   []time.Duration
	}{
		"every character of the lab":         {pace.Own(), nil, []time.Duration{time.Second, 20 * time.Second, 5 * time.Minute}},
		"a domain that knows nobody, gently": {pace.Gentle(), strangers, []time.Duration{time.Minute, 15 * time.Minute, 29 * time.Minute}},
	} {
		t.Run(name, func(t *testing.T) {
			var want []verdict
			var took time.Duration
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, test.profile, test.list)
				s, err := openJob(t, filepath.Join(t.TempDir(), "job"), specimen)
				must(t, err)
				start := time.Now()
				want = w.run(t.Context(), s).rows
				took = time.Since(start)
			})
			for _, after := range test.after {
				t.Run(after.String(), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						w := newWorld(t, test.profile, test.list)
						start := time.Now()
						killed, _ := w.runUntil(after)
						w.goesOn(killed, want)
						if all := time.Since(start); all < took-time.Second {
							t.Errorf("it took %v in all, and %v without dying: a budget was spent twice", all, took)
						}
					})
					synctest.Test(t, func(t *testing.T) {
						w := newWorld(t, test.profile, test.list)
						_, ended := w.runUntil(after)
						w.goesOn(ended, want)
					})
				})
			}
		})
	}
}

// goesOn ends a run that died.
func (w *world) goesOn(path string, want []verdict) {
	w.Helper()
	s, err := openJob(w.T, path, specimen)
	must(w, err)
	before := w.zone.Queries()
	got := w.run(w.Context(), s)
	if diff := cmp.Diff(want, got.rows); diff != "" {
		w.Errorf("rows (-without dying +gone on):\n%s", diff)
	}
	v, err := Look(w.Context(), path)
	must(w, err)
	defer v.Close()
	for question, n := range w.zone.Queries() {
		if n > before[question] {
			w.Errorf("%s was asked again", question)
		}
	}
	told := new(verdicts)
	if _, err := w.scanner.Tell(w.Context(), scanner.Told{Kept: v}, told); err != nil {
		w.Fatal(err)
	}
	if diff := cmp.Diff(got.rows, told.rows); diff != "" {
		w.Errorf("rows (-written by the run +told of the job):\n%s", diff)
	}
}

// TestARefusalIsRememberedOverRestarts: whoever says it to two processes has said
// it twice.
func TestARefusalIsRememberedOverRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var list []string
		for i := range 1200 {
			list = append(list, fmt.Sprintf("user%d@blocked.example", i))
		}
		w := newWorld(t, pace.Own(), list)
		path := filepath.Join(t.TempDir(), "job")
		process := func(conversations int64) (*scanner.RunRow, int) {
			s, err := openJob(t, path, specimen)
			must(t, err)
			w.scanner.MaxConversations = conversations
			before := w.internet.Stats().Dials
			got := w.run(t.Context(), s)
			must(t, s.Close())
			time.Sleep(time.Minute)
			return got.run, w.internet.Stats().Dials - before
		}
		if run, dials := process(1); dials != 1 || run.Budget != scanner.ConversationsBudget {
			t.Fatalf("%d conversations, ended by %q", dials, run.Budget)
		}
		if run, dials := process(0); dials != 1 || run.Reasons[string(judge.ClientBlocked)] != 1200 {
			t.Errorf("%d more conversations, want the one that makes two; %v", dials, run.Reasons)
		}
	})
}
