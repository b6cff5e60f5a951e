package smtp_test

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/smtptest"
)

func post(t *testing.T, client *smtp.Client, commands ...smtp.Command) {
	t.Helper()
	if err := client.Post(t.Context(), commands); err != nil {
		t.Fatal(err)
	}
}

func collect(t *testing.T, client *smtp.Client, n int) (got []int, err error) {
	for range n {
		var reply smtp.Reply
		if reply, err = client.Collect(t.Context()); reply.Code != 0 {
			got = append(got, reply.Code)
		}
		if err != nil {
			return got, err
		}
	}
	return got, nil
}

func TestGroupsFollowEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The second group goes out before the first is answered.
		client := opened(t, pipelining+"C: MAIL FROM:<>\nC: RCPT TO:<a@mx.example>\nC: RSET\nC: MAIL FROM:<>\nC: RCPT TO:<b@mx.example>\n"+
			"S: 250 ok\nS: 250 ok\nS: 250 ok\nS: 250 ok\nS: 550 no", nil)
		post(t, client, smtp.MailCommand(""), smtp.RcptCommand("a@mx.example"))
		post(t, client, smtp.RsetCommand(), smtp.MailCommand(""), smtp.RcptCommand("b@mx.example"))
		if n := client.InFlight(); n != 5 {
			t.Errorf("%d in flight, want 5", n)
		}
		if _, err := client.Noop(t.Context()); !errors.Is(err, smtp.ErrState) {
			t.Errorf("NOOP between: %v, want ErrState", err)
		}
		got, err := collect(t, client, 5)
		if diff := cmp.Diff([]int{250, 250, 250, 250, 550}, got); diff != "" || err != nil {
			t.Error(err, diff)
		}
		if _, err := client.Collect(t.Context()); !errors.Is(err, smtp.ErrState) {
			t.Errorf("a reply to nothing: %v, want ErrState", err)
		}
	})
}

func TestWhatCannotBePosted(t *testing.T) {
	for _, test := range []struct {
		name, script string
		command      smtp.Command
		want         error
	}{
		{"DATA ends a group", pipelining, smtp.Command{Stage: smtp.Data, Line: "DATA"}, smtp.ErrGrouping},
		{"an unsafe path", pipelining, smtp.RcptCommand("a@b>\r\nRSET"), smtp.ErrPath},
		{"no PIPELINING", "S: 220 mx\nC: EHLO me.example\nS: 250 mx\n", smtp.RsetCommand(), smtp.ErrState},
	} {
		t.Run(test.name, func(t *testing.T) {
			client := opened(t, test.script, nil)
			if err := client.Post(t.Context(), []smtp.Command{test.command}); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestPostedGroupsThatBreak(t *testing.T) {
	for _, test := range []struct {
		name, script string
		want         []int
		cause        smtp.Cause
	}{
		{"hang-up in the first group", "S: 250 ok\nX:", []int{250}, smtp.Hangup},
		{"421 at the end of the first group", "S: 250 ok\nS: 421 too many\nX:", []int{250, 421}, smtp.Closing},
		{"silence in the second", "S: 250 ok\nS: 250 ok\nS: 250 ok\nW: 1h", []int{250, 250, 250}, smtp.Timeout},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := opened(t, pipelining+"C: MAIL FROM:<>\nC: RCPT TO:<a@mx.example>\nC: RSET\nC: MAIL FROM:<>\n"+test.script, nil)
				post(t, client, smtp.MailCommand(""), smtp.RcptCommand("a@mx.example"))
				post(t, client, smtp.RsetCommand(), smtp.MailCommand(""))
				got, err := collect(t, client, 4)
				broken, ok := errors.AsType[*smtp.BrokenError](err)
				if diff := cmp.Diff(test.want, got); diff != "" || !ok || broken.Cause != test.cause {
					t.Errorf("%v, want %s; -want +got:\n%s", err, test.cause, diff)
				}
				if _, again := client.Collect(t.Context()); again != err || client.InFlight() != 0 {
					t.Errorf("after it: %v, %d in flight", again, client.InFlight())
				}
			})
		})
	}
}

// TestMoreInFlightThanPipesHold posts far more than both directions buffer
// (RFC 2920 s3.1 warns of that), to a server that answers before it reads on.
func TestMoreInFlightThanPipesHold(t *testing.T) {
	for name, pipe := range map[string]func() (net.Conn, net.Conn){
		"sockets' buffers": func() (net.Conn, net.Conn) { return smtptest.Pipe(nil, nil) },
		"no buffers":       net.Pipe,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				near, far := pipe()
				server := &smtptest.Server{Character: smtptest.Character{Domains: map[string]*smtptest.Domain{"mx.example": {}}}}
				var wait sync.WaitGroup
				wait.Go(func() { server.Serve(far) })
				client := smtp.NewClient(near, &smtp.Options{IOTimeout: time.Second})
				_, greeting := client.Greet(t.Context())
				_, hello := client.Hello(t.Context(), "me.example")
				if err := errors.Join(greeting, hello); err != nil {
					t.Fatal(err)
				}
				const groups, each = 40, 100
				for i := range groups {
					commands := []smtp.Command{smtp.RsetCommand(), smtp.MailCommand("")}
					for n := range each {
						commands = append(commands, smtp.RcptCommand(fmt.Sprintf("somebody.%d.%d@mx.example", i, n)))
					}
					post(t, client, commands...)
				}
				got, err := collect(t, client, groups*(each+2))
				if err != nil || len(got) != groups*(each+2) {
					t.Errorf("%d replies: %v", len(got), err)
				}
				client.Close()
				wait.Wait()
			})
		})
	}
}
