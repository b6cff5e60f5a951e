package judge

import (
	"testing"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
)

func recipientSpecimens() []specimen {
	ok := rcpt(250, reply.MailboxExists, "2.1.5 Ok")
	noUser := rcpt(550, reply.UserUnknown, "5.1.1 no such user")
	yahoo := func(o probe.Outcome) Facts {
		facts := asked(at("mta7.am0.yahoodns.net", "203.0.113.25", o))
		facts.Route = routed("mta7.am0.yahoodns.net")
		return facts
	}
	recipient := func(word Word, reason Reason, catchAll CatchAllState, cites string) Verdict {
		return verdict(word, reason, Recipient, catchAll, cites)
	}
	notServed := func(cites string) Verdict {
		return verdict(Undeliverable, DomainNotServed, Domain, CatchAllNotRun, cites)
	}
	return []specimen{
		// The four states of the random mailbox.
		{"taken, and a mailbox that cannot exist was refused", asked(ok).with(noUser), recipient(Deliverable, Accepted, CatchAllNo, "2.1.5")},
		{"taken, as is a mailbox that cannot exist", asked(ok).with(ok), recipient(Risky, CatchAll, CatchAllYes, "2.1.5")},
		{"taken, and the random mailbox greylisted tells nothing", asked(ok).with(rcpt(451, reply.Greylisted, "4.7.1 later")), recipient(Deliverable, Accepted, CatchAllInconclusive, "2.1.5")},
		{"taken, and no random mailbox asked", asked(ok), recipient(Deliverable, Accepted, CatchAllNotRun, "2.1.5")},
		{"a random mailbox first greylisted, then refused", asked(ok).with(rcpt(451, reply.Greylisted, "later"), noUser), recipient(Deliverable, Accepted, CatchAllNo, "2.1.5")},
		{"a random mailbox first greylisted, then taken", asked(ok).with(rcpt(451, reply.Greylisted, "later"), ok), recipient(Risky, CatchAll, CatchAllYes, "2.1.5")},
		{"a random mailbox first refused, then greylisted", asked(ok).with(noUser, rcpt(451, reply.Greylisted, "later")), recipient(Deliverable, Accepted, CatchAllNo, "2.1.5")},
		{"one random mailbox taken, another refused: a pattern decides", asked(ok).with(ok, noUser), verdict(Unknown, CannotVerify, TheServer, CatchAllInconclusive, "2.1.5")},
		{"one random mailbox refused, another taken: a pattern decides", asked(ok).with(noUser, ok), verdict(Unknown, CannotVerify, TheServer, CatchAllInconclusive, "2.1.5")},
		{"where a pattern decides, a refusal is still one", asked(noUser).with(ok, noUser), recipient(Undeliverable, MailboxUnknown, CatchAllInconclusive, "5.1.1")},
		{"a random mailbox that is said to exist and is put off was not taken", asked(ok).with(rcpt(450, reply.MailboxExists, "4.2.1 at a rate")), recipient(Deliverable, Accepted, CatchAllInconclusive, "2.1.5")},
		{"a random mailbox unknown for now is not refused", asked(ok).with(rcpt(450, reply.UserUnknown, "4.1.1 unverified")), recipient(Deliverable, Accepted, CatchAllInconclusive, "2.1.5")},
		{"a random mailbox refused because of us is not refused", asked(ok).with(rcpt(550, reply.BlockedClient, "5.7.1 listed")), recipient(Deliverable, Accepted, CatchAllInconclusive, "2.1.5")},
		{"a greeting that reads like no such user says nothing of the random mailbox", asked(ok).with(said(smtp.Greeting, 554, reply.UserUnknown, "no such user")), recipient(Deliverable, Accepted, CatchAllInconclusive, "2.1.5")},
		{"VRFY that says 250 to everything tells nothing", asked(vrfy(250, reply.MailboxExists, "<ann@example.org>")).with(vrfy(250, reply.MailboxExists, "<zq@example.org>")), verdict(Unknown, CannotVerify, TheServer, CatchAllNotRun, "<ann@example.org>")},
		{"a catch-all whose VRFY knows the mailbox", asked(ok, vrfy(250, reply.MailboxExists, "<ann@example.org>")).with(ok, vrfy(550, reply.UserUnknown, "5.1.1")), recipient(Deliverable, Accepted, CatchAllYes, "<ann@example.org>")},
		{"a catch-all whose VRFY knows no such mailbox", asked(ok, vrfy(550, reply.UserUnknown, "5.1.1 who?")).with(ok, vrfy(550, reply.UserUnknown, "5.1.1")), recipient(Undeliverable, MailboxUnknown, CatchAllYes, "who?")},
		{"a catch-all whose VRFY says 252 to everything", asked(ok, vrfy(252, reply.Other, "cannot VRFY")).with(ok, vrfy(252, reply.Other, "cannot VRFY")), recipient(Risky, CatchAll, CatchAllYes, "2.1.5")},
		{"RCPT and VRFY disagree at a server that knows its mailboxes", asked(ok, vrfy(550, reply.UserUnknown, "5.1.1")).with(noUser, vrfy(550, reply.UserUnknown, "5.1.1")), recipient(Deliverable, Accepted, CatchAllNo, "2.1.5")},
		{"a full mailbox beside a made-up one that is not", asked(rcpt(452, reply.MailboxFull, "4.2.2 full")).with(noUser), recipient(Risky, MailboxFull, CatchAllNo, "full")},
		{"full for a made-up mailbox too is the server's own trouble", asked(rcpt(452, reply.MailboxFull, "4.2.2 full")).with(rcpt(452, reply.MailboxFull, "4.2.2 full")), verdict(Unknown, ServerError, TheServer, CatchAllInconclusive, "full")},
		{"disabled for a made-up mailbox too is a policy", asked(rcpt(550, reply.MailboxDisabled, "5.2.1 off")).with(rcpt(550, reply.MailboxDisabled, "5.2.1 off")), verdict(Unknown, RefusedByPolicy, TheServer, CatchAllInconclusive, "off")},
		{"one made-up name taken, another refused", asked(ok).with(ok, noUser), verdict(Unknown, CannotVerify, TheServer, CatchAllInconclusive, "2.1.5")},
		{"a catch-all that refuses this one mailbox", asked(noUser).with(ok), recipient(Undeliverable, MailboxUnknown, CatchAllYes, "5.1.1")},
		{"a catch-all that forwards everything", asked(rcpt(251, reply.MailboxExists, "will forward")).with(rcpt(251, reply.MailboxExists, "will forward")), recipient(Risky, CatchAll, CatchAllYes, "will forward")},

		{"251 is forwarded", asked(rcpt(251, reply.MailboxExists, "user not local; will forward")).with(noUser), recipient(Deliverable, Forwarded, CatchAllNo, "will forward")},
		{"a provider that takes everything until DATA", yahoo(ok), verdict(Unknown, CannotVerify, TheServer, CatchAllNotRun, "2.1.5")},
		{"a provider that takes everything until DATA is believed at VRFY", yahoo(vrfy(250, reply.MailboxExists, "<ann>")), recipient(Deliverable, Accepted, CatchAllNotRun, "<ann>")},
		{"a provider that takes everything and refuses all the same", yahoo(noUser), recipient(Undeliverable, MailboxUnknown, CatchAllNotRun, "5.1.1")},

		{"550 5.1.1 is no such mailbox", asked(noUser), recipient(Undeliverable, MailboxUnknown, CatchAllNotRun, "5.1.1")},
		{"a mailbox switched off", asked(rcpt(550, reply.MailboxDisabled, "5.2.1 disabled")), recipient(Undeliverable, MailboxDisabled, CatchAllNotRun, "5.2.1")},
		{"551 has moved", asked(rcpt(551, reply.MailboxMoved, "5.1.6 try elsewhere")), recipient(Undeliverable, MailboxMoved, CatchAllNotRun, "5.1.6")},
		{"a mailbox full for now", asked(rcpt(452, reply.MailboxFull, "4.2.2 over quota")), recipient(Risky, MailboxFull, CatchAllNotRun, "4.2.2")},
		{"a mailbox full for good", asked(rcpt(552, reply.MailboxFull, "5.2.2 over quota")), recipient(Risky, MailboxFull, CatchAllNotRun, "5.2.2")},
		{"relaying denied by the domain's own exchanger", asked(rcpt(554, reply.RelayDenied, "5.7.1 relay access denied")), notServed("relay access")},
		{"556 domain does not accept mail (RFC 7504)", asked(rcpt(556, reply.DomainNotAccepted, "domain takes no mail")), notServed("takes no mail")},

		// Which of several replies counts.
		{"greylisted, then no such mailbox", asked(rcpt(451, reply.Greylisted, "later"), noUser), recipient(Undeliverable, MailboxUnknown, CatchAllNotRun, "5.1.1")},
		{"no such mailbox, then blocked: the first was about the mailbox", asked(noUser, rcpt(554, reply.BlockedClient, "too many unknown")), recipient(Undeliverable, MailboxUnknown, CatchAllNotRun, "5.1.1")},
		{"no such mailbox, then taken by the next: the last one wins", asked(noUser, ok), recipient(Deliverable, Accepted, CatchAllNotRun, "2.1.5")},
		{"taken, then no such mailbox: the last one wins", asked(ok, noUser), recipient(Undeliverable, MailboxUnknown, CatchAllNotRun, "5.1.1")},
		{"RCPT goes before a VRFY that came later", asked(noUser, vrfy(250, reply.MailboxExists, "<ann>")), recipient(Undeliverable, MailboxUnknown, CatchAllNotRun, "5.1.1")},
		{"VRFY decides where RCPT said nothing", asked(rcpt(550, reply.PolicyOther, "5.7.1 no"), vrfy(550, reply.UserUnknown, "not here")), recipient(Undeliverable, MailboxUnknown, CatchAllNotRun, "not here")},
		{"252 is no answer", asked(vrfy(252, reply.Other, "cannot VRFY user")), verdict(Unknown, CannotVerify, TheServer, CatchAllNotRun, "cannot VRFY")},
	}
}

