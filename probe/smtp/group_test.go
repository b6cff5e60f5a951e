package smtp_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/smtptest"
)

const pipelining = "S: 220 mx\nC: EHLO me.example\nS: 250-mx\nS: 250 PIPELINING\n"

func codes(replies []smtp.Reply) []int {
	var list []int
	for _, reply := range replies {
		list = append(list, reply.Code)
	}
	return list
}

// transaction is MAIL, two RCPTs and RSET.
func transaction() []smtp.Command {
	return []smtp.Command{smtp.MailCommand(""), smtp.RcptCommand("a@mx.example"), smtp.RcptCommand("b@mx.example"), smtp.RsetCommand()}
}

func TestGroups(t *testing.T) {
	refused := func(_ int, reply smtp.Reply) bool { return reply.Class() != 2 }
	const together = "C: MAIL FROM:<>\nC| RCPT TO:<a@mx.example>\nC| RCPT TO:<b@mx.example>\nC| RSET\n"
	for _, test := range []struct {
		name, script string
		until        func(int, smtp.Reply) bool
		want         []int
	}{
		{"pipelined", pipelining + together + "S: 250 ok\nS: 550-no\nS: 550 such user\nS: 250 ok\nS: 250 ok", nil, []int{250, 550, 250, 250}},
		{"pipelined, all read whatever was refused", pipelining + together + "S: 550 no\nS: 503 no\nS: 503 no\nS: 250 ok", refused, []int{550, 503, 503, 250}},
		{"lock-step", "S: 220 mx\nC: EHLO me.example\nS: 250 mx\nC: MAIL FROM:<>\nS: 250 ok\nC: RCPT TO:<a@mx.example>\nS: 250 ok\n" +
			"C: RCPT TO:<b@mx.example>\nS: 452 too many\nC: RSET\nS: 250 ok", nil, []int{250, 250, 452, 250}},
		{"lock-step, stopped by a refused MAIL", "S: 220 mx\nC: EHLO me.example\nS: 250 mx\nC: MAIL FROM:<>\nS: 550 no", refused, []int{550}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := opened(t, test.script, nil)
				replies, err := client.Group(t.Context(), transaction(), test.until)
				if diff := cmp.Diff(test.want, codes(replies)); diff != "" || err != nil {
					t.Fatalf("%v, -want +got:\n%s", err, diff)
				}
			})
		})
	}
}

func TestLockStepOption(t *testing.T) {
	client := opened(t, pipelining+"C: MAIL FROM:<>\nS: 250 ok\nC: RSET\nS: 250 ok", &smtp.Options{LockStep: true})
	replies, err := client.Group(t.Context(), []smtp.Command{smtp.MailCommand(""), smtp.RsetCommand()}, nil)
	if diff := cmp.Diff([]int{250, 250}, codes(replies)); diff != "" || err != nil {
		t.Fatal(err, diff)
	}
}

func TestGroupsThatBreak(t *testing.T) {
	const sent = "C: MAIL FROM:<>\nC: RCPT TO:<a@mx.example>\nC: RCPT TO:<b@mx.example>\nC: RSET\n"
	for _, test := range []struct {
		name, script string
		want         []int
		stage        smtp.Stage
		cause        smtp.Cause
	}{
		{"hang-up between replies", "S: 250 ok\nS: 550 no\nX:", []int{250, 550}, smtp.Rcpt, smtp.Hangup},
		{"421 between replies", "S: 250 ok\nS: 421 too many\nX:", []int{250, 421}, smtp.Rcpt, smtp.Closing},
		{"silence after the second", "S: 250 ok\nS: 550 no\nW: 1h", []int{250, 550}, smtp.Rcpt, smtp.Timeout},
		{"nonsense for a reply", "S: 250 ok\nS: 250 ok\nS: oops", []int{250, 250}, smtp.Rcpt, smtp.Protocol},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := opened(t, pipelining+sent+test.script, nil)
				replies, err := client.Group(t.Context(), transaction(), nil)
				if diff := cmp.Diff(test.want, codes(replies)); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
				wantBroken(t, client, err, test.stage, test.cause)
			})
		})
	}
}

func TestClosingAsTheLastReplyOfAGroup(t *testing.T) {
	client := opened(t, pipelining+"C: MAIL FROM:<>\nC| RSET\nS: 250 ok\nS: 421 bye", nil)
	replies, err := client.Group(t.Context(), []smtp.Command{smtp.MailCommand(""), smtp.RsetCommand()}, nil)
	if diff := cmp.Diff([]int{250, 421}, codes(replies)); diff != "" || err != nil {
		t.Fatal(err, diff)
	}
	_, err = client.Noop(t.Context())
	wantBroken(t, client, err, smtp.Mail, smtp.Closing)
}

func TestATooTalkativeGroupIsNoticed(t *testing.T) {
	client := opened(t, pipelining+`C: MAIL FROM:<>`+"\n"+`C| RSET`+"\n"+`S< 250 a\r\n250 b\r\n250 c\r\n`, nil)
	if _, err := client.Group(t.Context(), []smtp.Command{smtp.MailCommand(""), smtp.RsetCommand()}, nil); err != nil {
		t.Fatal(err)
	}
	_, err := client.Noop(t.Context())
	wantBroken(t, client, err, smtp.Hello, smtp.Protocol)
}

