package judge

import (
	"net/netip"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
)

func syntaxSpecimens() []specimen {
	noAt := &address.Error{Input: "ann.example.org", Offset: -1, Rule: address.RuleNoAt, Reason: `there is no "@"`}
	byGrammar := verdict(Undeliverable, BadSyntax, Recipient, CatchAllNotRun, `there is no "@"`)
	byGrammar.Evidence.Rule = "syntax/no_at"
	return []specimen{
		{"what is no address is bad syntax, by the grammar's rule", Facts{Syntax: noAt}, byGrammar},
		{"what is no address cannot be excluded", Facts{Syntax: noAt, Fate: FateExcluded}, byGrammar},
		{"what is no address is so even where its domain answered", Facts{Syntax: noAt, Route: routed("mx.example.org"), Attempts: []probe.Outcome{rcpt(250, reply.MailboxExists, "2.1.5 Ok")}}, byGrammar},
	}
}

func routeSpecimens() []specimen {
	private := mx.Host{Name: "mail.example.org", DNS: resolver.NoError, Addresses: []netip.Addr{netip.MustParseAddr("10.0.0.1")}, Faults: []mx.Fault{mx.NotGlobal}}
	literal := mx.Host{Name: "192.0.2.1", Faults: []mx.Fault{mx.IPLiteral}}
	bare := mx.Host{Name: "gone.example.org", DNS: resolver.NXDomain, Faults: []mx.Fault{mx.NoAddress}}
	failing := mx.Host{Name: "slow.example.org", DNS: resolver.ServFail}
	usable := routed("mx.example.org").Hosts[0]
	to := func(hosts ...mx.Host) Facts {
		return Facts{Route: &mx.Route{Domain: "example.org", Source: mx.FromMX, DNS: resolver.NoError, Hosts: hosts}}
	}
	looked := func(source mx.Source, status resolver.Status) Facts {
		return Facts{Route: &mx.Route{Domain: "example.org", Source: source, DNS: status}}
	}
	nobodys := Facts{Route: &mx.Route{Domain: "host.invalid", Source: mx.None, Special: "RFC 6761", Detail: "host.invalid is a special-use name"}}
	nowhere := func(reason Reason, cites string) Verdict {
		return verdict(Undeliverable, reason, Domain, CatchAllNotRun, cites)
	}
	trouble := verdict(Unknown, DNSError, Network, CatchAllNotRun, "")
	return []specimen{
		{"NXDOMAIN is no domain", looked(mx.None, resolver.NXDomain), nowhere(NoDomain, "does not exist")},
		{"a special-use name is nobody's domain", nobodys, nowhere(NoDomain, "special-use")},
		{"a null MX takes no mail (RFC 7505)", looked(mx.Null, resolver.NoError), nowhere(NoMail, "null MX")},
		{"neither MX nor address is no mail", looked(mx.None, resolver.NoData), nowhere(NoMail, "neither MX nor address")},
		{"SERVFAIL is not NXDOMAIN", looked(mx.None, resolver.ServFail), trouble},
		{"REFUSED is not NXDOMAIN", looked(mx.None, resolver.Refused), trouble},
		{"DNS silence is not NXDOMAIN", looked(mx.None, resolver.Timeout), trouble},
		{"an exchanger at a private address is a bad MX", to(private), nowhere(BadMX, "mail.example.org: not_global")},
		{"an IP address for an exchanger's name is a bad MX", to(literal), nowhere(BadMX, "192.0.2.1: ip_literal")},
		{"every fault of every exchanger is named", to(private, literal, bare), nowhere(BadMX, "mail.example.org: not_global; 192.0.2.1: ip_literal; gone.example.org: no_address")},
		{"a route of an old file that names no exchanger", to(), nowhere(BadMX, "no exchanger")},
		{"an exchanger whose look-up failed may be good", to(private, failing), verdict(Unknown, DNSError, Network, CatchAllNotRun, "slow.example.org")},
		{"one usable exchanger is enough to be asked", to(private, failing, usable), verdict(Unknown, NotChecked, Us, CatchAllNotRun, "never asked; mail for it goes to ")},
	}
}
