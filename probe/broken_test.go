package probe_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mxvet/mxvet/probe"
)

func TestSessionsThatBreakWhileAsking(t *testing.T) {
	const (
		exists   = "rcpt 250 2.1.5 mailbox_exists"
		unknown  = "rcpt 550 5.1.1 user_unknown"
		oneByOne = lockStep + `
			C: MAIL FROM:<>
			S: 250 ok
			C: RCPT TO:<a@mx.example>
			S: 250 2.1.5 ok
			C: RCPT TO:<b@mx.example>
		`
	)
	for _, test := range []struct {
		name, script, failure string
		want                  []string
	}{
		{"hangs up after the first of three", threeTogether + `
			S: 250 ok
			S: 250 2.1.5 ok
			X:`, "rcpt hangup network_error",
			[]string{exists, "rcpt hangup network_error", "-"}},
		{"hangs up after the second, in lock-step", oneByOne + `
			S: 550 5.1.1 user unknown
			C: RCPT TO:<c@mx.example>
			X:`, "rcpt hangup network_error",
			[]string{exists, unknown, "rcpt hangup network_error"}},
		{"hangs up in the middle of a reply", threeTogether + `
			S: 250 ok
			S: 250 2.1.5 ok
			S: 550-5.1.1 user
			X:`, "rcpt hangup network_error",
			[]string{exists, "rcpt hangup network_error", "-"}},
		{"hangs up at MAIL", threeTogether + `
			X:`, "mail hangup network_error",
			[]string{"mail hangup network_error", "-", "-"}},
		{"hangs up after it refused MAIL", threeTogether + `
			S: 550 5.7.1 Client host [198.51.100.1] blocked using dnsbl.example
			X:`, "rcpt hangup network_error",
			[]string{"mail 550 5.7.1 blocked_client", "mail 550 5.7.1 blocked_client", "mail 550 5.7.1 blocked_client"}},
		{"421 to the second of three", threeTogether + `
			S: 250 ok
			S: 250 2.1.5 ok
			S: 421 4.7.0 too many recipients, try again later
			X:`, "rcpt 421 4.7.0 rate_limited",
			[]string{exists, "rcpt 421 4.7.0 rate_limited", "-"}},
		{"421 to the second of three, in lock-step", oneByOne + `
			S: 421 4.7.0 too many recipients, try again later
			X:`, "rcpt 421 4.7.0 rate_limited",
			[]string{exists, "rcpt 421 4.7.0 rate_limited", "-"}},
		{"421 to the last of three is an end too", threeTogether + `
			S: 250 ok
			S: 250 2.1.5 ok
			S: 550 5.1.1 user unknown
			S: 421 4.7.0 too many errors
			X:`, "rcpt 421 4.7.0 rate_limited",
			[]string{exists, unknown, "rcpt 421 4.7.0 rate_limited"}},
		{"421 to MAIL, in lock-step: about all of them", lockStep + `
			C: MAIL FROM:<>
			S: 421 4.7.0 rate limit exceeded
			X:`, "mail 421 4.7.0 rate_limited",
			[]string{"mail 421 4.7.0 rate_limited", "mail 421 4.7.0 rate_limited", "mail 421 4.7.0 rate_limited"}},
		{"421 to MAIL, in a group", threeTogether + `
			S: 421 4.7.0 rate limit exceeded
			X:`, "mail 421 4.7.0 rate_limited",
			[]string{"mail 421 4.7.0 rate_limited", "mail 421 4.7.0 rate_limited", "mail 421 4.7.0 rate_limited"}},
		{"falls silent in the middle of a group", threeTogether + `
			S: 250 ok
			S: 250 2.1.5 ok
			W: 1h`, "rcpt timeout network_error",
			[]string{exists, "rcpt timeout network_error", "-"}},
		{"says what is no reply", threeTogether + `
			S: 250 ok
			S: 250 2.1.5 ok
			S: Segmentation fault`, "rcpt protocol network_error",
			[]string{exists, "rcpt protocol network_error", "-"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				session := mustOpen(t, script(t, test.script))
				outcomes, err := session.Ask(t.Context(), asked(t, three))
				failed := failure(t, err)
				wantFailure(t, failed, test.failure)
				wantOutcomes(t, outcomes, test.want...)
				if failed.Server.Plain == nil || failed.Err == nil {
					t.Errorf("the failure lost its facts: %+v", failed)
				}
				session.Close()
				again, err := session.Ask(t.Context(), asked(t, "a@mx.example b@mx.example"))
				if failure(t, err).Server.Plain == nil {
					t.Error("asked after the end: the failure lost its facts")
				}
				wantOutcomes(t, again, "-", "-")
			})
		})
	}
}

