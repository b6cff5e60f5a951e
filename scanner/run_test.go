package scanner_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/input"
	"github.com/mxvet/mxvet/scanner/judge"
	"github.com/mxvet/mxvet/scanner/lab"
)

// verify runs a scanner over addresses and returns the rows.
func verify(t *testing.T, ctx context.Context, s *scanner.Scanner, addresses ...string) *rows {
	t.Helper()
	got := new(rows)
	if _, err := s.Run(ctx, input.Arguments(addresses), got); err != nil {
		t.Fatal(err)
	}
	return got
}

// people makes local parts user1, user2 ... at a domain.
func people(n int, domain string) []string {
	addresses := make([]string, n)
	for i := range addresses {
		addresses[i] = fmt.Sprintf("user%d@%s", i+1, domain)
	}
	return addresses
}

func (r *rows) reasons() []judge.Reason {
	var out []judge.Reason
	for _, row := range r.verdicts {
		out = append(out, row.Reason)
	}
	return out
}

func TestOneConversationServesFiftyAddresses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		got := verify(t, t.Context(), labScanner(t, internet), people(50, "catchall.example")...)
		stats := internet.Stats()
		if stats.Dials != 1 || stats.Total.Conversations != 1 {
			t.Errorf("%d connections for 50 addresses of one domain, want 1", stats.Dials)
		}
		if stats.Total.Commands["RCPT"] != 52 {
			t.Errorf("%d recipients named, want 50 and two random ones", stats.Total.Commands["RCPT"])
		}
		if n := got.run.Verdicts["risky"]; n != 50 {
			t.Errorf("%d rows risky, want 50", n)
		}
	})
}

func TestTwoDomainsOfOneExchangerShareAConversation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		verify(t, t.Context(), labScanner(t, internet), "ann.archer@shared.example", "ann.archer@shared2.example", "no.such.person@shared.example")
		if stats := internet.Stats(); stats.Dials != 1 {
			t.Errorf("%d connections, want 1", stats.Dials)
		}
	})
}

func TestOneLookUpOfEachKindADomain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		zone, err := internet.Resolver()
		if err != nil {
			t.Fatal(err)
		}
		verify(t, t.Context(), labScanner(t, internet), people(50, "plain.example")...)
		want := map[string]int{"plain.example. MX": 1, "mx.plain.example. A": 1, "mx.plain.example. AAAA": 1}
		for question, n := range zone.Queries() {
			if want[question] != n {
				t.Errorf("%s asked %d times, want %d", question, n, want[question])
			}
		}
		if len(zone.Queries()) != len(want) {
			t.Errorf("%d questions, want %d", len(zone.Queries()), len(want))
		}
	})
}

func TestRepeatsAreAskedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		got := verify(t, t.Context(), labScanner(t, internet),
			"ann.archer@plain.example", "no.such.person@plain.example", "Ann <ann.archer@PLAIN.example>", "ann.archer@plain.example")
		want := []judge.Reason{judge.Accepted, judge.MailboxUnknown, judge.Accepted, judge.Accepted}
		if !slices.Equal(got.reasons(), want) {
			t.Errorf("got %v, want %v", got.reasons(), want)
		}
		if stats := internet.Stats(); stats.Total.Commands["RCPT"] != 3 {
			t.Errorf("%d recipients named, want two and the random one", stats.Total.Commands["RCPT"])
		}
	})
}

func TestGentleTellsAHostOfFourUnknownMailboxesInTenMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		s := labScanner(t, internet)
		s.Pace = nil // gentle
		start := time.Now()
		got := verify(t, t.Context(), s, people(10, "plain.example")...)
		for _, row := range got.verdicts {
			if row.Reason != judge.MailboxUnknown {
				t.Errorf("%s: %s, want mailbox_unknown", row.Input, row.Reason)
			}
		}
		var times []time.Time // of unknown mailboxes, the random one among them
		for _, row := range got.verdicts {
			for _, o := range row.Attempts {
				if o.Kind == "address" {
					times = append(times, o.At)
				}
			}
		}
		times = append(times, start)
		slices.SortFunc(times, time.Time.Compare)
		for i := 4; i < len(times); i++ {
			if times[i].Sub(times[i-4]) < 10*time.Minute {
				t.Errorf("five unknown mailboxes within %v", times[i].Sub(times[i-4]))
			}
		}
		if took := time.Since(start); took < 20*time.Minute || took > 31*time.Minute {
			t.Errorf("eleven unknown mailboxes took %v, want three windows of ten minutes", took)
		}
	})
}

