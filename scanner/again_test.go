package scanner

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
)

// TestSecondNameOfARandomMailbox: a mailbox that nobody has and that was taken
// is asked for by a second name, until there is an answer to that one.
func TestSecondNameOfARandomMailbox(t *testing.T) {
	taken := a1.says(smtp.Rcpt, 250, reply.MailboxExists)
	verified := a1.says(smtp.Vrfy, 252, reply.Other)
	grey := a1.says(smtp.Rcpt, 450, reply.Greylisted)
	nothing := way{}
	for _, test := range []struct {
		name     string
		attempts []probe.Outcome
		want     way
	}{
		{"the first name was taken", []probe.Outcome{taken}, a1},
		{"the first name was taken, and VRFY said something", []probe.Outcome{taken, verified}, a1},
		{"the first name was taken after it had been greylisted", []probe.Outcome{grey, taken}, a1},
		{"the first name was taken in clear, where TLS fails", []probe.Outcome{a1.breaks(smtp.TLS, smtp.TLSFailed), taken}, a1.clear()},
		{"the second name was taken too", []probe.Outcome{taken, taken}, nothing},
		{"the second name was refused", []probe.Outcome{taken, a1.says(smtp.Rcpt, 550, reply.UserUnknown)}, nothing},
		{"the first name was refused", []probe.Outcome{a1.says(smtp.Rcpt, 550, reply.UserUnknown)}, nothing},
		{"the second name came to a limit", []probe.Outcome{taken, a1.says(smtp.Rcpt, 450, reply.RateLimited)}, a1},
		{"the second name was refused with our sender", []probe.Outcome{taken, a1.says(smtp.Mail, 550, reply.SenderRejected)}, nothing},
		{"the second name is greylisted for the first time", []probe.Outcome{grey, taken, grey}, a1},
		{"the second name is greylisted once too often", []probe.Outcome{grey, taken, grey, grey}, nothing},
		{"the connection broke at the second name", []probe.Outcome{taken, a1.breaks(smtp.Rcpt, smtp.Hangup)}, a1},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &Scanner{GreylistWait: time.Hour}
			step, ok := s.step(Item{Work: Work{Kind: probe.RandomKind}, Attempts: test.attempts}, []way{a1})
			if step.way != test.want || ok != (test.want != nothing) {
				t.Errorf("goes on (%t) with %+v, want %+v", ok, step.way, test.want)
			}
		})
	}
}

// TestNoRoom: a server that has no room for us is left alone for a while, and
// gone back to when there is nobody else to ask.
func TestNoRoom(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	full := func(w way, after time.Duration) probe.Outcome {
		o := w.says(smtp.Greeting, 421, reply.RateLimited)
		o.At = noon.Add(after)
		return o
	}
	taken := a2.says(smtp.Rcpt, 250, reply.MailboxExists)
	blocked := a1.says(smtp.Greeting, 421, reply.BlockedClient)
	for _, test := range []struct {
		name     string
		attempts []probe.Outcome
		want     way
		at       time.Duration // after noon
	}{
		{"the other server has room perhaps", []probe.Outcome{full(a1, 0)}, a2, -1},
		{"neither has room", []probe.Outcome{full(a1, 0), full(a2, time.Second)}, a1, 11 * time.Second},
		{"neither has room again", []probe.Outcome{full(a1, 0), full(a2, 0), full(a1, 11*time.Second)}, a1, 76 * time.Second},
		{"no room three times", []probe.Outcome{full(a1, 0), full(a2, 0), full(a1, 11*time.Second), full(a1, 80*time.Second)}, way{}, -1},
		{"the other server told", []probe.Outcome{full(a1, 0), taken}, way{}, -1},
		{"421 for another reason", []probe.Outcome{blocked}, way{}, -1},
	} {
		t.Run(test.name, func(t *testing.T) {
			var at time.Time
			if test.at >= 0 {
				at = noon.Add(test.at)
			}
			got, _ := new(Scanner).step(Item{Attempts: test.attempts}, []way{a1, a2})
			if want := (step{test.want, at}); got != want {
				t.Errorf("goes on with %+v, want %+v", got, want)
			}
		})
	}
}

// TestAskingEnds, however stubborn servers are: with a mailbox of the list and a
// random one, with time to wait for greylisting and without.
func TestAskingEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &Scanner{GreylistWait: rapid.SampledFrom([]time.Duration{0, time.Hour}).Draw(t, "wait")}
		item := Item{Work: Work{Kind: rapid.SampledFrom([]probe.Kind{probe.AddressKind, probe.RandomKind}).Draw(t, "kind")}}
		says := rapid.SliceOfN(anyOutcome(a1), 1, 3).Draw(t, "says")
		if rapid.Bool().Draw(t, "takes names") {
			says = append([]probe.Outcome{a1.says(smtp.Rcpt, 250, reply.MailboxExists)}, says...)
		}
		most := 2 * len(ab) * (patience + 3) // each server twice over, for two names
		for {
			step, ok := s.step(item, ab)
			if !ok {
				return
			}
			if len(item.Attempts) > most {
				t.Fatalf("asked %d times, at first:\n%s", len(item.Attempts), said(item.Attempts[:5]))
			}
			o := says[min(len(item.Attempts), len(says)-1)] // the last of them for ever
			o.Host, o.IP, o.Port = step.Host, step.Addr.Addr(), step.Addr.Port()
			item.Attempts = append(item.Attempts, o)
		}
	})
}

func said(attempts []probe.Outcome) (lines string) {
	for _, o := range attempts {
		lines += fmt.Sprintf("%s %s: %d %s %s\n", o.IP, o.Stage, o.Code, o.Meaning, o.Cause)
	}
	return lines
}

// TestSecondNameFollowsFromTheFirst: what greylists it must hear of it again.
func TestSecondNameFollowsFromTheFirst(t *testing.T) {
	first := new(run)
	first.Scanner = new(Scanner)
	name := first.randomLocal()
	if got, again := unlike(name), unlike(name); got != again || got == name || len(got) < 10 {
		t.Errorf("%s after %s, then %s", got, name, again)
	}
	if unlike(name) == unlike(first.randomLocal()) {
		t.Error("two random mailboxes share a second name")
	}
}
