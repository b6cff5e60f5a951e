package scanner_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mxvet/mxvet/probe/smtptest"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/input"
	"github.com/mxvet/mxvet/scanner/judge"
	"github.com/mxvet/mxvet/scanner/lab"
	"github.com/mxvet/mxvet/scanner/pace"
)

// impatience is one run against 3,000 addresses of servers of a character,
// half of them unknown.
type impatience struct {
	rows  *rows
	stats lab.Stats
	store *scanner.Memory
}

func (i impatience) bears(t *testing.T) pace.Bears {
	t.Helper()
	known, _, err := i.store.Recall(t.Context(), "server:198.18.0.0")
	if err != nil {
		t.Fatal(err)
	}
	return known.Bears
}

func meet(t *testing.T, profile pace.Profile, character smtptest.Character, domains int, remembered pace.Bears) (i impatience) {
	t.Helper()
	internet := lab.Large(lab.Options{RTT: 20 * time.Millisecond, NoTLS: true, Character: character}, domains, 1, 3000/domains)
	defer internet.Close()
	s := labScanner(t, internet)
	s.Pace = &profile
	i.store = scanner.NewMemory(profile.Conversations, 2000)
	if remembered != (pace.Bears{}) {
		if _, err := i.store.Remember(t.Context(), "server:198.18.0.0", scanner.Known{Bears: remembered}, 0); err != nil {
			t.Fatal(err)
		}
	}
	s.NewStore = func() scanner.Store { return i.store }
	source, err := input.NewReader("list", strings.NewReader(internet.List()), input.Options{})
	if err != nil {
		t.Fatal(err)
	}
	i.rows = new(rows)
	if _, err := s.Run(t.Context(), source, i.rows); err != nil {
		t.Fatal(err)
	}
	wrong := 0
	for n, row := range i.rows.verdicts {
		if want := [...]judge.Reason{judge.Accepted, judge.MailboxUnknown}[n%2]; row.Reason != want {
			if wrong++; wrong < 4 {
				t.Errorf("%s is %s, want %s: %+v", row.Input, row.Reason, want, row.Attempts)
			}
		}
	}
	if len(i.rows.verdicts) != 3000 || wrong > 0 {
		t.Errorf("%d rows, %d of them wrong", len(i.rows.verdicts), wrong)
	}
	i.stats = internet.Stats()
	return i
}

// own is the pace of one's own servers, one conversation at a time, so that
// figures are the same twice.
func own() pace.Profile {
	profile := pace.Own()
	profile.Conversations = 1
	return profile
}

func brisk() pace.Profile {
	profile := pace.Brisk()
	profile.Conversations, profile.Connections, profile.Recipients = 1, 0, 0
	return profile
}

func TestAPatientServerIsAskedInOneSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		got := meet(t, own(), smtptest.Character{}, 30, pace.Bears{})
		// 30 domains, each with a random mailbox: greeting, EHLO, windows of 100,
		// 200, 400, 800 and what is left, QUIT; the claim holds 2,000 pieces.
		if took := time.Since(start); took > 20*20*time.Millisecond || got.stats.Total.Conversations != 2 {
			t.Errorf("%v and %d conversations", took, got.stats.Total.Conversations)
		}
	})
}

func TestImpatience(t *testing.T) {
	for _, test := range []struct {
		name          string
		profile       pace.Profile
		character     smtptest.Character
		want          pace.Bears
		conversations int // at most
		longest       time.Duration
	}{
		{"hangs up at 20 errors with 421", own(), smtptest.Character{HangUpAfter: 20, HangUp: "421 4.7.0 Error: too many errors"}, pace.Bears{Refusals: 19}, 100, time.Minute},
		{"hangs up at 20 errors in silence", own(), smtptest.Character{HangUpAfter: 20}, pace.Bears{Refusals: 19}, 100, time.Minute},
		{"makes wait after 10 errors", own(), smtptest.Character{TarpitAfter: 10, Tarpit: time.Second}, pace.Bears{Refusals: 9}, 250, 3 * time.Minute},
		{"makes wait, and hangs up", own(), smtptest.Character{TarpitAfter: 10, Tarpit: time.Second, HangUpAfter: 20}, pace.Bears{Refusals: 9}, 250, 3 * time.Minute},
		{"takes 50 recipients a message", own(), smtptest.Character{MessageLimit: 50}, pace.Bears{Recipients: 50}, 5, time.Minute},
		{"brisk, and it hangs up at 20 errors", brisk(), smtptest.Character{HangUpAfter: 20}, pace.Bears{Refusals: 19}, 100, time.Minute},
		{"brisk, and it is Postfix", brisk(), smtptest.Character{Greeting: "220 mx.example ESMTP Postfix", TarpitAfter: 10, Tarpit: time.Minute, HangUpAfter: 20}, pace.Bears{}, 260, time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				got := meet(t, test.profile, test.character, 1, pace.Bears{})
				if bears := got.bears(t); bears != test.want {
					t.Errorf("it bears %+v, want %+v", bears, test.want)
				}
				if n, took := got.stats.Total.Conversations, time.Since(start); n > test.conversations || took > test.longest {
					t.Errorf("%d conversations in %v, want at most %d in %v", n, took, test.conversations, test.longest)
				}
			})
		})
	}
}

// TestALimitOnRecipientsIsLearned: 421 after N recipients, whatever they are.
func TestALimitOnRecipientsIsLearned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := meet(t, own(), smtptest.Character{RecipientLimit: 60}, 1, pace.Bears{})
		if bears := got.bears(t); bears.Refusals == 0 || bears.Refusals > 30 {
			t.Errorf("it bears %+v", bears)
		}
	})
}

// TestWhatWasLearnedIsKept: a server whose limit an earlier process met is not
// brought to it again.
func TestWhatWasLearnedIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := meet(t, own(), smtptest.Character{HangUpAfter: 20, HangUp: "421 4.7.0 Error: too many errors"}, 1, pace.Bears{Refusals: 12})
		quits := got.stats.Total.Commands["QUIT"]
		if got.stats.Total.Conversations != quits || got.bears(t) != (pace.Bears{Refusals: 12}) {
			t.Errorf("%d conversations, %d of them ended by us; it bears %+v", got.stats.Total.Conversations, quits, got.bears(t))
		}
	})
}

func TestLimitsAreKept(t *testing.T) {
	for _, test := range []struct {
		limits        string
		domains       int
		conversations int // at least
		mails         int // at least
	}{
		{"RCPTMAX=30", 1, 1, 100},
		{"MAILMAX=5", 1, 6, 30},
		{"RCPTDOMAINMAX=2", 10, 5, 30},
		{"RCPTMAX=no", 1, 1, 30}, // against the grammar: it counts for nothing
	} {
		t.Run(test.limits, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := meet(t, own(), smtptest.Character{Extensions: []string{"LIMITS " + test.limits}}, test.domains, pace.Bears{})
				total := got.stats.Total
				if total.Conversations < test.conversations || total.Commands["MAIL"] < test.mails {
					t.Errorf("%d conversations, %d messages; want %d, %d at least", total.Conversations, total.Commands["MAIL"], test.conversations, test.mails)
				}
			})
		})
	}
}

// TestSharesOfAQueue: a queue is divided evenly among the conversations it may have.
func TestSharesOfAQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		profile := pace.Own()
		profile.Conversations = 10
		got := meet(t, profile, smtptest.Character{}, 1, pace.Bears{})
		if n := got.stats.Total.Conversations; n != 10 {
			t.Errorf("%d conversations, want 10", n)
		}
	})
}
