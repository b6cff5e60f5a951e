package judge

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
)

// byServer reads a reply that settles nothing about the recipient: it is about
// us, about the server, or about nothing that can be told.
func byServer(o probe.Outcome) Verdict {
	verdict := Verdict{Evidence: o}
	switch o.Meaning {
	case reply.Greylisted:
		verdict.Reason = Greylisted
		stated, _ := reply.Delay(o.Text)
		verdict.RetryAt = o.At.Add(cmp.Or(stated, greylistDelay))
	case reply.RateLimited:
		verdict.Reason = RateLimited
	case reply.BlockedClient:
		verdict.Reason = ClientBlocked
	case reply.SenderRejected:
		verdict.Reason = SenderRefused
	case reply.AuthRequired:
		verdict.Reason = AuthRequired
	case reply.TLSRequired:
		verdict.Reason = TLSRequired
	case reply.PolicyOther, reply.RelayDenied, reply.DomainNotAccepted: // the latter two for now only: Postfix says 454 to relaying
		verdict.Reason = RefusedByPolicy
	case reply.SystemError, reply.NetworkError:
		verdict.Reason = ServerError
	default:
		verdict.Reason = CannotVerify
		if o.Code/100 == 4 {
			verdict.Reason = ServerError // a passing trouble, whatever its words
		}
	}
	return verdict
}

// byBreak reads a conversation that ended without a reply.
func byBreak(o probe.Outcome) Verdict {
	verdict := Verdict{Reason: Unreachable, Evidence: o}
	switch o.Cause {
	case smtp.Timeout:
		verdict.Reason = Timeout
	case smtp.Cancelled:
		verdict.Reason = Interrupted
	case probe.NotAllowed:
		verdict.Reason = NotChecked
	case smtp.Hangup, smtp.Reset, smtp.Closing, smtp.Protocol:
		if o.Stage != smtp.Connect {
			verdict.Reason = ServerError // it was reached, and did not keep up the conversation
		}
	}
	return verdict
}

// byAllServers judges what no exchanger can say for the others: that it does
// not offer the SMTPUTF8 which the address needs (RFC 6531 s3.5), or that it
// takes no mail at all (RFC 7504 s3).
func byAllServers(facts Facts) (Verdict, bool) {
	if o, all := saidByAll(facts, reply.HostTakesNoMail); all {
		return Verdict{Reason: DomainNotServed, Evidence: o}, true
	}
	if o, all := saidByAll(facts, probe.RuleNoSMTPUTF8); all {
		return Verdict{Reason: SMTPUTF8Unsupported, Evidence: o}, true
	}
	if _, told := last(facts.Attempts, probe.Outcome.Answered); told {
		return Verdict{}, false
	}
	o, unasked := last(facts.Attempts, func(o probe.Outcome) bool { return o.Rule == probe.RuleNoSMTPUTF8 })
	return Verdict{Reason: CannotVerify, Evidence: o}, unasked
}

// saidByAll reports whether attempts ended by the rule at every server tried,
// and at one at least of each exchanger (a pool may have one node that differs),
// and returns the last of them.
func saidByAll(facts Facts, rule reply.Rule) (evidence probe.Outcome, all bool) {
	servers, hosts := make(map[netip.AddrPort]bool), make(map[string]bool)
	for _, o := range facts.Attempts {
		said := o.Rule == rule
		if said {
			evidence = o
		}
		server := netip.AddrPortFrom(o.IP, o.Port)
		servers[server] = servers[server] || said
		hosts[o.Host] = hosts[o.Host] || said
	}
	for _, said := range servers {
		if !said {
			return probe.Outcome{}, false
		}
	}
	silent := slices.ContainsFunc(facts.Route.Hosts, func(h mx.Host) bool { return h.Usable() && !hosts[h.Name] })
	return evidence, !silent && len(servers) > 0
}
