package probe_test

import (
	"testing"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtptest"
)

const (
	nullRefused   = "550 5.7.1 <>: Sender address rejected: the null sender is not accepted here"
	senderRefused = "550 5.1.8 <me@me.example>: Sender address rejected: Domain not found"
)

func TestRefusedSenders(t *testing.T) {
	for _, test := range []struct {
		name, script, mailboxes string
		senders                 []string
		want                    []string
	}{
		{"null sender refused at MAIL: the next one", lockStep + `
			C: MAIL FROM:<>
			S: ` + nullRefused + `
			C: RSET
			S: 250 ok
			C: MAIL FROM:<me@me.example>
			S: 250 ok
			C: RCPT TO:<a@mx.example>
			S: 250 ok`, "a@mx.example", []string{"", "me@me.example"},
			[]string{"rcpt 250 mailbox_exists from me@me.example"}},
		{"null sender refused at MAIL in a group", pipelining + `
			C: MAIL FROM:<>
			C| RCPT TO:<a@mx.example>
			C| RCPT TO:<b@mx.example>
			S: ` + nullRefused + `
			S: 503 5.5.1 need MAIL
			S: 503 5.5.1 need MAIL
			C: RSET
			C| MAIL FROM:<me@me.example>
			C| RCPT TO:<a@mx.example>
			C| RCPT TO:<b@mx.example>
			S: 250 ok
			S: 250 ok
			S: 250 ok
			S: 550 5.1.1 user unknown`, "a@mx.example b@mx.example", []string{"", "me@me.example"},
			[]string{"rcpt 250 mailbox_exists from me@me.example", "rcpt 550 5.1.1 user_unknown from me@me.example"}},
		{"null sender refused at RCPT, as Postfix does: once more, those it refused only", pipelining + `
			C: MAIL FROM:<>
			C| RCPT TO:<a@mx.example>
			C| RCPT TO:<b@mx.example>
			C| RCPT TO:<c@mx.example>
			S: 250 ok
			S: ` + nullRefused + `
			S: 250 ok
			S: ` + nullRefused + `
			C: RSET
			C| MAIL FROM:<me@me.example>
			C| RCPT TO:<a@mx.example>
			C| RCPT TO:<c@mx.example>
			S: 250 ok
			S: 250 ok
			S: 250 ok
			S: 550 5.1.1 user unknown`, three, []string{"", "me@me.example"},
			[]string{"rcpt 250 mailbox_exists from me@me.example", "rcpt 250 mailbox_exists", "rcpt 550 5.1.1 user_unknown from me@me.example"}},
		{"both refused: it counts", lockStep + `
			C: MAIL FROM:<>
			S: ` + nullRefused + `
			C: RSET
			S: 250 ok
			C: MAIL FROM:<me@me.example>
			S: ` + senderRefused, "a@mx.example b@mx.example", []string{"", "me@me.example"},
			[]string{"mail 550 5.1.8 sender_rejected from me@me.example", "mail 550 5.1.8 sender_rejected from me@me.example"}},
		{"a plan without senders has the null sender, and no other", lockStep + `
			C: MAIL FROM:<>
			S: ` + nullRefused, "a@mx.example", nil,
			[]string{"mail 550 5.7.1 sender_rejected"}},
		{"our own sender refused: the null sender is next", lockStep + `
			C: MAIL FROM:<me@me.example>
			S: ` + senderRefused + `
			C: RSET
			S: 250 ok
			C: MAIL FROM:<>
			S: 250 ok
			C: RCPT TO:<a@mx.example>
			S: 250 ok`, "a@mx.example", []string{"me@me.example", ""},
			[]string{"rcpt 250 mailbox_exists"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			plan := script(t, test.script)
			plan.Senders = test.senders
			session := mustOpen(t, plan)
			outcomes, err := session.Ask(t.Context(), asked(t, test.mailboxes))
			if err != nil {
				t.Fatal(err)
			}
			wantOutcomes(t, outcomes, test.want...)
		})
	}
}

func TestTheSenderThatWorkedStaysInUse(t *testing.T) {
	for _, step := range []smtptest.Step{smtptest.AtMail, smtptest.AtRcpt} {
		t.Run("null sender refused at "+string(step), func(t *testing.T) {
			plan := server(t, smtptest.Character{NullSender: step})
			plan.Senders = []string{"", "me@me.example"}
			session := mustOpen(t, plan)
			defer session.Close()
			for range 2 {
				outcomes, err := session.Ask(t.Context(), asked(t, "a@mx.example"))
				if err != nil {
					t.Fatal(err)
				}
				wantOutcomes(t, outcomes, "rcpt 250 2.1.5 mailbox_exists from me@me.example")
			}
			// EHLO, STARTTLS, EHLO; MAIL, RCPT; RSET, MAIL, RCPT; RSET, MAIL, RCPT
			if session.Commands() != 11 {
				t.Errorf("%d commands, want 11", session.Commands())
			}
		})
	}
}

// What the first sender was told does not count once the second is tried, so
// where that breaks off nothing is known of those behind.
func TestASessionThatBreaksWithTheSecondSender(t *testing.T) {
	plan := script(t, pipelining+`
		C: MAIL FROM:<>
		C| RCPT TO:<a@mx.example>
		C| RCPT TO:<b@mx.example>
		C| RCPT TO:<c@mx.example>
		S: 250 ok
		S: `+nullRefused+`
		S: `+nullRefused+`
		S: `+nullRefused+`
		C: RSET
		C| MAIL FROM:<me@me.example>
		C| RCPT TO:<a@mx.example>
		C| RCPT TO:<b@mx.example>
		C| RCPT TO:<c@mx.example>
		S: 250 ok
		S: 250 ok
		S: 250 ok
		X:
	`)
	plan.Senders = []string{"", "me@me.example"}
	outcomes, err := mustOpen(t, plan).Ask(t.Context(), asked(t, three))
	wantFailure(t, failure(t, err), "rcpt hangup network_error from me@me.example")
	wantOutcomes(t, outcomes, "rcpt 250 mailbox_exists from me@me.example", "rcpt hangup network_error from me@me.example", "-")
}

// A sender that is no path never reaches the wire, where it could say more
// than MAIL.
func TestASenderThatIsNotFitToBeSent(t *testing.T) {
	plan := script(t, lockStep+"C: QUIT\nS: 221 bye\nX:")
	plan.Senders = []string{"me@me.example> SIZE=1"}
	outcomes, err := mustOpen(t, plan).Ask(t.Context(), asked(t, "a@mx.example b@mx.example"))
	wantFailure(t, failure(t, err), "rcpt network network_error from me@me.example> SIZE=1")
	if outcomes[1] != (probe.Outcome{}) || outcomes[0].Answered() {
		t.Errorf("got %+v", outcomes)
	}
}
