package judge

import (
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
		verdict.RetryAt = o.At.Add(greylistDelay)
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
	case reply.PolicyOther:
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

// withoutSMTPUTF8 judges an address that a server was not asked about, since it
// does not offer what the address needs (RFC 6531 s3.5 (2)). It is undeliverable
// only where that is so of every server tried, and of one at each exchanger: a
// pool may have one node without the extension.
func withoutSMTPUTF8(facts Facts) (Verdict, bool) {
	evidence, found := last(facts.Attempts, lacksSMTPUTF8)
	if !found {
		return Verdict{}, false
	}
	if outcome, ok := last(facts.Attempts, probe.Outcome.Answered); ok {
		return byServer(outcome), true
	}
	if everywhere(facts) {
		return Verdict{Reason: SMTPUTF8Unsupported, Evidence: evidence}, true
	}
	return Verdict{Reason: CannotVerify, Evidence: evidence}, true
}

func lacksSMTPUTF8(o probe.Outcome) bool { return o.Rule == probe.RuleNoSMTPUTF8 }

// everywhere reports whether each server tried, and one at least of each
// exchanger, lacks SMTPUTF8.
func everywhere(facts Facts) bool {
	servers, hosts := make(map[netip.AddrPort]bool), make(map[string]bool)
	for _, o := range facts.Attempts {
		server := netip.AddrPortFrom(o.IP, o.Port)
		servers[server] = servers[server] || lacksSMTPUTF8(o)
		hosts[o.Host] = hosts[o.Host] || lacksSMTPUTF8(o)
	}
	for _, lacks := range servers {
		if !lacks {
			return false
		}
	}
	return !slices.ContainsFunc(facts.Route.Hosts, func(h mx.Host) bool { return h.Usable() && !hosts[h.Name] })
}