// TestTemporaryIsNeverUndeliverable goes through every meaning a 4xx may have,
// at every stage (RFC 5321 s4.2.1).
func TestTemporaryIsNeverUndeliverable(t *testing.T) {
	for _, stage := range stages {
		for _, meaning := range reply.Meanings {
			got := Judge(asked(said(stage, 450, meaning, "not now")))
			want := Unknown
			if meaning == reply.MailboxFull && (stage == smtp.Rcpt || stage == smtp.Vrfy) {
				want = Risky
			}
			if got.Word != want || got.Evidence.Text != "not now" {
				t.Errorf("450 %s at %s is %s (%s)", meaning, stage, got.Word, got.Reason)
			}
		}
	}
}

// TestOnlyRecipientStagesSpeakOfTheMailbox: Postfix says at RCPT what others say at
// MAIL, but no server knows the mailbox before RCPT or VRFY.
func TestOnlyRecipientStagesSpeakOfTheMailbox(t *testing.T) {
	about := []reply.Meaning{reply.MailboxExists, reply.UserUnknown, reply.MailboxFull, reply.MailboxDisabled, reply.MailboxMoved, reply.RelayDenied}
	for _, stage := range stages {
		if stage == smtp.Rcpt || stage == smtp.Vrfy {
			continue
		}
		for _, meaning := range about {
			for _, code := range []int{250, 450, 550} {
				if got := Judge(asked(said(stage, code, meaning, "words"))); got.Word != Unknown || got.Blame == Recipient {
					t.Errorf("%d %s at %s is %s (%s), blaming %s", code, meaning, stage, got.Word, got.Reason, got.Blame)
				}
			}
		}
	}
}

// TestOnly2xxIsDeliverable: words of acceptance under a code that refuses are
// no acceptance.
func TestOnly2xxIsDeliverable(t *testing.T) {
	for _, code := range []int{354, 450, 550} {
		if got := Judge(asked(rcpt(code, reply.MailboxExists, "recipient ok"))); got.Word != Unknown {
			t.Errorf("%d with words of acceptance is %s (%s)", code, got.Word, got.Reason)
		}
	}
}

var stages = [...]smtp.Stage{smtp.Connect, smtp.Greeting, smtp.Hello, smtp.StartTLS, smtp.TLS, smtp.Auth, smtp.Mail, smtp.Rcpt, smtp.Vrfy, smtp.Data, smtp.Quit}
