package smtp_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/smtptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// greeted is a client for a script that begins with a greeting, which it hears.
func greeted(t *testing.T, script string, options *smtp.Options) *smtp.Client {
	t.Helper()
	client := smtp.NewClient(smtptest.Dialogue(t, script), options)
	if _, err := client.Greet(t.Context()); err != nil {
		t.Fatal(err)
	}
	return client
}

// opened is greeted and has said EHLO me.example.
func opened(t *testing.T, script string, options *smtp.Options) *smtp.Client {
	t.Helper()
	client := greeted(t, script, options)
	if _, err := client.Hello(t.Context(), "me.example"); err != nil {
		t.Fatal(err)
	}
	return client
}

func wantReply(t *testing.T, got smtp.Reply, err error, code int) {
	t.Helper()
	if err != nil || got.Code != code {
		t.Fatalf("got %d %q, %v; want %d", got.Code, got.Text(), err, code)
	}
}

// wantBroken checks an error and that the next call fails with the same one.
func wantBroken(t *testing.T, client *smtp.Client, err error, stage smtp.Stage, cause smtp.Cause) *smtp.BrokenError {
	t.Helper()
	broken, ok := errors.AsType[*smtp.BrokenError](err)
	if !ok {
		t.Fatalf("got %v, want a *BrokenError", err)
	}
	if broken.Stage != stage || broken.Cause != cause {
		t.Fatalf("got %s, %s (%v), want %s, %s", broken.Stage, broken.Cause, err, stage, cause)
	}
	if _, again := client.Noop(t.Context()); again != err {
		t.Fatalf("the next call says %v, want the same %v", again, err)
	}
	return broken
}

func TestGreeting(t *testing.T) {
	for _, test := range []struct {
		name, script string
		want         smtp.Reply
	}{
		{"plain", "S: 220 mx.example ESMTP", smtp.Reply{Code: 220, Lines: []string{"mx.example ESMTP"}}},
		{"postscreen's teaser, then six seconds", "S: 220-mx.example ESMTP\nW: 6s\nS: 220 mx.example ESMTP Postfix",
			smtp.Reply{Code: 220, Lines: []string{"mx.example ESMTP", "mx.example ESMTP Postfix"}}},
		{"no service here", "S: 554 no SMTP service here", smtp.Reply{Code: 554, Lines: []string{"no SMTP service here"}}},
		{"teaser, then refused", "S: 220-mx.example\nS: 550 5.7.1 blocked",
			smtp.Reply{Code: 550, Lines: []string{"mx.example", "5.7.1 blocked"}, Oddities: smtp.MixedCodes}},
		{"code only", "S: 220", smtp.Reply{Code: 220, Lines: []string{""}, Oddities: smtp.NoText}},
		{"in pieces", `S< 22` + "\n" + `S< 0-a\r` + "\n" + `S< \n220 b` + "\n" + `S< \r\n`, smtp.Reply{Code: 220, Lines: []string{"a", "b"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := smtp.NewClient(smtptest.Dialogue(t, test.script), nil)
				got, err := client.Greet(t.Context())
				if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
					t.Fatalf("%v, -want +got:\n%s", err, diff)
				}
			})
		})
	}
}

func TestSpeakingBeforeTheGreetingIsRefused(t *testing.T) {
	client := smtp.NewClient(smtptest.Dialogue(t, "S: 220 mx.example"), nil)
	if _, err := client.Hello(t.Context(), "me.example"); !errors.Is(err, smtp.ErrState) {
		t.Fatalf("got %v, want ErrState", err)
	}
	got, err := client.Greet(t.Context())
	wantReply(t, got, err, 220)
	if _, err := client.Greet(t.Context()); !errors.Is(err, smtp.ErrState) {
		t.Fatalf("second greeting: got %v, want ErrState", err)
	}
}