func TestEachReplyOfAGroupHasItsOwnLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := opened(t, pipelining+"C: MAIL FROM:<>\nS: 250 ok\nW: 9s\nC| RCPT TO:<a@mx.example>\nS: 250 ok\nW: 9s\nC| RCPT TO:<b@mx.example>\nS: 250 ok\nW: 9s\nC| RSET\nS: 250 ok",
			&smtp.Options{IOTimeout: 10 * time.Second})
		replies, err := client.Group(t.Context(), transaction(), nil)
		if len(replies) != 4 || err != nil {
			t.Fatal(replies, err)
		}
	})
}

func TestWhatMayStandInAGroup(t *testing.T) {
	noop := smtp.Command{Stage: smtp.Hello, Line: "noop"}
	for _, test := range []struct {
		name  string
		group []smtp.Command
		want  error
	}{
		{"NOOP before RSET", []smtp.Command{noop, smtp.RsetCommand()}, smtp.ErrGrouping},
		{"VRFY before VRFY", []smtp.Command{{Stage: smtp.Vrfy, Line: "VRFY a"}, {Stage: smtp.Vrfy, Line: "VRFY b"}}, smtp.ErrGrouping},
		{"DATA before QUIT", []smtp.Command{{Stage: smtp.Data, Line: "DATA"}, {Stage: smtp.Quit, Line: "QUIT"}}, smtp.ErrGrouping},
		{"EHLO before MAIL", []smtp.Command{{Stage: smtp.Hello, Line: "EHLO me"}, smtp.MailCommand("")}, smtp.ErrGrouping},
		{"an extension's verb before MAIL", []smtp.Command{{Stage: smtp.Hello, Line: "ETRN example"}, smtp.MailCommand("")}, smtp.ErrGrouping},
		{"STARTTLS as a command", []smtp.Command{{Stage: smtp.StartTLS, Line: "STARTTLS"}}, smtp.ErrState},
		{"BDAT, which octets follow", []smtp.Command{{Stage: smtp.Data, Line: "BDAT 5 LAST"}}, smtp.ErrState},
		{"a line feed at the end", []smtp.Command{smtp.RsetCommand(), {Stage: smtp.Mail, Line: "RSET\n"}}, smtp.ErrUnsafe},
	} {
		t.Run(test.name, func(t *testing.T) {
			client := opened(t, pipelining, nil) // the script fails the test if anything is said
			_, err := client.Group(t.Context(), test.group, nil)
			if _, ok := errors.AsType[*smtp.NotSentError](err); !ok || !errors.Is(err, test.want) {
				t.Fatalf("got %v, want a *NotSentError with %v", err, test.want)
			}
		})
	}
}

func TestAfter354NothingIsSent(t *testing.T) {
	client := opened(t, pipelining+"C: DATA\nS: 354 go", nil)
	got, err := client.Do(t.Context(), smtp.Command{Stage: smtp.Data, Line: "DATA"})
	wantReply(t, got, err, 354)
	if _, err := client.Reset(t.Context()); !errors.Is(err, smtp.ErrState) {
		t.Fatalf("got %v, want ErrState: RSET would be the message's first line", err)
	}
	if _, err := client.Quit(t.Context()); !errors.Is(err, smtp.ErrState) {
		t.Fatalf("got %v, want ErrState", err)
	}
}

// TestNeitherSideWaitsForTheOther has net.Pipe, which holds nothing, and a
// server that answers each command before it reads the next.
func TestNeitherSideWaitsForTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		go answer(far, 1)
		client := smtp.NewClient(near, nil)
		defer client.Close()
		client.Greet(t.Context())
		client.Hello(t.Context(), "me.example")
		replies, err := client.Group(t.Context(), recipients(500), nil)
		if err != nil || len(replies) != 501 {
			t.Fatalf("%d replies, %v", len(replies), err)
		}
	})
}

func recipients(n int) []smtp.Command {
	group := []smtp.Command{smtp.MailCommand("")}
	for i := range n {
		group = append(group, smtp.RcptCommand(fmt.Sprintf("user%04d@mx.example", i)))
	}
	return group
}

// answer serves a connection: 250 for everything, its replies flushed after
// every so many commands, and when there is nothing more to read.
func answer(conn net.Conn, every int) {
	defer conn.Close()
	in, out := bufio.NewReader(conn), bufio.NewWriter(conn)
	out.WriteString("220 mx\r\n")
	out.Flush()
	for n := 1; ; n++ {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		if strings.HasPrefix(line, "EHLO") {
			out.WriteString("250-mx\r\n250 PIPELINING\r\n")
		} else {
			out.WriteString("250 2.1.5 Ok, we know this one as it should be known\r\n")
		}
		if n%every == 0 || in.Buffered() == 0 {
			out.Flush()
		}
	}
}

func BenchmarkPipelinedGroupOf100(b *testing.B) {
	near, far := smtptest.Pipe(nil, nil)
	done := make(chan struct{})
	go func() { answer(far, 1000); close(done) }()
	client := smtp.NewClient(near, nil)
	client.Greet(b.Context())
	client.Hello(b.Context(), "me.example")
	group := recipients(100)
	b.ReportAllocs()
	for b.Loop() {
		if replies, err := client.Group(b.Context(), group, nil); err != nil || len(replies) != 101 {
			b.Fatal(len(replies), err)
		}
	}
	client.Close()
	<-done
}
