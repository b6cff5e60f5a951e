package scanner

import (
	"net/netip"
	"slices"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
)

// A way is one server and one manner of talking to it.
type way struct {
	Host     string
	Addr     netip.AddrPort
	Security probe.Security
	LockStep bool   // one command at a time, whatever is offered
	Egress   string // name of the way out; empty is any
}

// patience is how often a server may break off at one mailbox before the next
// server is tried.
const patience = 3

// next decides from what is known of one piece of work how to ask it next; ok
// is false where there is nothing more to ask. It is pure: a run that was cut
// off goes on from its facts.
//
// Servers are tried in the order of the route, every address of an exchanger
// before the next exchanger (RFC 5321 s5.1). What a server has said about the
// recipient, or about us, ends the search; silence, a hang-up, a temporary
// fault of its own or a missing extension do not.
func next(ways []way, attempts []probe.Outcome) (w way, ok bool) {
	if slices.ContainsFunc(attempts, final) {
		return way{}, false
	}
	for _, w := range ways {
		if w, again := w.after(attempts); again {
			return w, true
		}
	}
	return way{}, false
}

// final reports whether an outcome ends the search: once one exchanger has
// answered at MAIL or RCPT, the others are not asked, unless it only told of
// passing trouble of its own. A refusal of us ends it at any stage.
func final(o probe.Outcome) bool {
	switch {
	case !o.Answered(), o.Rule == probe.RuleNoSMTPUTF8:
		return false
	case o.Meaning == reply.BlockedClient, o.Meaning == reply.SenderRejected:
		return true
	case breaksOff(o), !asking(o), o.Stage == smtp.Vrfy && passing(o.Meaning):
		return false
	case o.Code/100 == 4:
		return !passing(o.Meaning)
	default:
		return true
	}
}

// passing trouble may be one server's alone.
func passing(meaning reply.Meaning) bool {
	switch meaning {
	case reply.SystemError, reply.NetworkError, reply.Other, reply.SyntaxError, reply.Unsupported:
		return true
	default:
		return false
	}
}

// after is the way to ask the same server after the attempts there were: with
// TLS where it offers it, once in clear where the handshake failed, again after
// it broke off, within patience, and once in lock-step where it lost its place.
func (w way) after(attempts []probe.Outcome) (again way, ok bool) {
	brokeOff, failedTLS, astray := 0, 0, 0
	for _, o := range attempts {
		switch {
		case o.IP != w.Addr.Addr() || o.Port != w.Addr.Port() || o.Host != w.Host:
		case o.Stage == smtp.TLS && !o.Answered():
			failedTLS++
		case breaksOff(o):
			brokeOff++
		case wentAstray(o):
			astray++
		default:
			return way{}, false // it has had its say
		}
	}
	if brokeOff >= patience || failedTLS > 1 || astray > 1 || failedTLS > 0 && w.Security == probe.Implicit {
		return way{}, false
	}
	if failedTLS > 0 {
		w.Security = probe.Clear
	}
	w.LockStep = astray > 0
	return w, true
}

// wentAstray reports whether a server fell silent or talked nonsense while it
// was being asked, as some do that offer PIPELINING and lose commands.
func wentAstray(o probe.Outcome) bool {
	return asking(o) && (o.Cause == smtp.Timeout || o.Cause == smtp.Protocol)
}

// breaksOff reports whether a session ended in the middle of its questions,
// which is no answer to this one: 421, a hang-up, 452 4.5.3 (too many
// recipients for one transaction).
func breaksOff(o probe.Outcome) bool {
	return asking(o) && (o.Code == 421 || o.Cause == smtp.Hangup || o.Cause == smtp.Reset || o.Cause == smtp.Closing || o.Rule == reply.TooManyRecipients || o.Rule == reply.OneDomainATime)
}

// asking reports whether a question about a mailbox had been put.
func asking(o probe.Outcome) bool {
	return o.Stage == smtp.Mail || o.Stage == smtp.Rcpt || o.Stage == smtp.Vrfy
}

// ways lists the servers of a route in the order they are tried.
func (s *Scanner) ways(route *mx.Route) []way {
	var out []way
	for _, host := range route.Hosts {
		if !host.Usable() || s.Exclude.Host(host.Name) {
			continue
		}
		for _, ip := range host.Addresses {
			if !s.mayDial(ip) {
				continue
			}
			for _, port := range s.ports() {
				out = append(out, way{Host: host.Name, Addr: netip.AddrPortFrom(ip, port), Security: securityOf(port)})
			}
		}
	}
	return out
}

// securityOf is how a port is talked to: 465 speaks TLS at once (RFC 8314 s3.3).
func securityOf(port uint16) probe.Security {
	if port == 465 {
		return probe.Implicit
	}
	return probe.Opportunistic
}