func TestCommandsAndTheirReplies(t *testing.T) {
	client := opened(t, `
		S: 220 mx.example
		C: EHLO me.example
		S: 250 mx.example
		C: VRFY postmaster
		S: 252 2.0.0 postmaster
		C: EXPN staff
		S: 502 5.5.1 no
		C: MAIL FROM:<> SIZE=1000 BODY=8BITMIME
		S: 250 2.1.0 ok
		C: RCPT TO:<"a b"@mx.example> NOTIFY=NEVER
		S: 550 5.1.1 who?
		C: RSET
		S: 250 ok
		C: NOOP
		S: 250 ok
		C: HELP
		S: 214 rfc5321
		C: HELP VRFY
		S: 504 no
		C: QUIT
		S: 221 bye
		X:
	`, nil)
	ctx := t.Context()
	ask := func(code int) func(smtp.Reply, error) {
		return func(got smtp.Reply, err error) { t.Helper(); wantReply(t, got, err, code) }
	}
	ask(252)(client.Vrfy(ctx, "postmaster"))
	ask(502)(client.Expand(ctx, "staff"))
	ask(250)(client.Mail(ctx, "", "SIZE=1000", "BODY=8BITMIME"))
	ask(550)(client.Rcpt(ctx, `"a b"@mx.example`, "NOTIFY=NEVER"))
	ask(250)(client.Reset(ctx))
	ask(250)(client.Noop(ctx))
	ask(214)(client.Help(ctx, ""))
	ask(504)(client.Help(ctx, "VRFY"))
	ask(221)(client.Quit(ctx))
	_, err := client.Noop(ctx)
	if broken := wantBroken(t, client, err, smtp.Quit, smtp.Closed); !errors.Is(broken, net.ErrClosed) {
		t.Fatalf("got %v, want net.ErrClosed", broken)
	}
}

func TestHowConversationsBreak(t *testing.T) {
	for _, test := range []struct {
		name, script string
		cause        smtp.Cause
		err          error // where it is one to compare with
		partial      string
	}{
		{"closed without a word", "X:", smtp.Hangup, io.ErrUnexpectedEOF, ""},
		{"closed in mid-line", `S< 550 5.7.1 go aw` + "\nX:", smtp.Hangup, io.ErrUnexpectedEOF, "550 5.7.1 go aw"},
		{"closed in mid-reply", "S: 250-one\nX:", smtp.Hangup, io.ErrUnexpectedEOF, "one"},
		{"silent for 45 s", "W: 46s\nS: 250 ok", smtp.Timeout, context.DeadlineExceeded, ""},
		{"one line every 20 s for ever", "S: 250-a\nW: 20s\nS: 250-b\nW: 20s\nS: 250-c\nW: 20s\nS: 250 d", smtp.Timeout, context.DeadlineExceeded, "a\nb\nc"},
		{"6yz is no code", "S: 600 what", smtp.Protocol, nil, ""},
		{"x6z is no code", "S: 260 what", smtp.Protocol, nil, ""},
		{"SSH answers", "S: SSH-2.0-OpenSSH_9.6", smtp.Protocol, nil, ""},
		{"blank line", `S< \r\n`, smtp.Protocol, nil, ""},
		{"no separator", "S: 250ok", smtp.Protocol, nil, ""},
		{"good line, then nonsense", "S: 250-ok\nS: hello", smtp.Protocol, nil, "ok"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := opened(t, "S: 220 mx\nC: EHLO me.example\nS: 250 mx\nC: MAIL FROM:<>\n"+test.script, nil)
				_, err := client.Mail(t.Context(), "")
				broken := wantBroken(t, client, err, smtp.Mail, test.cause)
				if test.err != nil && !errors.Is(err, test.err) {
					t.Errorf("got %v, want %v", err, test.err)
				}
				if broken.Partial != test.partial {
					t.Errorf("partial %q, want %q", broken.Partial, test.partial)
				}
				if _, ok := errors.AsType[*smtp.ProtocolError](err); ok != (test.cause == smtp.Protocol) {
					t.Errorf("*ProtocolError in %v: %v", err, ok)
				}
			})
		})
	}
}

func TestTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		client := smtp.NewClient(smtptest.Dialogue(t, "W: 1h"), &smtp.Options{IOTimeout: 10 * time.Second})
		_, err := client.Greet(t.Context())
		wantBroken(t, client, err, smtp.Greeting, smtp.Timeout)
		limit, ok := errors.AsType[*smtp.TimeoutError](err)
		if !ok || limit.Stage != smtp.Greeting || limit.Limit != 10*time.Second {
			t.Fatalf("got %#v, want the greeting's limit", limit)
		}
		if took := time.Since(begun); took != 10*time.Second {
			t.Errorf("took %v, want 10s", took)
		}
		want := "smtp: greeting: timeout: no answer within 10s (RFC 5321 s4.5.3.2.1 would wait 5m0s)"
		if err.Error() != want {
			t.Errorf("got %q, want %q", err, want)
		}
	})
}

