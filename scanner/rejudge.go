package scanner

import (
	"strings"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/tlsinfo"
	"github.com/mxvet/mxvet/scanner/judge"
)

// Rejudge gives a stored row the verdict that today's rules give on its facts.
// Replies are read anew and nobody is asked. What was taken for an address
// stays one, and what was refused as none keeps its reason.
func (row *VerdictRow) Rejudge() {
	for i := range row.Attempts {
		reread(&row.Attempts[i])
	}
	row.judged(judge.Judge(row.Facts()))
}

// Facts are what a row's verdict was made from.
func (row *VerdictRow) Facts() judge.Facts {
	facts := judge.Facts{Fate: row.Fate}
	if row.Address == nil {
		facts.Syntax = row.syntax()
	}
	if row.Route != nil {
		facts.Route = row.route()
	}
	for _, o := range row.Attempts {
		if o.Kind == probe.RandomKind {
			facts.Random = append(facts.Random, o)
		} else {
			facts.Attempts = append(facts.Attempts, o)
		}
	}
	return facts
}

// syntax is why the input was no address, as its evidence says.
func (row *VerdictRow) syntax() *address.Error {
	return &address.Error{Input: row.Input, Offset: -1, Rule: syntaxRule(row.Evidence.Rule), Reason: row.Evidence.Text}
}

func syntaxRule(rule reply.Rule) string {
	const prefix = len("syntax/")
	return string(rule[min(prefix, len(rule)):])
}

func (row *VerdictRow) route() *mx.Route {
	facts := row.Route
	route := &mx.Route{Source: facts.Source, DNS: facts.DNS, Secure: facts.Secure, Hosts: facts.Hosts,
		Aliases: facts.Aliases, Detail: facts.Detail, Special: facts.Special}
	if row.Domain != nil {
		route.Domain = *row.Domain
	}
	return route
}

// reread reads the reply of an outcome by today's rules. What has no reply, or
// was not read from one, stays as it is.
func reread(o *probe.Outcome) {
	if !o.Answered() || o.Rule == probe.RuleNoSMTPUTF8 {
		return
	}
	said := smtp.Reply{Code: o.Code, Lines: strings.Split(o.Text, "\n")}
	o.Meaning, o.Rule = reply.Classify(o.Stage, mx.ProviderOf(o.Host).ID, said)
}

// Rejudge gives a stored domain the kind and the outcomes that today's rules
// give on its facts. Servers are those of its exchangers, whole or by ForDomains.
func (row *DomainRow) Rejudge(servers []*probe.Server) {
	if row.Error != "" {
		return
	}
	facts := &row.Route
	route := &mx.Route{Domain: row.Domain, Source: facts.Source, DNS: facts.DNS, Secure: facts.Secure, Hosts: facts.Hosts,
		Aliases: facts.Aliases, Detail: facts.Detail, Special: facts.Special}
	row.Kind = judge.KindOf(route, row.Promises)
	row.Deliveries = judge.Deliveries(route, row.Promises, servers)
}

// ForDomains is the part of a server that its domains are judged by; it keeps
// nothing else alive.
func ForDomains(s *probe.Server) *probe.Server {
	part := &probe.Server{Host: s.Host, IP: s.IP, Port: s.Port, Reachable: s.Reachable, Why: s.Why,
		StartTLS: s.StartTLS, TLSWhy: s.TLSWhy, Failure: s.Failure}
	if s.Plain != nil {
		part.Plain = &probe.Hello{Verb: s.Plain.Verb}
	}
	if s.Encrypted != nil {
		part.Encrypted = &probe.Hello{Verb: s.Encrypted.Verb}
		if s.Encrypted.Extensions.Has(smtp.ExtRequireTLS) {
			part.Encrypted.Extensions = smtp.Extensions{{Keyword: smtp.ExtRequireTLS}}
		}
	}
	if s.TLS != nil {
		part.TLS = &tlsinfo.Facts{PKIX: s.TLS.PKIX}
	}
	return part
}
