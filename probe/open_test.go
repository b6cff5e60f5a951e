package probe_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
)

func TestOpen(t *testing.T) {
	for _, test := range []struct {
		name, script string
		greeting     probe.Said
		ms           int64
		plain        probe.Hello
	}{
		{"plain server", `
			S: 220 mx.example ESMTP
			C: EHLO me.example
			S: 250-mx.example greets you
			S: 250-PIPELINING
			S: 250 SIZE 1000`,
			probe.Said{Code: 220, Text: "mx.example ESMTP"}, 0,
			probe.Hello{Verb: "EHLO", Hello: "mx.example greets you", Extensions: smtp.Extensions{{Keyword: "PIPELINING", Params: []string{}}, {Keyword: "SIZE", Params: []string{"1000"}}}, Auth: []string{}}},
		{"postscreen: nothing is said before the last line of the greeting", `
			S: 220-mx.example ESMTP
			W: 6s
			S: 220 mx.example ESMTP Postfix
			C: EHLO me.example
			S: 250 mx.example`,
			probe.Said{Code: 220, Text: "mx.example ESMTP\nmx.example ESMTP Postfix"}, 6000,
			probe.Hello{Verb: "EHLO", Hello: "mx.example", Extensions: smtp.Extensions{}, Auth: []string{}}},
		{"EHLO not known: HELO, and no extensions", `
			S: 220 mx.example
			C: EHLO me.example
			S: 502 5.5.1 what?
			C: HELO me.example
			S: 250 mx.example`,
			probe.Said{Code: 220, Text: "mx.example"}, 0,
			probe.Hello{Verb: "HELO", Hello: "mx.example", Extensions: smtp.Extensions{}, Auth: []string{}}},
		{"words that are no UTF-8", `
			S< 220 \xfcber\r\n
			C: EHLO me.example
			S< 250 gr\xfc\xdf Gott\r\n`,
			probe.Said{Code: 220, Text: "\uFFFDber"}, 0,
			probe.Hello{Verb: "EHLO", Hello: "gr\uFFFD Gott", Extensions: smtp.Extensions{}, Auth: []string{}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := mustOpen(t, script(t, test.script)).Server()
				if diff := cmp.Diff(&test.greeting, got.Greeting); diff != "" {
					t.Errorf("greeting, -want +got:\n%s", diff)
				}
				if diff := cmp.Diff(&test.ms, got.GreetingMS); diff != "" {
					t.Errorf("greeting_ms, -want +got:\n%s", diff)
				}
				if diff := cmp.Diff(&test.plain, got.Plain); diff != "" {
					t.Errorf("plain, -want +got:\n%s", diff)
				}
				if got.Reachable != probe.Yes || got.StartTLS != probe.No || got.TLSWhy != "not offered" || got.Encrypted != nil || got.TLS != nil || got.Failure != nil {
					t.Errorf("got %+v", got)
				}
			})
		})
	}
}