func TestContextsEndWaiting(t *testing.T) {
	shutdown := errors.New("the machine is going down")
	for _, test := range []struct {
		name  string
		ctx   func(context.Context) (context.Context, context.CancelFunc)
		cause smtp.Cause
		is    error
	}{
		{"deadline of the whole", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 3*time.Second)
		}, smtp.Timeout, context.DeadlineExceeded},
		{"cancelled", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(3*time.Second, cancel)
			return ctx, cancel
		}, smtp.Cancelled, context.Canceled},
		{"cancelled for a reason", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			time.AfterFunc(3*time.Second, func() { cancel(shutdown) })
			return ctx, func() { cancel(nil) }
		}, smtp.Cancelled, shutdown},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := greeted(t, "S: 220 mx\nC: NOOP\nW: 1h", nil)
				begun := time.Now()
				ctx, cancel := test.ctx(t.Context())
				defer cancel()
				_, err := client.Noop(ctx)
				wantBroken(t, client, err, smtp.Hello, test.cause)
				if !errors.Is(err, test.is) {
					t.Errorf("got %v, want %v", err, test.is)
				}
				if took := time.Since(begun); took != 3*time.Second {
					t.Errorf("took %v, want 3s", took)
				}
			})
		})
	}
}

func TestContextOverBeforeSendingLeavesTheConversationWhole(t *testing.T) {
	client := greeted(t, "S: 220 mx\nC: QUIT\nS: 221 bye\nX:", nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := client.Noop(ctx)
	if _, ok := errors.AsType[*smtp.NotSentError](err); !ok || !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want a *NotSentError with context.Canceled", err)
	}
	got, err := client.Quit(t.Context())
	wantReply(t, got, err, 221)
}

func TestNoDeadlineOutlivesItsCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := greeted(t, "S: 220 mx\nC: NOOP\nW: 9s\nS: 250 ok\nC: NOOP\nW: 9s\nS: 250 ok", &smtp.Options{IOTimeout: 10 * time.Second})
		for range 2 {
			got, err := client.Noop(t.Context())
			wantReply(t, got, err, 250)
			time.Sleep(time.Minute)
		}
	})
}

func TestCloseFromAnotherGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := greeted(t, "S: 220 mx\nC: NOOP\nW: 1h", nil)
		time.AfterFunc(time.Second, func() { client.Close() })
		_, err := client.Noop(t.Context())
		wantBroken(t, client, err, smtp.Quit, smtp.Closed)
	})
}

func TestQuitWaitsBriefly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := greeted(t, "S: 220 mx\nC: QUIT\nW: 1h", nil)
		begun := time.Now()
		_, err := client.Quit(t.Context())
		wantBroken(t, client, err, smtp.Quit, smtp.Timeout)
		if took := time.Since(begun); took != 5*time.Second {
			t.Errorf("took %v, want 5s", took)
		}
	})
}

// faulty fails its reads and writes.
type faulty struct {
	net.Conn
	err error
}

func (f faulty) Read([]byte) (int, error) { return 0, &net.OpError{Op: "read", Net: "tcp", Err: f.err} }

func TestConnectionsOwnErrors(t *testing.T) {
	for _, test := range []struct {
		err  error
		want smtp.Cause
	}{
		{syscall.ECONNRESET, smtp.Reset},
		{syscall.ETIMEDOUT, smtp.Timeout},
		{syscall.EHOSTUNREACH, smtp.Network},
		{syscall.EPIPE, smtp.Hangup},
	} {
		t.Run(test.err.Error(), func(t *testing.T) {
			near, far := smtptest.Pipe(nil, nil)
			defer far.Close()
			client := smtp.NewClient(faulty{near, test.err}, nil)
			_, err := client.Greet(t.Context())
			wantBroken(t, client, err, smtp.Greeting, test.want)
			if !errors.Is(err, test.err) {
				t.Errorf("%v hides %v", err, test.err)
			}
		})
	}
}

