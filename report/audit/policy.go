package audit

import (
	"slices"
	"strings"

	"github.com/mxvet/mxvet/scanner"
)

// Policy is what the user thinks of findings, for all domains and for groups of
// them. It is read from TOML:
//
//	ignore = ["caa_absent"]          # for all domains
//
//	[severity]
//	starttls_absent = "critical"
//
//	[expect]
//	min_tls = "1.2"
//
//	[[group]]                        # and for some
//	name = "partners"
//	domains = ["partner.example", "*.partner.example"]
//	columns = { owner = "finance" }  # of the input, all of them
//
//	[group.expect]
//	mta_sts = "enforce"
//
// A group is of the domains that one of its patterns fits, where it has any, and
// whose columns have the values, where it names any. *.partner.example is every
// name below partner.example. Where several groups are of one domain, the last
// word counts.
//
// A finding that touches several domains has the worst severity that it has for
// one of them, and is left out where it is ignored for all.
type Policy struct {
	groups  []group              // the first is of all domains
	classes map[string]*settings // by the groups that a domain is in
}

// group is one part of the file.
type group struct {
	Name     string            `toml:"name"`
	Domains  []string          `toml:"domains"`
	Columns  map[string]string `toml:"columns"`
	Ignore   []string          `toml:"ignore"`
	Severity map[string]string `toml:"severity"`
	Expect   Expect            `toml:"expect"`
}

// settings are what all groups of a domain say together. Nil says nothing.
type settings struct {
	ignore     map[string]bool
	severities map[string]scanner.Severity
	expect     Expect
}

// severity is how bad a finding is to this domain; empty where it is ignored.
func (s *settings) severity(id string, usual scanner.Severity) scanner.Severity {
	switch {
	case s == nil:
		return usual
	case s.ignore[id]:
		return ""
	case s.severities[id] != "":
		return s.severities[id]
	}
	return usual
}

// of are the settings for a domain, or for a server named by itself; nil for a
// nil Policy. Domains of the same groups share them.
func (p *Policy) of(name string, columns scanner.Columns) *settings {
	if p == nil {
		return nil
	}
	var key strings.Builder
	var groups []group
	for _, g := range p.groups {
		if g.has(name, columns) {
			key.WriteByte('1')
			groups = append(groups, g)
		} else {
			key.WriteByte('0')
		}
	}
	if one := p.classes[key.String()]; one != nil {
		return one
	}
	one := together(groups)
	p.classes[key.String()] = one
	return one
}

func (g group) has(name string, columns scanner.Columns) bool {
	if len(g.Domains) > 0 && !slices.ContainsFunc(g.Domains, func(pattern string) bool { return fits(pattern, name) }) {
		return false
	}
	for want, value := range g.Columns {
		if !slices.Contains(columns, scanner.Column{Name: want, Value: value}) {
			return false
		}
	}
	return true
}

func fits(pattern, name string) bool {
	if suffix, star := strings.CutPrefix(pattern, "*"); star {
		return strings.HasSuffix(name, suffix)
	}
	return pattern == name
}

func together(groups []group) *settings {
	out := &settings{ignore: map[string]bool{}, severities: map[string]scanner.Severity{}}
	for _, g := range groups {
		for _, id := range g.Ignore {
			out.ignore[id] = true
			delete(out.severities, id)
		}
		for id, severity := range g.Severity {
			out.severities[id] = scanner.Severity(severity)
			delete(out.ignore, id)
		}
		out.expect.add(g.Expect)
	}
	return out
}

// add takes over what another wants.
func (e *Expect) add(other Expect) {
	last(&e.StartTLS, other.StartTLS)
	last(&e.MinTLS, other.MinTLS)
	last(&e.Trusted, other.Trusted)
	last(&e.MinRSA, other.MinRSA)
	last(&e.PostQuantum, other.PostQuantum)
	last(&e.RequireTLS, other.RequireTLS)
	last(&e.DANE, other.DANE)
	last(&e.DNSSEC, other.DNSSEC)
	last(&e.IPv6, other.IPv6)
	last(&e.MTASTS, other.MTASTS)
	last(&e.TLSRPT, other.TLSRPT)
	last(&e.SPF, other.SPF)
	last(&e.DMARC, other.DMARC)
}

func last[T any](into **T, value *T) {
	if value != nil {
		*into = value
	}
}
