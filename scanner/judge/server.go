package judge

import (
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

// withoutSMTPUTF8 judges an address whose every exchanger was asked and does
// not offer what the address needs (RFC 6531 s3.5 (2)).
func withoutSMTPUTF8(facts Facts) (Verdict, bool) {
	asked := make(map[string]bool)
	var evidence probe.Outcome
	for _, o := range facts.Attempts {
		if o.Rule == probe.RuleNoSMTPUTF8 {
			asked[o.Host] = true
			evidence = o
		}
	}
	if len(asked) == 0 {
		return Verdict{}, false
	}
	for _, host := range facts.Route.Hosts {
		if host.Usable() && !asked[host.Name] {
			return Verdict{Reason: CannotVerify, Evidence: evidence}, true
		}
	}
	return Verdict{Reason: SMTPUTF8Unsupported, Evidence: evidence}, true
}