func TestClosing(t *testing.T) {
	for _, test := range []struct{ name, script string }{
		{"as the answer", "C: MAIL FROM:<>\nS: 421 4.3.2 shutting down\nX:"},
		{"in several lines", "C: MAIL FROM:<>\nS: 421-4.7.0 too many\nS: 421 4.7.0 connections\nX:"},
	} {
		t.Run(test.name, func(t *testing.T) {
			client := greeted(t, "S: 220 mx\n"+test.script, nil)
			got, err := client.Mail(t.Context(), "")
			wantReply(t, got, err, 421)
			_, err = client.Reset(t.Context())
			wantBroken(t, client, err, smtp.Mail, smtp.Closing)
			closing, ok := errors.AsType[*smtp.ClosingError](err)
			if diff := cmp.Diff(got, closing.Reply); !ok || diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestClosingBeforeTheQuestion(t *testing.T) {
	client := greeted(t, `S< 220 mx\r\n421 4.4.2 idle too long\r\n`, nil)
	got, err := client.Mail(t.Context(), "")
	wantReply(t, got, err, 421)
	_, err = client.Noop(t.Context())
	wantBroken(t, client, err, smtp.Mail, smtp.Closing)
}

func TestClosingAsTheGreeting(t *testing.T) {
	client := smtp.NewClient(smtptest.Dialogue(t, "S: 421 busy\nX:"), nil)
	got, err := client.Greet(t.Context())
	wantReply(t, got, err, 421)
	_, err = client.Hello(t.Context(), "me.example")
	wantBroken(t, client, err, smtp.Greeting, smtp.Closing)
}

func TestReplyToNothing(t *testing.T) {
	client := greeted(t, `S< 220 mx\r\n250 ok\r\n`, nil)
	_, err := client.Mail(t.Context(), "")
	wantBroken(t, client, err, smtp.Mail, smtp.Protocol)
	said, ok := errors.AsType[*smtp.ProtocolError](err)
	if !ok || said.Line != "250 ok" {
		t.Errorf("got %v, want the line 250 ok", err)
	}
}

func TestBudgetBeforeTheFirstMail(t *testing.T) {
	var script strings.Builder
	script.WriteString("S: 220 mx\n")
	for range 22 {
		script.WriteString("C: NOOP\nS: 250 " + strings.Repeat("x", 3000) + "\n")
	}
	client := greeted(t, script.String(), nil)
	for range 21 {
		got, err := client.Noop(t.Context())
		wantReply(t, got, err, 250)
	}
	_, err := client.Noop(t.Context())
	wantBroken(t, client, err, smtp.Hello, smtp.Protocol)
}

func TestClosingWhileIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := greeted(t, "S: 220 mx\nW: 1m\nS: 421 4.4.2 idle too long\nX:", nil)
		time.Sleep(2 * time.Minute)
		got, err := client.Noop(t.Context()) // the write fails, and what the server said is still heard
		wantReply(t, got, err, 421)
		_, err = client.Noop(t.Context())
		wantBroken(t, client, err, smtp.Hello, smtp.Closing)
	})
}

func TestErrorsInWords(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{&smtp.BrokenError{Stage: smtp.Rcpt, Cause: smtp.Hangup, Err: io.ErrUnexpectedEOF, Partial: "try\x1b"},
			`smtp: rcpt: hangup: unexpected EOF after "try\x1b"`},
		{&smtp.TimeoutError{Stage: smtp.Rcpt, Limit: time.Minute}, "no answer within 1m0s (RFC 5321 s4.5.3.2.3 would wait 5m0s)"},
		{&smtp.TimeoutError{Stage: smtp.Mail, Limit: time.Minute}, "no answer within 1m0s (RFC 5321 s4.5.3.2.2 would wait 5m0s)"},
		{&smtp.TimeoutError{Stage: smtp.Data, Limit: time.Minute}, "no answer within 1m0s (RFC 5321 s4.5.3.2.4 would wait 2m0s)"},
		{&smtp.TimeoutError{Stage: smtp.Hello, Limit: time.Minute}, "no answer within 1m0s"},
		{&smtp.TimeoutError{}, "the time for the whole conversation is over"},
		{&smtp.ClosingError{Reply: smtp.Reply{Code: 421, Lines: []string{"bye"}}}, `the server closed the session: 421 "bye"`},
		{&smtp.ProtocolError{Problem: "not a reply", Line: "hi"}, `not a reply: "hi"`},
		{&smtp.ProtocolError{Problem: "the server says too much"}, "the server says too much"},
		{&smtp.TLSError{Err: io.ErrUnexpectedEOF}, "TLS handshake: unexpected EOF"},
		{&smtp.NotSentError{Line: "RSET\n", Err: smtp.ErrUnsafe}, `smtp: "RSET\n" not sent: a command may not hold CR, LF or NUL`},
	} {
		if got := test.err.Error(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}
