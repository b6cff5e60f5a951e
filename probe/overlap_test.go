package probe_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
)

const hello = "S: 220 mx\nC: EHLO me.example\nS: 250-mx\nS: 250 PIPELINING\n"

func TestRoundsOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		session := mustOpen(t, script(t, hello+
			"C: MAIL FROM:<>\nC: RCPT TO:<ann@a.example>\nC: RSET\nC: MAIL FROM:<>\nC: RCPT TO:<bob@b.example>\nC: RCPT TO:<cat@b.example>\n"+
			"S: 250 ok\nS: 250 ok\nS: 250 ok\nS: 250 ok\nS: 550 5.1.1 no such user\nS: 250 ok\nC: QUIT\nS: 221 bye"))
		if !session.Overlaps() {
			t.Fatal("PIPELINING is offered")
		}
		session.Post(t.Context(), asked(t, "ann@a.example"))
		session.Post(t.Context(), asked(t, "bob@b.example cat@b.example"))
		first, err := session.Next(t.Context())
		wantOutcomes(t, first, "rcpt 250 mailbox_exists")
		second, again := session.Next(t.Context())
		wantOutcomes(t, second, "rcpt 550 5.1.1 user_unknown", "rcpt 250 mailbox_exists")
		if err := errors.Join(err, again); err != nil {
			t.Error(err)
		}
		session.Close()
	})
}

// TestLockStepRoundsWaitForTheirTurn: nothing is sent of the second before the
// first is heard out.
func TestLockStepRoundsWaitForTheirTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		session := mustOpen(t, script(t, "S: 220 mx\nC: EHLO me.example\nS: 250 mx\n"+
			"C: MAIL FROM:<>\nS: 250 ok\nC: RCPT TO:<ann@a.example>\nS: 250 ok\nC: RSET\nS: 250 ok\nC: MAIL FROM:<>\nS: 250 ok\nC: RCPT TO:<bob@b.example>\nS: 250 ok\nC: QUIT\nS: 221 bye"))
		session.Post(t.Context(), asked(t, "ann@a.example"))
		session.Post(t.Context(), asked(t, "bob@b.example"))
		for range 2 {
			got, err := session.Next(t.Context())
			if err != nil {
				t.Error(err)
			}
			wantOutcomes(t, got, "rcpt 250 mailbox_exists")
		}
		session.Close()
	})
}

// TestSenderRefusedWithMoreInFlight: all rounds that went out with the first
// sender are asked again with the second, each in its turn.
func TestSenderRefusedWithMoreInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const refused = "550 5.7.1 <>: Sender address rejected: the null sender is not accepted here"
		plan := script(t, hello+
			"C: MAIL FROM:<>\nC: RCPT TO:<ann@a.example>\nC: RSET\nC: MAIL FROM:<>\nC: RCPT TO:<bob@b.example>\n"+
			"S: "+refused+"\nS: 503 need MAIL\nS: 250 ok\nS: "+refused+"\nS: 503 need MAIL\n"+
			"C: RSET\nC| MAIL FROM:<me@c.example>\nC| RCPT TO:<ann@a.example>\nS: 250 ok\nS: 250 ok\nS: 250 ok\n"+
			"C: RSET\nC| MAIL FROM:<me@c.example>\nC| RCPT TO:<bob@b.example>\nS: 250 ok\nS: 250 ok\nS: 550 5.1.1 no such user\nC: QUIT\nS: 221 bye")
		plan.Senders = []string{"", "me@c.example"}
		session := mustOpen(t, plan)
		session.Post(t.Context(), asked(t, "ann@a.example"))
		session.Post(t.Context(), asked(t, "bob@b.example"))
		first, err := session.Next(t.Context())
		wantOutcomes(t, first, "rcpt 250 mailbox_exists from me@c.example")
		second, again := session.Next(t.Context())
		wantOutcomes(t, second, "rcpt 550 5.1.1 user_unknown from me@c.example")
		if err := errors.Join(err, again); err != nil {
			t.Error(err)
		}
		session.Close()
	})
}

// TestWhatIsBehindABreakWasNotAsked: only the question it broke at has an outcome.
func TestWhatIsBehindABreakWasNotAsked(t *testing.T) {
	for name, end := range map[string]string{"hang-up": "X:", "421": "S: 421 4.7.0 too many errors\nX:"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				session := mustOpen(t, script(t, hello+
					"C: MAIL FROM:<>\nC: RCPT TO:<ann@a.example>\nC: RCPT TO:<bob@a.example>\nC: RSET\nC: MAIL FROM:<>\nC: RCPT TO:<cat@b.example>\n"+
					"S: 250 ok\nS: 250 ok\n"+end))
				session.Post(t.Context(), asked(t, "ann@a.example bob@a.example"))
				session.Post(t.Context(), asked(t, "cat@b.example"))
				first, err := session.Next(t.Context())
				if failure(t, err); first[0].Code != 250 || first[1].Stage != smtp.Rcpt {
					t.Errorf("got %v", first)
				}
				second, err := session.Next(t.Context())
				failure(t, err)
				wantOutcomes(t, second, "-")
			})
		})
	}
}

// TestWatchEndsASession that has become slow, with what was answered by then.
func TestWatchEndsASession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		session := mustOpen(t, script(t, hello+"C: MAIL FROM:<>\nC: RCPT TO:<ann@a.example>\nC: RCPT TO:<bob@a.example>\nC: RCPT TO:<cat@a.example>\n"+
			"S: 250 ok\nS: 250 ok\nW: 10s\nS: 550 5.1.1 no such user\nW: 1h"))
		var heard []time.Duration
		session.Watch(func(stage smtp.Stage, reply smtp.Reply, waited time.Duration) bool {
			heard = append(heard, waited)
			return waited < 5*time.Second
		})
		got, err := session.Ask(t.Context(), asked(t, "ann@a.example bob@a.example cat@a.example"))
		wantOutcomes(t, got, "rcpt 250 mailbox_exists", "rcpt 550 5.1.1 user_unknown", "-")
		if !errors.Is(err, probe.ErrEnough) || len(heard) != 3 {
			t.Errorf("%v after %v", err, heard)
		}
	})
}