// TestGentleCountsBothQuestions: asked by RCPT and by VRFY, a host still hears
// of no more than four.
func TestGentleCountsBothQuestions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		s := labScanner(t, internet)
		s.Pace, s.Method = nil, scanner.ByBoth
		got := verify(t, t.Context(), s, people(6, "vrfy.example")...)
		var times []time.Time
		for _, row := range got.verdicts {
			for _, o := range row.Attempts {
				if o.Meaning == "user_unknown" && o.Kind != "random" {
					times = append(times, o.At)
				}
			}
		}
		slices.SortFunc(times, time.Time.Compare)
		for i := 4; i < len(times); i++ {
			if times[i].Sub(times[i-4]) < 10*time.Minute {
				t.Errorf("five unknown mailboxes within %v", times[i].Sub(times[i-4]))
			}
		}
		if len(times) != 12 {
			t.Errorf("%d answers about unknown mailboxes, want two for each of six", len(times))
		}
	})
}

func TestGentleStopsADomainThatKnowsHardlyAnybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		s := labScanner(t, internet)
		s.Pace = nil
		got := verify(t, t.Context(), s, people(60, "plain.example")...)
		if n := got.run.Reasons["mailbox_unknown"]; n < 13 || n > 25 {
			t.Errorf("%d addresses were asked before the guard stopped the domain, want 13 to 25", n)
		}
		if n := got.run.Reasons["harvest_guard"]; n != 60-got.run.Reasons["mailbox_unknown"] {
			t.Errorf("%d rows harvest_guard, want all the others", n)
		}
		if n := got.run.Harvested["plain.example"]; n != got.run.Reasons["harvest_guard"] {
			t.Errorf("the run names %v", got.run.Harvested)
		}
	})
}

func TestGentleStopsADomainThatVRFYKnowsHardlyAnybodyOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		s := labScanner(t, internet)
		s.Pace, s.Method = nil, scanner.ByVRFY
		got := verify(t, t.Context(), s, people(60, "vrfy.example")...)
		if n := got.run.Reasons["mailbox_unknown"]; n < 13 || n > 25 || got.run.Reasons["harvest_guard"] != 60-n {
			t.Errorf("reasons %v, want harvest_guard after 13 to 25 unknown mailboxes", got.run.Reasons)
		}
	})
}

func TestTimeoutCountsFromDialling(t *testing.T) {
	for timeout := 3 * time.Second; timeout < 10*time.Second; timeout += 100 * time.Millisecond {
		synctest.Test(t, func(t *testing.T) {
			internet := lab.New(lab.Options{RTT: 500 * time.Millisecond})
			defer internet.Close()
			s := labScanner(t, internet)
			s.Timeout = timeout
			start := time.Now()
			row := verify(t, t.Context(), s, "ann.archer@slowgreeting.example").verdicts[0]
			if took := row.Attempts[0].At.Sub(start); took > timeout {
				t.Errorf("first attempt took %v of %v", took, timeout)
			}
		})
	}
}

func TestExcludedIsNeverAsked(t *testing.T) {
	for name, specimen := range map[string]struct {
		list  string
		input string
		want  judge.Reason
	}{
		"the address":             {"ann.archer@plain.example", "ann.archer@plain.example", judge.Excluded},
		"its domain":              {"plain.example", "ann.archer@plain.example", judge.Excluded},
		"a domain above it":       {"example", "ann.archer@plain.example", judge.Excluded},
		"its exchanger":           {"mx.plain.example", "ann.archer@plain.example", judge.Excluded},
		"the exchanger's network": {"192.0.2.0/28", "ann.archer@plain.example", judge.Excluded},
		"somebody else":           {"bob.baker@plain.example\nfull.example\n203.0.113.0/24", "ann.archer@plain.example", judge.Accepted},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				internet := lab.New(lab.Options{})
				defer internet.Close()
				s := labScanner(t, internet)
				var err error
				if s.Exclude, err = scanner.ReadExclude(strings.NewReader(specimen.list)); err != nil {
					t.Fatal(err)
				}
				got := verify(t, t.Context(), s, specimen.input)
				if got.verdicts[0].Reason != specimen.want {
					t.Errorf("got %s, want %s", got.verdicts[0].Reason, specimen.want)
				}
				if dials := internet.Stats().Dials; (dials > 0) != (specimen.want == judge.Accepted) {
					t.Errorf("%d connections", dials)
				}
			})
		})
	}
}

func TestInterruptKeepsWhatIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		s := labScanner(t, internet)
		s.Concurrency = 1
		ctx, cancel := context.WithCancel(t.Context())
		stopAfter := 3500 * time.Millisecond
		time.AfterFunc(stopAfter, cancel)
		addresses := append([]string{"not an address"}, people(300, "tarpit.example")...)
		start := time.Now()
		got := verify(t, ctx, s, append(addresses, "ann.archer@nullmx.example")...)
		if took := time.Since(start); took > stopAfter+5*time.Second {
			t.Errorf("took %v after the interrupt, want at most 5s", took-stopAfter)
		}
		if len(got.verdicts) != 302 {
			t.Fatalf("%d rows, want every one of 302", len(got.verdicts))
		}
		if !got.run.Interrupt {
			t.Error("the run's row does not say that it was interrupted")
		}
		reasons := got.run.Reasons
		if reasons["bad_syntax"] != 1 || reasons["no_mail"] != 1 || reasons["mailbox_unknown"] == 0 || reasons["interrupted"] == 0 || reasons["not_checked"] == 0 {
			t.Errorf("reasons %v: want finished, interrupted and unasked rows", reasons)
		}
		if sum := reasons["bad_syntax"] + reasons["no_mail"] + reasons["mailbox_unknown"] + reasons["interrupted"] + reasons["not_checked"]; sum != 302 {
			t.Errorf("reasons %v: want no other", reasons)
		}
	})
}

func TestCheckReturnsByItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		row, err := labScanner(t, internet).Check(ctx, "ann.archer@blackhole.example")
		if err != nil {
			t.Fatal(err)
		}
		if row.Verdict != judge.Unknown || row.Reason != judge.Timeout {
			t.Errorf("got %s/%s, want unknown/timeout", row.Verdict, row.Reason)
		}
		if row.Route == nil || row.Route.Hosts[0].Name != "mx.blackhole.example" {
			t.Errorf("route %+v: want what was known by then", row.Route)
		}
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestCheckTellsOneAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		row, err := labScanner(t, internet).Check(t.Context(), "dora.disabled@disabled.example")
		if err != nil {
			t.Fatal(err)
		}
		if row.Reason != judge.MailboxDisabled || row.Evidence.Code != 550 || row.Evidence.Rule == "" {
			t.Errorf("got %s with %+v", row.Reason, row.Evidence)
		}
	})
}

// full is a sink with room for so many rows.
type full struct{ room int }

var errFull = errors.New("no space left on device")

func (f *full) Put(scanner.Row) error {
	if f.room--; f.room < 0 {
		return errFull
	}
	return nil
}

func TestASinkThatFailsEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		addresses := append([]string{"nobody", "nothing", "ann@nxdomain.example"}, people(200, "tarpit.example")...)
		_, err := labScanner(t, internet).Run(t.Context(), input.Arguments(addresses), &full{room: 2})
		if !errors.Is(err, errFull) {
			t.Errorf("got %v, want the sink's error", err)
		}
	})
}

func TestNothingIsAskedWithoutReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		s := labScanner(t, internet)
		refusal := errors.New("who are you?")
		var told int64
		s.Ready = func(addresses int64) error { told = addresses; return refusal }
		_, err := s.Run(t.Context(), input.Arguments(append(people(30, "plain.example"), "a@nullmx.example", "x")), new(rows))
		if !errors.Is(err, refusal) || told != 30 {
			t.Errorf("got %v for %d addresses, want the refusal for 30", err, told)
		}
		if dials := internet.Stats().Dials; dials != 0 {
			t.Errorf("%d connections", dials)
		}
	})
}

func TestVRFY(t *testing.T) {
	for domain, want := range map[string][]judge.Reason{
		"vrfy.example":    {judge.Accepted, judge.MailboxUnknown},
		"vrfy252.example": {judge.CannotVerify, judge.CannotVerify},
		"novrfy.example":  {judge.CannotVerify, judge.CannotVerify},
	} {
		t.Run(domain, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				internet := lab.New(lab.Options{})
				defer internet.Close()
				s := labScanner(t, internet)
				s.Method = scanner.ByVRFY
				got := verify(t, t.Context(), s, "ann.archer@"+domain, "no.such.person@"+domain)
				if !slices.Equal(got.reasons(), want) {
					t.Errorf("got %v, want %v", got.reasons(), want)
				}
				if n := internet.Stats().Total.Commands["RCPT"]; n != 0 {
					t.Errorf("%d RCPT, want none", n)
				}
			})
		})
	}
}

