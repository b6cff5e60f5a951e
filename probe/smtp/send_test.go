package smtp_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/smtptest"
)

// outcome tells a delivery in short: "a@mx.example rcpt 550".
func outcome(delivery smtp.Delivery) []string {
	var list []string
	for _, one := range delivery.Recipients {
		text := fmt.Sprintf("%s %s %d", one.Address, one.Stage, one.Reply.Code)
		if one.Accepted() {
			text += " accepted"
		}
		list = append(list, text)
	}
	return list
}

const (
	plain = `
		S: 220 mx
		C: EHLO me.example
		S: 250 mx
	`
	able = `
		S: 220 mx
		C: EHLO me.example
		S: 250-mx
		S: 250-PIPELINING
		S: 250-SIZE 1000
		S: 250-8BITMIME
		S: 250-SMTPUTF8
		S: 250 DSN
	`
)

func TestSend(t *testing.T) {
	three := smtp.Envelope{From: "me@a.example", To: []string{"a@b.example", "b@b.example", "c@b.example"}}
	full := smtp.Envelope{From: "me@a.example", To: []string{"j\u00f6rg@b.example"}, Size: 3, Body: smtp.EightBitMIME,
		Return: smtp.Headers, ID: "job 1+1=2", Notify: []smtp.Notify{smtp.OnSuccess, smtp.OnDelay}}
	for _, test := range []struct {
		name, script string
		envelope     smtp.Envelope
		want         []string
		unoffered    []string
		sent         bool
	}{
		{"one refused, in lock step", plain + `
			C: MAIL FROM:<me@a.example>
			S: 250 ok
			C: RCPT TO:<a@b.example>
			S: 250 ok
			C: RCPT TO:<b@b.example>
			S: 550 5.1.1 who?
			C: RCPT TO:<c@b.example>
			S: 251 forwarded
			C: DATA
			S: 354 go
			C: a
			C: .
			S: 250 ok`, three, []string{"a@b.example data 250 accepted", "b@b.example rcpt 550", "c@b.example data 250 accepted"}, nil, true},
		{"one refused, in a group", able + `
			C: MAIL FROM:<me@a.example>
			C| RCPT TO:<a@b.example>
			C| RCPT TO:<b@b.example>
			C| RCPT TO:<c@b.example>
			S: 250 ok
			S: 452 4.5.3 too many
			S: 250 ok
			S: 250 ok
			C: DATA
			S: 354 go
			C: a
			C: .
			S: 554 5.7.1 spam`, three, []string{"a@b.example rcpt 452", "b@b.example data 554", "c@b.example data 554"}, nil, true},
		{"the sender refused, in lock step", plain + "C: MAIL FROM:<me@a.example>\nS: 550 no", three,
			[]string{"a@b.example mail 550", "b@b.example mail 550", "c@b.example mail 550"}, nil, false},
		{"the sender refused, in a group", able + `
			C: MAIL FROM:<me@a.example>
			C| RCPT TO:<a@b.example>
			C| RCPT TO:<b@b.example>
			C| RCPT TO:<c@b.example>
			S: 451 later
			S: 503 no
			S: 503 no
			S: 503 no`, three, []string{"a@b.example mail 451", "b@b.example mail 451", "c@b.example mail 451"}, nil, false},
		{"all refused", plain + `
			C: MAIL FROM:<me@a.example>
			S: 250 ok
			C: RCPT TO:<a@b.example>
			S: 550 no
			C: RCPT TO:<b@b.example>
			S: 551 no
			C: RCPT TO:<c@b.example>
			S: 552 no
			C: RSET
			S: 250 ok`, three, []string{"a@b.example rcpt 550", "b@b.example rcpt 551", "c@b.example rcpt 552"}, nil, false},
		{"DATA refused", plain + `
			C: MAIL FROM:<>
			S: 250 ok
			C: RCPT TO:<a@b.example>
			S: 250 ok
			C: DATA
			S: 451 4.3.0 no
			C: RSET
			S: 250 ok`, smtp.Envelope{To: []string{"a@b.example"}}, []string{"a@b.example data 451"}, nil, false},
		{"all that can be said", able + "C: MAIL FROM:<me@a.example> SIZE=3 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=job+201+2B1+3D2\n" +
			"C: RCPT TO:<j\u00f6rg@b.example> NOTIFY=SUCCESS,DELAY\nS: 250 ok\nS: 250 ok\nC: DATA\nS: 354 go\nC: a\nC: .\nS: 250 ok",
			full, []string{"j\u00f6rg@b.example data 250 accepted"}, nil, true},
		{"what is not offered is not said", plain + `
			C: MAIL FROM:<me@a.example>
			S: 250 ok
			C: RCPT TO:<a@b.example>
			S: 250 ok
			C: DATA
			S: 354 go
			C: a
			C: .
			S: 250 ok`, smtp.Envelope{From: "me@a.example", To: []string{"a@b.example"}, Size: 3, Body: smtp.EightBitMIME,
			Return: smtp.Full, ID: "x", Notify: []smtp.Notify{smtp.Never}},
			[]string{"a@b.example data 250 accepted"}, []string{"SIZE=3", "BODY=8BITMIME", "RET=FULL", "ENVID=x", "NOTIFY=NEVER"}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			client := opened(t, test.script+"\nC: NOOP\nS: 250 ok", nil)
			delivery, err := client.Send(t.Context(), test.envelope, strings.NewReader("a"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, outcome(delivery)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if diff := cmp.Diff(test.unoffered, delivery.Unoffered); diff != "" || delivery.Sent != test.sent {
				t.Errorf("sent %v, unoffered, -want +got:\n%s", delivery.Sent, diff)
			}
			reply, err := client.Noop(t.Context())
			wantReply(t, reply, err, 250)
		})
	}
}

func TestEnvelopesNotSent(t *testing.T) {
	for _, test := range []struct {
		name     string
		envelope smtp.Envelope
		want     error
	}{
		{"nobody", smtp.Envelope{From: "a@b.example"}, smtp.ErrArgument},
		{"UTF-8 in the recipient", smtp.Envelope{To: []string{"j\u00f6rg@b.example"}}, smtp.ErrNoUTF8},
		{"UTF-8 in the sender", smtp.Envelope{From: "j\u00f6rg@b.example", To: []string{"a@b.example"}}, smtp.ErrNoUTF8},
		{"UTF-8 in the header", smtp.Envelope{To: []string{"a@b.example"}, UTF8: true}, smtp.ErrNoUTF8},
		{"a command in an address", smtp.Envelope{To: []string{"a@b.example", "b>\r\nDATA"}}, smtp.ErrPath},
	} {
		t.Run(test.name, func(t *testing.T) {
			client := opened(t, plain+"C: NOOP\nS: 250 ok", nil)
			delivery, err := client.Send(t.Context(), test.envelope, strings.NewReader("a"))
			if _, whole := errors.AsType[*smtp.NotSentError](err); !whole || !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			for _, one := range delivery.Recipients {
				if one.Stage != "" || one.Accepted() {
					t.Errorf("%s has an answer: %+v", one.Address, one)
				}
			}
			reply, err := client.Noop(t.Context())
			wantReply(t, reply, err, 250)
		})
	}
}

func TestSendsThatBreak(t *testing.T) {
	two := smtp.Envelope{To: []string{"a@b.example", "b@b.example"}}
	const begun = plain + "C: MAIL FROM:<>\nS: 250 ok\nC: RCPT TO:<a@b.example>\nS: 250 ok\nC: RCPT TO:<b@b.example>\n"
	for _, test := range []struct {
		name, script string
		stage        smtp.Stage
		cause        smtp.Cause
		want         []string
		sent         bool
	}{
		{"hang-up at MAIL", plain + "C: MAIL FROM:<>\nX:", smtp.Mail, smtp.Hangup, []string{"a@b.example  0", "b@b.example  0"}, false},
		{"421 to the last recipient", begun + "S: 421 too many\nX:", smtp.Rcpt, smtp.Closing, []string{"a@b.example rcpt 250", "b@b.example rcpt 421"}, false},
		{"hang-up at a recipient", begun + "X:", smtp.Rcpt, smtp.Hangup, []string{"a@b.example rcpt 250", "b@b.example  0"}, false},
		{"421 to DATA", begun + "S: 550 no\nC: DATA\nS: 421 later\nX:", smtp.Data, smtp.Closing, []string{"a@b.example data 421", "b@b.example rcpt 550"}, false},
		{"hang-up after the dot", begun + "S: 550 no\nC: DATA\nS: 354 go\nC: a\nC: .\nX:", smtp.Data, smtp.Hangup,
			[]string{"a@b.example rcpt 250", "b@b.example rcpt 550"}, true},
		{"421 to the dot", begun + "S: 550 no\nC: DATA\nS: 354 go\nC: a\nC: .\nS: 421 later\nX:", smtp.Data, smtp.Closing,
			[]string{"a@b.example data 421", "b@b.example rcpt 550"}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			client := opened(t, test.script, nil)
			delivery, err := client.Send(t.Context(), two, strings.NewReader("a"))
			wantBroken(t, client, err, test.stage, test.cause)
			if diff := cmp.Diff(test.want, outcome(delivery)); diff != "" || delivery.Sent != test.sent {
				t.Errorf("sent %v, -want +got:\n%s", delivery.Sent, diff)
			}
		})
	}
}

