package judge

import (
	"testing"
	"time"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
)

func serverSpecimens() []specimen {
	server := func(reason Reason, cites string) Verdict {
		return verdict(Unknown, reason, TheServer, CatchAllNotRun, cites)
	}
	ours := func(reason Reason, cites string) Verdict { return verdict(Unknown, reason, Us, CatchAllNotRun, cites) }
	return []specimen{
		{"450 with a time to come back is greylisted", asked(rcpt(450, reply.Greylisted, "4.2.0 greylisted")), server(Greylisted, "4.2.0")},
		{"452 too many from you is rate limited", asked(rcpt(452, reply.RateLimited, "4.7.1 slow down")), server(RateLimited, "slow down")},
		{"a rate limit that calls itself permanent", asked(rcpt(550, reply.RateLimited, "daily limit")), server(RateLimited, "daily limit")},
		{"451 local error is the server's", asked(rcpt(451, reply.SystemError, "4.3.0 local error")), server(ServerError, "4.3.0")},
		{"554 disk trouble is the server's", asked(rcpt(554, reply.SystemError, "5.3.1 disk")), server(ServerError, "5.3.1")},
		{"451 next hop not reached is the server's", asked(rcpt(451, reply.NetworkError, "4.4.1 next hop")), server(ServerError, "4.4.1")},
		{"450 no such mailbox for now", asked(rcpt(450, reply.UserUnknown, "4.1.1 unverified address")), server(ServerError, "4.1.1")},
		{"450 in words nobody knows", asked(rcpt(450, reply.Other, "quux")), server(ServerError, "quux")},
		{"550 in words nobody knows", asked(rcpt(550, reply.Other, "quux")), server(CannotVerify, "quux")},
		{"501 the server cannot read our RCPT", asked(rcpt(501, reply.SyntaxError, "5.5.4 syntax")), server(CannotVerify, "5.5.4")},
		{"502 no VRFY here", asked(vrfy(502, reply.Unsupported, "5.5.1 no VRFY")), server(CannotVerify, "no VRFY")},
		{"530 login first", asked(rcpt(530, reply.AuthRequired, "5.7.0 authentication required")), server(AuthRequired, "authentication")},
		{"530 STARTTLS first", asked(said(smtp.Mail, 530, reply.TLSRequired, "5.7.0 STARTTLS first")), server(TLSRequired, "STARTTLS first")},
		{"550 5.7.1 without a word why", asked(rcpt(550, reply.PolicyOther, "5.7.1 rejected")), server(RefusedByPolicy, "5.7.1")},
		{"a greeting of 521: this host takes no mail, another may", asked(said(smtp.Greeting, 521, reply.PolicyOther, "takes no mail")), server(RefusedByPolicy, "takes no mail")},
		{"a greeting of 554: we are on a list", asked(said(smtp.Greeting, 554, reply.BlockedClient, "on a blocklist")), ours(ClientBlocked, "blocklist")},
		{"Postfix names the client at RCPT", asked(rcpt(554, reply.BlockedClient, "5.7.1 Client host rejected")), ours(ClientBlocked, "Client host")},
		{"Postfix names the sender at RCPT", asked(rcpt(550, reply.SenderRejected, "5.1.8 Sender address rejected")), ours(SenderRefused, "Sender address")},
		{"the null sender refused at MAIL", asked(said(smtp.Mail, 550, reply.SenderRejected, "5.7.1 null sender")), ours(SenderRefused, "null sender")},
		{"the last of the server's replies counts", asked(rcpt(450, reply.RateLimited, "slow"), rcpt(451, reply.Greylisted, "later")), server(Greylisted, "later")},
		{"a reply outranks the hang-up behind it", asked(rcpt(451, reply.Greylisted, "later"), broke(smtp.Rcpt, smtp.Hangup)), server(Greylisted, "later")},
	}
}

func breakSpecimens() []specimen {
	network := func(reason Reason, cites string) Verdict {
		return verdict(Unknown, reason, Network, CatchAllNotRun, cites)
	}
	server := verdict(Unknown, ServerError, TheServer, CatchAllNotRun, "")
	return []specimen{
		{"nothing listens there", asked(broke(smtp.Connect, probe.ConnRefused)), network(Unreachable, "refused")},
		{"no route to the host", asked(broke(smtp.Connect, probe.NoRoute)), network(Unreachable, "unreachable")},
		{"our proxy failed", asked(broke(smtp.Connect, probe.ProxyFailed)), network(Unreachable, "proxy")},
		{"reset before a word was said", asked(broke(smtp.Connect, smtp.Reset)), network(Unreachable, "reset")},
		{"a greeting that never came", asked(broke(smtp.Greeting, smtp.Timeout)), network(Timeout, "timeout")},
		{"a connection that took too long", asked(broke(smtp.Connect, smtp.Timeout)), network(Timeout, "timeout")},
		{"a hang-up at RCPT", asked(broke(smtp.Rcpt, smtp.Hangup)), server},
		{"a reset after EHLO", asked(broke(smtp.Hello, smtp.Reset)), server},
		{"what came is not SMTP", asked(broke(smtp.Greeting, smtp.Protocol)), server},
		{"both handshakes failed", asked(broke(smtp.TLS, smtp.TLSFailed)), network(Unreachable, "tls")},
		{"an address we do not go to was not checked", asked(broke(smtp.Connect, probe.NotAllowed)), verdict(Unknown, NotChecked, Us, CatchAllNotRun, "not_allowed")},
		{"cut off by us at RCPT", asked(broke(smtp.Rcpt, smtp.Cancelled)), verdict(Unknown, Interrupted, Us, CatchAllNotRun, "cancelled")},
		{"the last break counts", asked(broke(smtp.Connect, probe.ConnRefused), broke(smtp.Greeting, smtp.Timeout)), network(Timeout, "timeout")},
	}
}