func TestNobodyIsAsked(t *testing.T) {
	for method, want := range map[scanner.Method][]judge.Reason{
		scanner.ByDNS:    {judge.NotChecked, judge.NoMail, judge.NoDomain, judge.BadSyntax},
		scanner.BySyntax: {judge.NotChecked, judge.NotChecked, judge.NotChecked, judge.BadSyntax},
	} {
		t.Run(string(method), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				internet := lab.New(lab.Options{})
				defer internet.Close()
				s := labScanner(t, internet)
				s.Method = method
				got := verify(t, t.Context(), s, "ann.archer@plain.example", "a@nullmx.example", "a@nxdomain.example", "a@@b")
				if !slices.Equal(got.reasons(), want) {
					t.Errorf("got %v, want %v", got.reasons(), want)
				}
				if dials := internet.Stats().Dials; dials != 0 {
					t.Errorf("%d connections", dials)
				}
			})
		})
	}
}

func TestGreylistedIsAskedAgainAfterTheStatedDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		s := labScanner(t, internet)
		s.GreylistWait = 30 * time.Minute
		start := time.Now()
		got := verify(t, t.Context(), s, "ann.archer@greylist.example", "no.such.person@greylist.example", "ann.archer@plain.example")
		if want := []judge.Reason{judge.Accepted, judge.MailboxUnknown, judge.Accepted}; !slices.Equal(got.reasons(), want) {
			t.Errorf("got %v, want %v", got.reasons(), want)
		}
		if row := got.verdicts[0]; row.CatchAll != judge.CatchAllNo || len(row.Attempts) != 4 {
			t.Errorf("catch_all %s after %d attempts, want no after two and the random mailbox's two", row.CatchAll, len(row.Attempts))
		}
		if took := time.Since(start); took < 5*time.Minute || took > 6*time.Minute {
			t.Errorf("took %v, want the five minutes that the server asked for", took)
		}
	})
}

func TestGreylistedWaitsNoLongerThanItMay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		s := labScanner(t, internet)
		s.GreylistWait = 4 * time.Minute
		start := time.Now()
		got := verify(t, t.Context(), s, "ann.archer@greylist.example")
		row := got.verdicts[0]
		if row.Reason != judge.Greylisted || row.RetryAt == nil || !row.RetryAt.After(start) {
			t.Errorf("got %s, retry at %v; want greylisted with a time to come back", row.Reason, row.RetryAt)
		}
		if took := time.Since(start); took > time.Minute {
			t.Errorf("took %v, want no wait that is over the limit anyway", took)
		}
	})
}

// moody is a router whose DNS fails the first time it is asked of a domain.
type moody struct {
	scanner.Router
	mu    sync.Mutex
	asked map[string]int
}

func (m *moody) Route(ctx context.Context, domain string) (mx.Route, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.asked[domain]++; m.asked[domain] == 1 {
		return mx.Route{Domain: domain, Source: mx.None, DNS: resolver.ServFail, Detail: "MX look-up: SERVFAIL"}, nil
	}
	return m.Router.Route(ctx, domain)
}

func TestDNSThatFailsIsAskedOnceMore(t *testing.T) {
	for retry, want := range map[time.Duration]judge.Reason{0: judge.DNSError, 6 * time.Second: judge.Accepted} {
		t.Run(fmt.Sprint(retry), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				internet := lab.New(lab.Options{})
				defer internet.Close()
				s := labScanner(t, internet)
				s.Router = &moody{Router: s.Router, asked: make(map[string]int)}
				s.RetryDNS = retry
				got := verify(t, t.Context(), s, "ann.archer@plain.example", "ann.archer@servfail.example")
				if want := []judge.Reason{want, judge.DNSError}; !slices.Equal(got.reasons(), want) {
					t.Errorf("got %v, want %v", got.reasons(), want)
				}
			})
		})
	}
}

func TestSuggestionOnlyWhereTheTypedDomainHasNoMail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		s := labScanner(t, internet)
		s.Method = scanner.BySyntax
		if got := verify(t, t.Context(), s, "ann@gmial.com").verdicts[0]; got.Suggestion == nil || *got.Suggestion != "ann@gmail.com" {
			t.Errorf("suggestion %v, want ann@gmail.com", got.Suggestion)
		}
		s.Method = scanner.ByDNS
		s.Router = desert{} // every domain has an exchanger
		if got := verify(t, t.Context(), s, "ann@gmial.com").verdicts[0]; got.Suggestion != nil {
			t.Errorf("suggestion %v for a domain that has mail", *got.Suggestion)
		}
	})
}
