// Package judge answers: what do the facts about one address amount to?
//
// It is a pure function from facts (the grammar's word, the mail route, every
// reply to the address and to its domain's random mailbox) to a Verdict with a
// reason, somebody to blame, and the evidence it stands on. It does no I/O and
// knows no clock, so last month's facts are judged again by today's rules.
//
// The order in which facts count:
//
//  1. what is no address is bad_syntax;
//  2. what the user excluded is excluded;
//  3. a domain that mail cannot be sent to is judged by its Route;
//  4. the last reply that is about the recipient decides, RCPT before VRFY;
//  5. else what all its exchangers say alike: no SMTPUTF8, or no mail at all;
//  6. else the last reply about anything: us, our sender, the server;
//  7. else how the last conversation broke, or why none took place.
//
// Three rules hold throughout. A 4xx never makes an address undeliverable
// (RFC 5321 s4.2.1: the same request may succeed later). A refusal of us never
// does: it says nothing of the mailbox. And what was not measured is not_run,
// never no.
//
// Of whole domains it says, as purely, whether they are for mail at all ([KindOf])
// and how a message fares at their exchangers with four kinds of sender
// ([Deliveries]).
package judge

import (
	"slices"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
)

// Judge gives the verdict on one address.
func Judge(facts Facts) Verdict {
	verdict := decide(facts)
	info := verdict.Reason.Info()
	verdict.Word, verdict.Blame = info.Word, info.Blame
	verdict.CatchAll = catchAll(facts.Random)
	return verdict
}

func decide(facts Facts) Verdict {
	switch {
	case facts.Syntax != nil:
		return note(BadSyntax, reply.Rule("syntax/"+facts.Syntax.Rule), facts.Syntax.Reason)
	case facts.Fate == FateExcluded:
		return note(Excluded, "scanner/excluded", "on the list of what is never asked")
	case facts.Route == nil:
		return unasked(facts.Fate)
	}
	if verdict, nowhere := byRoute(facts.Route); nowhere {
		return verdict
	}
	if outcome, ok := told(facts); ok {
		return byRecipient(outcome, facts)
	}
	if verdict, ok := byAllServers(facts); ok {
		return verdict
	}
	if facts.Fate == FateHarvest || facts.Fate == FateReluctant {
		return unasked(facts.Fate)
	}
	if outcome, ok := last(facts.Attempts, probe.Outcome.Answered); ok {
		return byServer(outcome)
	}
	if facts.Fate != Asked {
		return unasked(facts.Fate)
	}
	if len(facts.Attempts) > 0 {
		return byBreak(facts.Attempts[len(facts.Attempts)-1])
	}
	if facts.Fate == Asked {
		return note(NotChecked, "scanner/not_checked", "never asked; mail for it goes to "+firstHost(facts.Route))
	}
	return unasked(facts.Fate)
}

// firstHost is the exchanger that a sender would try first.
func firstHost(route *mx.Route) string {
	i := slices.IndexFunc(route.Hosts, mx.Host.Usable)
	return route.Hosts[i].Name // byRoute has seen to it that there is one
}

// told is the last answer that is about the recipient, RCPT's before VRFY's:
// it is RCPT that mail will meet. Only where RCPT takes every name does a VRFY
// that knows mailboxes apart tell more.
func told(facts Facts) (probe.Outcome, bool) {
	rcpt, answered := last(facts.Attempts, aboutRecipientAtRCPT)
	vrfy, verified := last(facts.Attempts, func(o probe.Outcome) bool { return isVrfy(o) && aboutRecipient(o) })
	if !answered || verified && takes(rcpt) && catchAll(facts.Random) == CatchAllYes && vrfyTells(facts.Random) {
		return vrfy, verified
	}
	return rcpt, true
}

// note is a verdict whose evidence is not a reply.
func note(reason Reason, rule reply.Rule, text string) Verdict {
	return Verdict{Reason: reason, Evidence: Evidence{Text: text, Rule: rule}}
}

func unasked(fate Fate) Verdict {
	reason := fate.reason()
	switch fate {
	case FateReluctant:
		return note(reason, "scanner/reluctant", "its provider objects to verifying without sending; --probe-reluctant asks all the same")
	case FateNoFamily:
		return note(reason, "scanner/no_family", "its exchangers have only IPv6 addresses, or only IPv4, and this machine does not use them")
	}
	return note(reason, reply.Rule("scanner/"+string(reason)), reason.Info().Meaning)
}

// last returns the latest attempt that holds.
func last(attempts []probe.Outcome, holds func(probe.Outcome) bool) (probe.Outcome, bool) {
	for i := len(attempts) - 1; i >= 0; i-- {
		if holds(attempts[i]) {
			return attempts[i], true
		}
	}
	return probe.Outcome{}, false
}
