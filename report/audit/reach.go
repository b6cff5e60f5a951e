package audit

import (
	"cmp"

	"github.com/mxvet/mxvet/probe"
)

func reachChecks() []check {
	return []check{
		{
			id: "server_unreachable", title: "an exchanger's address refuses connections", reference: "RFC 5321 s5.1", scope: ScopeServer,
			explain: "The machine, or a router before it, says that nothing listens there. Senders lose time on it with every message, unless it is a decoy on purpose (nolisting).",
			server:  serverUnreachable,
		},
		{
			id: "ipv6_unreachable", title: "an exchanger's IPv6 address refuses connections", reference: "RFC 3974 s3", scope: ScopeServer,
			explain: "DNS has an AAAA record and nothing listens there. Senders with IPv6 try it first and lose time, and some give up.",
			server:  ipv6Unreachable,
		},
		{
			id: "host_refuses_mail", title: "a host that never accepts mail is used as an exchanger", reference: "RFC 7504 s3", scope: ScopeServer,
			explain: "The server says 521: no mail is ever taken here. Senders return mail at once, or go on to the next exchanger.",
			server:  hostRefusesMail,
		},
	}
}

// refused reports whether nothing listens where something should: a port for
// users is no exchanger's duty, unless the user named the very server.
func (s *server) refused() bool {
	return s.Reachable == probe.No && (!s.submission() || len(s.Domains) == 0)
}

func serverUnreachable(s *server) faults {
	if !s.refused() || s.IP.Is6() {
		return nil
	}
	return found("port %d: %s", s.Port, cmp.Or(quote(s.Why), "connection refused"))
}

func ipv6Unreachable(s *server) faults {
	if !s.refused() || !s.IP.Is6() {
		return nil
	}
	return found("port %d: %s", s.Port, cmp.Or(quote(s.Why), "connection refused"))
}

func hostRefusesMail(s *server) faults {
	if s.Greeting == nil || s.Greeting.Code != 521 {
		return nil
	}
	return found("greeting: %s", said(s.Greeting))
}