func fateSpecimens() []specimen {
	ours := func(reason Reason, cites string) Verdict { return verdict(Unknown, reason, Us, CatchAllNotRun, cites) }
	unknown := rcpt(550, reply.UserUnknown, "5.1.1 no such user")
	mailboxUnknown := verdict(Undeliverable, MailboxUnknown, Recipient, CatchAllNotRun, "5.1.1")
	return []specimen{
		{"excluded, and never looked up", Facts{Fate: FateExcluded}, ours(Excluded, "list of what is never asked")},
		{"excluded outranks a route that leads nowhere", Facts{Route: routed(), Fate: FateExcluded}, ours(Excluded, "never asked")},
		{"its domain was stopped", asked().fated(FateHarvest), ours(HarvestGuard, "address harvesting")},
		{"its domain was stopped while it waited out a greylisting", asked(rcpt(451, reply.Greylisted, "later")).fated(FateHarvest), ours(HarvestGuard, "address harvesting")},
		{"its provider objects to being asked", asked().fated(FateReluctant), verdict(Unknown, CannotVerify, TheServer, CatchAllNotRun, "--probe-reluctant")},
		{"its exchangers have only addresses of a family we do not use", asked().fated(FateNoFamily), verdict(Unknown, Unreachable, Network, CatchAllNotRun, "only IPv6")},
		{"cut off in mid-conversation", asked().fated(FateCutOff), ours(Interrupted, "cut off")},
		{"never reached", asked().fated(FateNotReached), ours(NotChecked, "never asked")},
		{"never looked up", Facts{}, ours(NotChecked, "never asked")},
		{"the deadline came before the route", Facts{Fate: FateTimedOut}, verdict(Unknown, Timeout, Network, CatchAllNotRun, "no answer came in time")},
		{"the deadline came before the reply", asked().fated(FateTimedOut), verdict(Unknown, Timeout, Network, CatchAllNotRun, "no answer came in time")},
		{"cut off after a broken conversation", asked(broke(smtp.Rcpt, smtp.Hangup)).fated(FateCutOff), ours(Interrupted, "cut off")},
		{"a reply about the mailbox outranks the harvest guard", asked(unknown).fated(FateHarvest), mailboxUnknown},
		{"a reply about the mailbox outranks the cut", asked(unknown).fated(FateCutOff), mailboxUnknown},
		{"taken, and cut off before the random mailbox was asked", asked(rcpt(250, reply.MailboxExists, "2.1.5 Ok")).fated(FateNotReached), ours(Interrupted, "2.1.5")},
		{"taken, and the deadline came before the random mailbox's answer", asked(rcpt(250, reply.MailboxExists, "2.1.5 Ok")).fated(FateTimedOut), verdict(Unknown, Timeout, Network, CatchAllNotRun, "2.1.5")},
		{"a reply of the server outranks the deadline", asked(rcpt(451, reply.Greylisted, "later")).fated(FateTimedOut), verdict(Unknown, Greylisted, TheServer, CatchAllNotRun, "later")},
	}
}