func TestAMessageTooLargeIsRefusedAtMAIL(t *testing.T) {
	server := &smtptest.Server{Character: smtptest.Character{Extensions: []string{"SIZE 1000"}}}
	delivery, err := served(t, server, nil).Send(t.Context(), smtp.Envelope{To: []string{"a@b.example"}, Size: 1001}, strings.NewReader("a"))
	if diff := cmp.Diff([]string{"a@b.example mail 552"}, outcome(delivery)); diff != "" || err != nil {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
}

func TestSendOverLMTP(t *testing.T) {
	server := &smtptest.Server{Character: smtptest.Character{LMTP: true, Domains: map[string]*smtptest.Domain{"b.example": {
		Mailboxes: map[string]smtptest.Mailbox{"a": {}, "full": {Dot: "452 4.2.2 <full@b.example> Quota exceeded"}, "c": {}},
	}}}}
	client := served(t, server, &smtp.Options{LMTP: true})
	for range 2 {
		delivery, err := client.Send(t.Context(), smtp.Envelope{To: []string{"a@b.example", "nobody@b.example", "full@b.example", "c@b.example"}}, strings.NewReader("a\n"))
		want := []string{"a@b.example data 250 accepted", "nobody@b.example rcpt 550", "full@b.example data 452", "c@b.example data 250 accepted"}
		if diff := cmp.Diff(want, outcome(delivery)); diff != "" || err != nil {
			t.Fatalf("%v, -want +got:\n%s", err, diff)
		}
	}
	if n := len(server.Messages()); n != 2 {
		t.Errorf("%d messages were taken, want 2", n)
	}
}
