package storetest

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// Durable holds Stores that outlive their process against that claim: the same
// run dies behind each of its calls in turn, is begun again as a new process
// begins it, and has to end as one that nothing happened to, without a question
// whose answer had been kept.
//
// open returns an empty Store. crash returns what the next process finds; the
// Store it is given is not called again, and nobody has closed it.
func Durable(t *testing.T, open func(t *testing.T) scanner.Store, crash func(t *testing.T, died scanner.Store) scanner.Store) {
	var want []scanner.Result
	calls := 0
	synctest.Test(t, func(t *testing.T) {
		r := newScript(t, open(t), -1)
		if err := r.goOn(); err != nil {
			t.Fatal(err)
		}
		calls = r.calls
		want = (&bench{T: t, Store: r.Store}).all()
	})
	for dies := range calls {
		t.Run(fmt.Sprintf("behind call %d", dies), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newScript(t, open(t), dies)
				if err := r.goOn(); !errors.Is(err, errDied) {
					t.Fatalf("the first process ended with %v", err)
				}
				r.mortal = &mortal{Store: crash(t, r.Store), lives: -1}
				if err := r.goOn(); err != nil {
					t.Fatal(err)
				}
				b := &bench{T: t, Store: r.Store}
				b.same("results", want, b.all())
				finished := b.readFinished(b.Context())
				b.soFar(finished, true, idsOf(want)...)
				b.same("rows as they finished", want, finished.results)
			})
		})
	}
}

var errDied = errors.New("storetest: the process died")

// mortal is a Store in a process that dies after some calls.
type mortal struct {
	scanner.Store
	lives int // calls to come; for ever where negative
	calls int
}

// call counts a call, and is errDied where the process is not there to make it.
func (m *mortal) call() error {
	if m.lives == m.calls {
		return errDied
	}
	m.calls++
	return nil
}

// script is a scanner's run over a list, told by its calls to the store.
type script struct {
	*testing.T
	*mortal
	answers map[int64]int   // answers kept, by work
	looked  map[string]bool // domains whose routes were kept
}

func newScript(t *testing.T, store scanner.Store, lives int) *script {
	return &script{T: t, mortal: &mortal{Store: store, lives: lives}, answers: make(map[int64]int), looked: make(map[string]bool)}
}

// goOn is what every process does: the whole list again.
func (s *script) goOn() error {
	excluded, again := mailbox(2, "a.example"), mailbox(3, "a.example")
	excluded.Fate, excluded.Settled = judge.FateExcluded, true
	again.ID, again.Same, again.Input.Row = 6, 3, 6
	for _, work := range []scanner.Work{noAddress(1), excluded, mailbox(3, "a.example"), mailbox(4, "b.example"), mailbox(5, "nowhere.example"), again, mailbox(7, "a.example"), mailbox(8, "a.example")} {
		if err := s.add(work); err != nil {
			return err
		}
	}
	for i, domain := range []string{"a.example", "b.example", "nowhere.example"} {
		if err := s.route(domain, int64(-i-1)); err != nil {
			return err
		}
	}
	for {
		err := s.converse()
		if errors.Is(err, scanner.ErrDone) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (s *script) add(work scanner.Work) error {
	if err := s.call(); err != nil {
		return err
	}
	return s.Store.Add(s.Context(), work)
}

// route looks a domain up unless that is known, and queues its work.
func (s *script) route(domain string, id int64) error {
	if err := s.call(); err != nil {
		return err
	}
	known, _, err := s.Recall(s.Context(), domain)
	if err != nil {
		return err
	}
	if s.looked[domain] != (known.Route != nil) {
		s.Errorf("%s: looked up %v, known %v", domain, s.looked[domain], known.Route != nil)
	}
	if known.Route == nil {
		if err := s.call(); err != nil {
			return err
		}
		if _, err := s.Remember(s.Context(), domain, scanner.Known{Route: routeTo(domain)}, 0); err != nil {
			return err
		}
		s.looked[domain] = true
	}
	queue := ""
	if domain != "nowhere.example" {
		queue = "q"
		if err := s.add(random(id, domain)); err != nil {
			return err
		}
	}
	if err := s.call(); err != nil {
		return err
	}
	return s.Assign(s.Context(), domain, queue)
}

// converse works on one claim: the first answer defers work, the second is
// only progress, the third settles it.
func (s *script) converse() error {
	if err := s.call(); err != nil {
		return err
	}
	claim, err := s.Claim(s.Context())
	if err != nil {
		return err
	}
	for _, item := range claim.Items {
		for n := len(item.Attempts); n < 3; n++ {
			if kept := s.answers[item.ID]; kept != n {
				s.Errorf("%d: %d answers are known, %d were kept", item.ID, n, kept)
			}
			if err := s.call(); err != nil {
				return err
			}
			f := fact(item.ID, n, 1)
			f.Settled = n == 2
			if n == 0 {
				err = claim.Defer(time.Now().Add(10*time.Minute), f)
			} else {
				err = claim.Progress(f)
			}
			if err != nil {
				return err
			}
			s.answers[item.ID]++
			if n == 0 {
				break
			}
		}
	}
	if err := s.call(); err != nil {
		return err
	}
	return claim.Finish()
}