func TestAServerThatDoesNotLetUsIn(t *testing.T) {
	const greeted = "S: 220 mx.example\nC: EHLO me.example\n"
	for _, test := range []struct {
		name, script, want string
		greeting           int // code kept as a fact, 0 for none
	}{
		{"554: blocked, and it waits for QUIT", "S: 554 5.7.1 Client host [198.51.100.1] blocked using dnsbl.example\nC: QUIT\nS: 221 bye\nX:",
			"greeting 554 5.7.1 blocked_client", 554},
		{"teaser, then refused", "S: 220-mx.example\nS: 550 5.7.1 Client host [198.51.100.1] blocked using dnsbl.example\nC: QUIT\nS: 221 bye\nX:",
			"greeting 550 blocked_client", 550},
		{"421: too many connections", "S: 421 4.7.0 mx.example Error: too many connections from 198.51.100.1\nX:",
			"greeting 421 4.7.0 rate_limited", 421},
		{"hangs up without a word", "X:", "greeting hangup network_error", 0},
		{"not SMTP", "S: SSH-2.0-OpenSSH_9.9\nX:", "greeting protocol network_error", 0},
		{"never greets", "W: 1h", "greeting timeout network_error", 0},
		{"teaser, then never the rest", "S: 220-mx.example\nW: 1h", "greeting timeout network_error", 0},
		{"HELO refused too", greeted + "S: 550 5.7.1 no\nC: HELO me.example\nS: 550 5.7.1 Helo command rejected: Host not found\nC: QUIT\nS: 221 bye\nX:",
			"hello 550 5.7.1 blocked_client", 220},
		{"EHLO refused for us", greeted + "S: 554 5.7.1 Client host [198.51.100.1] blocked using dnsbl.example\nC: QUIT\nS: 221 bye\nX:",
			"hello 554 5.7.1 blocked_client", 220},
		{"421 to EHLO", greeted + "S: 421 4.3.2 shutting down\nX:", "hello 421 4.3.2 system_error", 220},
		{"closes in EHLO", greeted + "X:", "hello hangup network_error", 220},
		{"closes in the middle of its reply", greeted + "S: 250-mx.example\nX:", "hello hangup network_error", 220},
		{"a refused client who gets no answer to QUIT", "S: 554 no\nC: QUIT\nW: 1h", "greeting 554 blocked_client", 554},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				failed := mustFail(t, script(t, test.script))
				wantFailure(t, failed, test.want)
				got := failed.Server
				if got.Host != "mx.example" || got.IP.String() != "192.0.2.1" || got.Port != 25 || got.Reachable != probe.Yes || got.Timings.Connect == nil {
					t.Errorf("the server's facts are gone: %+v", got)
				}
				if code := codeOf(got.Greeting); code != test.greeting {
					t.Errorf("the greeting kept is %d, want %d", code, test.greeting)
				}
				if (got.GreetingMS == nil) != (test.greeting == 0) || got.Plain != nil || got.Timings.Hello != nil {
					t.Errorf("facts that were not measured: %+v", got)
				}
				if got.StartTLS != probe.Inconclusive || got.TLSWhy == "" {
					t.Errorf("starttls is %q, why %q; want inconclusive and a reason", got.StartTLS, got.TLSWhy)
				}
				if *got.Failure != failed.Outcome {
					t.Errorf("the server's failure is %+v, the session's %+v", *got.Failure, failed.Outcome)
				}
			})
		})
	}
}

func codeOf(said *probe.Said) int {
	if said == nil {
		return 0
	}
	return said.Code
}

func TestHowLongAGreetingIsWaitedFor(t *testing.T) {
	for _, test := range []struct {
		name  string
		limit time.Duration
		want  time.Duration
		text  string
	}{
		{"by default", 0, 45 * time.Second, "no answer within 45s (RFC 5321 s4.5.3.2.1 would wait 5m0s)"},
		{"by the plan", 7 * time.Second, 7 * time.Second, "no answer within 7s (RFC 5321 s4.5.3.2.1 would wait 5m0s)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				plan := script(t, "W: 1h")
				plan.IOTimeout = test.limit
				start := time.Now()
				failed := mustFail(t, plan)
				if waited := time.Since(start); waited != test.want || failed.Outcome.Text != test.text {
					t.Errorf("waited %v and says %q, want %v and %q", waited, failed.Outcome.Text, test.want, test.text)
				}
			})
		})
	}
}

func TestOdditiesOfAServersRepliesAreKept(t *testing.T) {
	session := mustOpen(t, script(t, `
		S< 220 mx.example\n
		C: EHLO me.example
		S< 250 mx\x07example\r\n
		C: MAIL FROM:<>
		S: 250 ok
		C: RCPT TO:<ann@mx.example>
		S: 250
	`))
	if _, err := session.Ask(t.Context(), asked(t, "ann@mx.example")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"bare_lf", "no_text", "control"}, session.Server().Oddities); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestOdditiesOfTheReplyThatEndsASessionAreKept(t *testing.T) {
	failed := mustFail(t, script(t, "S: 220 mx.example\nC: EHLO me.example\nS< 554 no\\n\nC: QUIT\nS: 221 bye\nX:"))
	if diff := cmp.Diff([]string{"bare_lf"}, failed.Server.Oddities); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if text := failed.Error(); text != "probe: hello: no" {
		t.Errorf("it says %q", text)
	}
}

func TestATraceSeesBothSides(t *testing.T) {
	plan := script(t, "S: 220 mx.example\nC: EHLO me.example\nS: 250 mx.example")
	var lines []string
	plan.Trace = func(entry smtp.Entry) { lines = append(lines, string(entry.From)+": "+entry.Text) }
	mustOpen(t, plan)
	if diff := cmp.Diff([]string{"S: 220 mx.example", "C: EHLO me.example", "S: 250 mx.example"}, lines); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
