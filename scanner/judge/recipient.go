package judge

import (
	"slices"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
)

// aboutRecipient reports whether a reply settles something about the mailbox
// or its domain. Only RCPT and VRFY can speak of either: that a host takes no
// mail at all (521, RFC 7504 s3) is for all exchangers together to say. A 4xx
// settles nothing but that a full mailbox exists.
func aboutRecipient(o probe.Outcome) bool {
	permanent := o.Code >= 500
	switch o.Meaning {
	case reply.MailboxExists:
		return atMailbox(o) && o.Code/100 == 2
	case reply.UserUnknown, reply.MailboxDisabled, reply.MailboxMoved:
		return atMailbox(o) && permanent
	case reply.MailboxFull:
		return atMailbox(o) && o.Code >= 400
	case reply.RelayDenied, reply.DomainNotAccepted:
		return atMailbox(o) && permanent
	default:
		return false
	}
}

func aboutRecipientAtRCPT(o probe.Outcome) bool { return o.Stage != smtp.Vrfy && aboutRecipient(o) }

func atMailbox(o probe.Outcome) bool { return o.Stage == smtp.Rcpt || o.Stage == smtp.Vrfy }

func byRecipient(o probe.Outcome, facts Facts) Verdict {
	reason := map[reply.Meaning]Reason{
		reply.UserUnknown:       MailboxUnknown,
		reply.MailboxDisabled:   MailboxDisabled,
		reply.MailboxMoved:      MailboxMoved,
		reply.MailboxFull:       MailboxFull,
		reply.RelayDenied:       DomainNotServed,
		reply.DomainNotAccepted: DomainNotServed,
	}[o.Meaning]
	switch {
	case o.Meaning == reply.MailboxExists:
		reason = acceptance(o, facts)
	case saidToAnybody(o, facts.Random) && o.Meaning == reply.MailboxFull:
		reason = ServerError // no quota of this mailbox: one that cannot exist has it too
	case saidToAnybody(o, facts.Random):
		reason = RefusedByPolicy
	}
	return Verdict{Reason: reason, Evidence: o}
}

// saidToAnybody reports whether a mailbox that cannot exist was answered alike,
// so that the reply is not about this one. That there is no such mailbox, or
// that the domain is not served, is true of both and stays.
func saidToAnybody(o probe.Outcome, random []probe.Outcome) bool {
	switch o.Meaning {
	case reply.MailboxFull, reply.MailboxDisabled, reply.MailboxMoved:
		return slices.ContainsFunc(random, func(r probe.Outcome) bool {
			return r.Stage == o.Stage && r.Code == o.Code && r.Enhanced == o.Enhanced && r.Rule == o.Rule
		})
	default:
		return false
	}
}

// acceptance weighs a 2xx. Where the random mailbox was taken too, or the
// provider is known to take everything until DATA, it tells nothing; and where
// we stopped before the random mailbox answered, it does not tell yet.
func acceptance(o probe.Outcome, facts Facts) Reason {
	switch {
	case isVrfy(o) && vrfyTells(facts.Random):
		return Accepted
	case isVrfy(o) && slices.ContainsFunc(facts.Random, func(o probe.Outcome) bool { return isVrfy(o) && takes(o) }):
		return CannotVerify
	case catchAll(facts.Random) == CatchAllYes:
		return CatchAll
	case takesSome(facts.Random):
		return CannotVerify
	case o.Stage == smtp.Rcpt && acceptsAll(facts.Route, o.Host):
		return CannotVerify
	case facts.Fate.cutShort() && catchAll(facts.Random) != CatchAllNo:
		return facts.Fate.halfway()
	case o.Code == 251:
		return Forwarded
	default:
		return Accepted
	}
}

func acceptsAll(route *mx.Route, host string) bool {
	return mx.ProviderOf(host).Policy == mx.AcceptsAll
}