func smtputf8Specimens() []specimen {
	lacks := said(smtp.Hello, 0, reply.Unsupported, "SMTPUTF8 is not offered")
	lacks.Rule = probe.RuleNoSMTPUTF8
	two := func(attempts ...probe.Outcome) Facts {
		return Facts{Route: routed("a.example.org", "b.example.org"), Attempts: attempts}
	}
	inA, inA2, inB := at("a.example.org", "203.0.113.1", lacks), at("a.example.org", "203.0.113.2", lacks), at("b.example.org", "203.0.113.3", lacks)
	later := at("a.example.org", "203.0.113.2", rcpt(451, reply.Greylisted, "later"))
	unsupported := verdict(Undeliverable, SMTPUTF8Unsupported, Domain, CatchAllNotRun, "not offered")
	undecided := verdict(Unknown, CannotVerify, TheServer, CatchAllNotRun, "not offered")
	greylisted := verdict(Unknown, Greylisted, TheServer, CatchAllNotRun, "later")
	return []specimen{
		{"SMTPUTF8 is needed and the only exchanger lacks it", asked(lacks), unsupported},
		{"SMTPUTF8 is lacking after a handshake that failed", asked(broke(smtp.TLS, smtp.TLSFailed), lacks), unsupported},
		{"both exchangers lack SMTPUTF8", two(inA, inB), unsupported},
		{"every address of both exchangers lacks SMTPUTF8", two(inA, inA2, inB), unsupported},
		{"the other exchanger was not asked for SMTPUTF8", two(inA), undecided},
		{"the other exchanger was not reached to be asked for SMTPUTF8", two(inA, at("b.example.org", "203.0.113.3", broke(smtp.Connect, probe.ConnRefused))), undecided},
		{"one address of the pool was not reached to be asked for SMTPUTF8", two(inA, at("a.example.org", "203.0.113.2", broke(smtp.Greeting, smtp.Timeout)), inB), undecided},
		{"one address of the pool has SMTPUTF8 and greylists", two(inA, later, inB), greylisted},
		{"the other exchanger has SMTPUTF8 and greylists", two(inA, at("b.example.org", "203.0.113.3", later)), greylisted},
		{"the other exchanger has SMTPUTF8 and takes it", two(inA, at("b.example.org", "203.0.113.3", rcpt(250, reply.MailboxExists, "2.1.5 Ok"))), verdict(Deliverable, Accepted, Recipient, CatchAllNotRun, "2.1.5")},
	}
}

// hostTakesNoMailSpecimens: 521 says it of one host only (RFC 7504 s3).
func hostTakesNoMailSpecimens() []specimen {
	says521 := said(smtp.Greeting, 521, reply.PolicyOther, "takes no mail")
	says521.Rule = reply.HostTakesNoMail
	inA, inA2, inB := at("a.example.org", "203.0.113.1", says521), at("a.example.org", "203.0.113.2", says521), at("b.example.org", "203.0.113.3", says521)
	two := func(attempts ...probe.Outcome) Facts {
		return Facts{Route: routed("a.example.org", "b.example.org"), Attempts: attempts}
	}
	refused := verdict(Unknown, RefusedByPolicy, TheServer, CatchAllNotRun, "takes no mail")
	return []specimen{
		{"every exchanger says that it takes no mail at all", two(inA, inB), verdict(Undeliverable, DomainNotServed, Domain, CatchAllNotRun, "takes no mail")},
		{"one exchanger takes no mail, the other was not asked", two(inA), refused},
		{"one exchanger takes no mail, the other was not reached", two(inA, at("b.example.org", "203.0.113.3", broke(smtp.Connect, probe.ConnRefused))), refused},
		{"one address of the pool takes no mail, another was silent", two(inA, at("a.example.org", "203.0.113.2", broke(smtp.Greeting, smtp.Timeout)), inB), refused},
		{"every address of both exchangers takes no mail", two(inA, inA2, inB), verdict(Undeliverable, DomainNotServed, Domain, CatchAllNotRun, "takes no mail")},
		{"one exchanger takes no mail, the other knows the mailbox", two(inA, at("b.example.org", "203.0.113.3", rcpt(250, reply.MailboxExists, "2.1.5 Ok"))), verdict(Deliverable, Accepted, Recipient, CatchAllNotRun, "2.1.5")},
		{"one exchanger takes no mail, the other greylists", two(inA, at("b.example.org", "203.0.113.3", rcpt(451, reply.Greylisted, "later"))), verdict(Unknown, Greylisted, TheServer, CatchAllNotRun, "later")},
	}
}

// TestRefusalOfUsIsNeverUndeliverable goes through every stage and class.
func TestRefusalOfUsIsNeverUndeliverable(t *testing.T) {
	want := map[reply.Meaning]Reason{reply.BlockedClient: ClientBlocked, reply.SenderRejected: SenderRefused}
	for meaning, reason := range want {
		for _, stage := range stages {
			for _, code := range []int{421, 450, 451, 501, 521, 530, 550, 553, 554, 556, 571} {
				if got := Judge(asked(said(stage, code, meaning, "not you"))); got.Reason != reason || got.Word != Unknown || got.Blame != Us {
					t.Errorf("%d %s at %s is %s (%s), blaming %s", code, meaning, stage, got.Word, got.Reason, got.Blame)
				}
			}
		}
	}
}

// TestGreylistedSaysWhenToComeBack: after what the server states; postgrey lets
// nobody in before five minutes by default, so a shorter guess would be in vain.
func TestGreylistedSaysWhenToComeBack(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"4.2.0 Greylisted, try again in 3600 seconds":                               time.Hour,
		"4.7.1 Greylisting in action, please come back in 00:10:00":                 10 * time.Minute,
		"4.2.0 Greylisted, see http://postgrey.schweikert.ch/help/example.org.html": 6 * time.Minute,
		"4.2.0 Greylisted, try again in 0 seconds":                                  6 * time.Minute,
	} {
		got := Judge(asked(rcpt(451, reply.Greylisted, text)))
		if wait := got.RetryAt.Sub(noon); wait != want {
			t.Errorf("to be asked again after %v, want %v: %s", wait, want, text)
		}
	}
}
