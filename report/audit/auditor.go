package audit

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/mxvet/mxvet/mx/dane"
	"github.com/mxvet/mxvet/scanner"
)

// Options of an Auditor; the zero value is fine.
type Options struct {
	Now      time.Time // the time at which certificates and policies count; zero judges no dates
	Policy   *Policy
	Baseline *Baseline
}

// Auditor makes findings from rows. It is used from one goroutine, takes rows in
// the order of the output (a domain's servers before the domain) and is closed
// once. It keeps a few hundred octets of each server and the names of domains,
// and nothing of other rows.
type Auditor struct {
	options Options
	checks  []*check
	graded  map[string]grade

	servers []*seen
	byHost  map[place][]*seen
	shakes  map[handshake]*handshake
	strings map[string]string

	names   []string         // of domains, by number
	classes []*settings      // what the policy says of each, by number
	numbers map[string]int32 // of domains, by name

	waiting map[*check]map[spot]*waits // faults of exchangers and servers that domains showed
}

// place is a host name at one of its addresses, whatever the port.
type place struct {
	host string
	ip   netip.Addr
}

// spot is what a fault is about: an exchanger, or one of its servers.
type spot struct {
	host string
	addr netip.AddrPort
}

// waits is a fault and the domains that it touches.
type waits struct {
	words
	domains []int32
}

// New makes an Auditor.
func New(options Options) *Auditor {
	return &Auditor{
		options: options, checks: checks(), graded: grades(),
		byHost: map[place][]*seen{}, shakes: map[handshake]*handshake{}, strings: map[string]string{},
		numbers: map[string]int32{}, waiting: map[*check]map[spot]*waits{},
	}
}

// Put takes a row and returns what is wrong with a domain's own zone. Rows that
// are neither a server's nor a domain's say nothing. The row is not kept.
func (a *Auditor) Put(row scanner.Row) []*scanner.FindingRow {
	switch row := row.(type) {
	case *scanner.ServerRow:
		a.putServer(row)
	case *scanner.DomainRow:
		if row.Error == "" && row.Domain != "" {
			return a.putDomain(row)
		}
	}
	return nil
}

func (a *Auditor) putServer(row *scanner.ServerRow) {
	s := a.trim(row)
	for _, name := range row.Domains {
		s.claimed = append(s.claimed, a.number(name, nil))
	}
	for _, c := range a.checks {
		if c.server == nil {
			continue
		}
		if f := c.server(&server{row, a.options.Now}); len(f) > 0 {
			s.held = append(s.held, held{c, a.thrifty(join(f))})
		}
	}
	a.servers = append(a.servers, s)
	at := place{s.host, s.ip}
	a.byHost[at] = append(a.byHost[at], s)
}

// thrifty keeps one copy of the words that many servers have in common.
func (a *Auditor) thrifty(w words) words {
	return words{evidence: a.share(w.evidence), fix: a.share(w.fix), where: a.share(w.where)}
}

// number gives a domain its number, and the policy's settings by its first row.
func (a *Auditor) number(name string, columns scanner.Columns) int32 {
	if n, ok := a.numbers[name]; ok {
		return n
	}
	n := int32(len(a.names))
	a.names = append(a.names, name)
	a.classes = append(a.classes, a.options.Policy.of(name, columns))
	a.numbers[name] = n
	return n
}

func (a *Auditor) putDomain(row *scanner.DomainRow) []*scanner.FindingRow {
	class := a.options.Policy.of(row.Domain, row.Columns)
	d := newDomain(row, a.options.Now, class)
	number := a.number(row.Domain, row.Columns)
	a.classes[number] = class
	a.link(d, number)
	var out []*scanner.FindingRow
	for _, c := range a.checks {
		f := c.of(d)
		if len(f) == 0 {
			continue
		}
		if c.scope != ScopeDomain {
			a.wait(c, f, number)
			continue
		}
		if finding := a.finding(c, join(f), []*settings{class}); finding != nil {
			finding.Domain, finding.Columns = row.Domain, row.Columns
			out = append(out, a.accept(finding))
		}
	}
	slices.SortStableFunc(out, func(x, y *scanner.FindingRow) int { return cmp.Compare(y.Severity.Rank(), x.Severity.Rank()) })
	return out
}

// of makes a check of a domain, where it is one that is asked of it.
func (c *check) of(d *domain) faults {
	asks := c.asks
	if asks == nil {
		asks = takesMail
	}
	switch {
	case c.server != nil || !asks(d):
		return nil
	case c.expect == nil:
		return c.domain(d)
	case d.class == nil:
		return nil
	default:
		return c.expect(d, d.class.expect)
	}
}

// link finds the servers of a domain's exchangers, and tells them of it.
func (a *Auditor) link(d *domain, number int32) {
	mail := takesMail(d)
	for _, host := range d.hosts {
		for _, ip := range host.Addresses {
			for _, s := range a.byHost[place{host.Name, ip}] {
				d.servers = append(d.servers, s)
				s.spared = s.spared || !mail
				if n := len(s.domains); mail && (n == 0 || s.domains[n-1] != number) {
					s.domains = append(s.domains, number)
				}
			}
		}
	}
	for _, f := range d.DANE {
		for _, match := range f.Matches {
			for _, s := range a.byHost[place{f.Host, match.IP}] {
				s.vouched = s.vouched || f.Status == dane.Usable && match.Verdict == dane.Matched && s.port == f.Port
			}
		}
	}
}

// wait keeps faults of exchangers and servers until all domains are known. The
// first domain's words stay.
func (a *Auditor) wait(c *check, all faults, number int32) {
	spots := a.waiting[c]
	if spots == nil {
		spots = map[spot]*waits{}
		a.waiting[c] = spots
	}
	for _, f := range all {
		about := spot{host: f.host}
		if f.on != nil {
			about.host, about.addr = f.on.host, netip.AddrPortFrom(f.on.ip, f.on.port)
		}
		w := spots[about]
		if w == nil {
			about.host = a.share(about.host)
			w = &waits{words: a.thrifty(f.words)}
			spots[about] = w
		}
		if n := len(w.domains); n == 0 || w.domains[n-1] != number {
			w.domains = append(w.domains, number)
		}
	}
}

// join makes one fault of several about the same, so that a finding has one key.
func join(all faults) words {
	out := all[0].words
	for _, f := range all[1:] {
		out.evidence += "; " + f.evidence
		if f.fix != "" {
			out.fix, out.where = out.fix+"\n"+f.fix, cmp.Or(out.where, f.where)
		}
	}
	return out
}

// finding is a fault under its check's name, with the severity that the policy
// gives it for the domains it touches: the worst of theirs. It is nil where the
// policy leaves it out for all of them.
func (a *Auditor) finding(c *check, w words, classes []*settings) *scanner.FindingRow {
	severity, kept := scanner.Severity(""), false
	for _, class := range classes {
		if one := class.severity(c.id, a.graded[c.id].severity); one != "" && (!kept || one.Rank() > severity.Rank()) {
			severity, kept = one, true
		}
	}
	if !kept {
		return nil
	}
	return &scanner.FindingRow{
		Type: "finding", ID: c.id, Severity: severity, Title: c.title,
		Evidence: w.evidence, Reference: c.reference, Fix: w.fix, Where: w.where,
	}
}

func (a *Auditor) accept(f *scanner.FindingRow) *scanner.FindingRow {
	f.Accepted = a.options.Baseline.Knows(f)
	return f
}
