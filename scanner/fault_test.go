package scanner_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/smtptest"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/input"
	"github.com/mxvet/mxvet/scanner/judge"
	"github.com/mxvet/mxvet/scanner/lab"
	"github.com/mxvet/mxvet/scanner/pace"
)

// forgetful is a store that cannot recall anything.
type forgetful struct {
	*scanner.Memory
	claims int
}

var errForgot = errors.New("disk I/O error")

func (f *forgetful) Recall(context.Context, string) (scanner.Known, int64, error) {
	return scanner.Known{}, 0, errForgot
}

func (f *forgetful) Claim(ctx context.Context) (*scanner.Claim, error) {
	if f.claims++; f.claims > 100 {
		return nil, scanner.ErrDone
	}
	return f.Memory.Claim(ctx)
}

func TestAStoreThatFailsEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		store := &forgetful{Memory: scanner.NewMemory(1, 1)}
		s := labScanner(t, internet)
		s.Concurrency = 1
		s.NewStore = func() scanner.Store { return store }
		_, err := s.Run(t.Context(), input.Arguments(people(9, "plain.example")), new(rows))
		if !errors.Is(err, errForgot) {
			t.Errorf("got %v, want the store's error", err)
		}
		if store.claims > 3 {
			t.Errorf("work was handed out %d times by a store that fails", store.claims)
		}
	})
}

func TestASinkThatFailsEndsWhatIsUnderWay(t *testing.T) {
	targets := map[string]func(s *scanner.Scanner, sink scanner.Sink) error{
		"a run": func(s *scanner.Scanner, sink scanner.Sink) error {
			_, err := s.Run(context.Background(), input.Arguments([]string{"nobody", "ann.archer@blackhole.example"}), sink)
			return err
		},
		"a scan": func(s *scanner.Scanner, sink scanner.Sink) error {
			_, err := s.Servers(context.Background(), input.Arguments([]string{"mx.plain.example:25", "mx.blackhole.example:25"}), sink)
			return err
		},
	}
	for name, start := range targets {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				internet := lab.New(lab.Options{RTT: time.Second})
				defer internet.Close()
				began := time.Now()
				slow := &slowSink{sink: &full{}, wait: time.Second}
				if err := start(labScanner(t, internet), slow); !errors.Is(err, errFull) {
					t.Errorf("got %v, want the sink's error", err)
				}
				if took := time.Since(began); took > 14*time.Second {
					t.Errorf("ended after %v, when the last server had not answered", took)
				}
			})
		})
	}
}

// slowSink gives others time to get going.
type slowSink struct {
	sink scanner.Sink
	wait time.Duration
}

func (s *slowSink) Put(row scanner.Row) error {
	time.Sleep(s.wait)
	return s.sink.Put(row)
}

func TestAScanInterruptedBeforeItsLookUps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		got := new(rows)
		row, err := labScanner(t, internet).Servers(ctx, input.Arguments([]string{"mx.plain.example:25", "plain.example"}), got)
		if err != nil || !row.Interrupt {
			t.Fatalf("%+v, %v", row, err)
		}
		if len(got.servers) != 0 || len(got.domains) != 2 {
			t.Errorf("%d servers and %d domains, want a row for each line and no server", len(got.servers), len(got.domains))
		}
	})
}

// elder is a store of an earlier process, which VRFY told of unknown mailboxes.
type elder struct {
	strict
	unknown int
}

func (e elder) Answered(ctx context.Context, _ time.Time) iter.Seq2[scanner.Answer, error] {
	return func(yield func(scanner.Answer, error) bool) {
		for range e.unknown {
			o := probe.Outcome{Kind: probe.VrfyKind, Stage: smtp.Vrfy, Code: 550, Meaning: reply.UserUnknown, At: time.Now().Add(-time.Hour)}
			if !yield(scanner.Answer{Domain: "vrfy.example", Outcome: o}, ctx.Err()) {
				return
			}
		}
	}
}

func TestWhatVRFYToldAnEarlierProcessCountsForTheGuard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		s := labScanner(t, internet)
		s.Pace, s.Method = nil, scanner.ByVRFY
		s.NewStore = func() scanner.Store { return elder{strict{scanner.NewMemory(2, 500)}, 13} }
		if row := verify(t, t.Context(), s, "ann.archer@vrfy.example").verdicts[0]; row.Reason != judge.HarvestGuard {
			t.Errorf("%s, want harvest_guard", row.Reason)
		}
	})
}

func TestARunInterruptedBeforeItGoesOnFromAnEarlierProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		s := labScanner(t, internet)
		s.NewStore = func() scanner.Store { return elder{strict{scanner.NewMemory(2, 500)}, 1} }
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if row := verify(t, ctx, s, "ann.archer@plain.example").verdicts[0]; row.Reason != judge.NotChecked {
			t.Errorf("%s, want not_checked", row.Reason)
		}
	})
}

// hosted sends the mail of every domain where that of one goes.
type hosted struct {
	scanner.Router
	at string
}

func (h hosted) Route(ctx context.Context, domain string) (mx.Route, error) {
	route, err := h.Router.Route(ctx, h.at)
	route.Domain = domain
	return route, err
}

func TestARandomMailboxThatWasSparedWasNotAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		s := labScanner(t, internet)
		s.Router = hosted{s.Router, "blocked.example"}
		s.NewStore = func() scanner.Store { return scanner.NewMemory(1, 1) }
		spared := 0
		for _, row := range verify(t, t.Context(), s, "ann@a.example", "ann@b.example", "ann@c.example").verdicts {
			if row.Evidence.Kind != probe.QuotedKind {
				continue
			}
			spared++
			if row.Reason != judge.ClientBlocked || row.CatchAll != judge.CatchAllNotRun || len(row.Attempts) != 1 {
				t.Errorf("%s, catch_all %s, %d attempts; want client_blocked, not_run, and the one refusal that is quoted", row.Reason, row.CatchAll, len(row.Attempts))
			}
		}
		if spared == 0 {
			t.Error("every address was asked")
		}
	})
}

// poisoned answers every mailbox but one, at whose name it hangs up.
func poisoned(conn net.Conn) {
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	for say := "220 mx.example.org ESMTP"; ; say = "250 2.1.5 Ok" {
		if fmt.Fprintf(conn, "%s\r\n", say); !lines.Scan() || strings.Contains(lines.Text(), "user1@") {
			return
		}
	}
}

func TestOneMailboxAtWhichAServerHangsUpCostsTheOthersNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		own := pace.Own()
		s := &scanner.Scanner{Router: desert{}, Reaches: func(netip.Addr) bool { return true }, Pace: &own}
		s.Egresses = []scanner.Egress{{HelloName: "probe.example", Dial: func(context.Context, string, string) (net.Conn, error) {
			near, far := smtptest.Pipe(nil, nil)
			go poisoned(far)
			return near, nil
		}}}
		reasons := verify(t, t.Context(), s, people(4, "d1.example.org")...).reasons()
		if want := []judge.Reason{judge.ServerError, judge.CatchAll, judge.CatchAll, judge.CatchAll}; !slices.Equal(reasons, want) {
			t.Errorf("got %v, want %v", reasons, want)
		}
	})
}