func TestVrfyThatBreaks(t *testing.T) {
	for _, test := range []struct {
		name, script string
		want         []string
	}{
		{"hangs up", "X:", []string{"vrfy hangup network_error", "-"}},
		{"421", "S: 421 4.7.0 too many errors\nX:", []string{"vrfy 421 4.7.0 rate_limited", "-"}},
		{"silent", "W: 1h", []string{"vrfy timeout network_error", "-"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				session := mustOpen(t, script(t, lockStep+"C: VRFY a@mx.example\n"+test.script))
				outcomes, err := session.Ask(t.Context(), []probe.Question{
					{Kind: probe.VrfyKind, Mailbox: mailbox(t, "a@mx.example")},
					{Kind: probe.VrfyKind, Mailbox: mailbox(t, "b@mx.example")},
				})
				wantFailure(t, failure(t, err), test.want[0])
				wantOutcomes(t, outcomes, test.want...)
			})
		})
	}
}

// Postfix says 421 to a client that was idle for too long; it stands where the
// next answer would, which it is not.
func TestA421BetweenTwoBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		session := mustOpen(t, script(t, pipelining+`
			C: MAIL FROM:<>
			C| RCPT TO:<a@mx.example>
			S: 250 ok
			S: 250 ok
			W: 5m
			S: 421 4.4.2 mx.example Error: timeout exceeded
			X:
		`))
		if _, err := session.Ask(t.Context(), asked(t, "a@mx.example")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(6 * time.Minute)
		outcomes, err := session.Ask(t.Context(), asked(t, "b@mx.example c@mx.example"))
		failed := failure(t, err)
		if failed.Outcome.Code != 421 || failed.Outcome.Stage != "mail" {
			t.Errorf("got %s", short(failed.Outcome))
		}
		wantOutcomes(t, outcomes, "-", "-")
	})
}

func TestHowLongAGroupIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plan := script(t, threeTogether+"S: 250 ok\nW: 9s\nS: 250 ok\nW: 9s\nS: 250 ok\nW: 1h")
		plan.IOTimeout = 10 * time.Second
		session := mustOpen(t, plan)
		start := time.Now()
		outcomes, err := session.Ask(t.Context(), asked(t, three))
		failure(t, err)
		if waited := time.Since(start); waited != 28*time.Second {
			t.Errorf("waited %v, want 28s: each reply has its own 10s", waited)
		}
		wantOutcomes(t, outcomes, "rcpt 250 mailbox_exists", "rcpt 250 mailbox_exists", "rcpt timeout network_error")
	})
}

func TestAskThatTheCallerEnds(t *testing.T) {
	for _, test := range []struct {
		name  string
		end   func(context.Context) (context.Context, context.CancelFunc)
		cause string
	}{
		{"cancelled", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Second, cancel)
			return ctx, cancel
		}, "cancelled"},
		{"its time is over", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Second)
		}, "timeout"},
	} {
		t.Run(test.name+" while it waits", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				session := mustOpen(t, script(t, threeTogether+"S: 250 ok\nS: 250 2.1.5 ok\nW: 1h"))
				ctx, cancel := test.end(t.Context())
				defer cancel()
				start := time.Now()
				outcomes, err := session.Ask(ctx, asked(t, three))
				wantFailure(t, failure(t, err), "rcpt "+test.cause+" network_error")
				wantOutcomes(t, outcomes, "rcpt 250 2.1.5 mailbox_exists", "rcpt "+test.cause+" network_error", "-")
				if waited := time.Since(start); waited != time.Second {
					t.Errorf("it went on for %v, want 1s", waited)
				}
			})
		})
		t.Run(test.name+" before it begins", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				session := mustOpen(t, script(t, lockStep+"C: QUIT\nS: 221 bye\nX:"))
				ctx, cancel := test.end(t.Context())
				defer cancel()
				time.Sleep(2 * time.Second)
				outcomes, err := session.Ask(ctx, asked(t, "a@mx.example b@mx.example"))
				wantFailure(t, failure(t, err), "rcpt "+test.cause+" network_error")
				wantOutcomes(t, outcomes, "rcpt "+test.cause+" network_error", "-")
			})
		})
	}
}
