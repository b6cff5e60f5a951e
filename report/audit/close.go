package audit

import (
	"cmp"
	"fmt"
	"iter"
	"net/netip"
	"slices"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/scanner"
)

// Close gives what is wrong with exchangers, servers and providers: one finding
// each, with the domains that it touches. They come by the severity of their
// checks, the worst first, then by provider, host, address and port, and last
// what a policy expects of servers that no domain leads to. They are made one at
// a time, since there may be hundreds of thousands.
func (a *Auditor) Close() iter.Seq[*scanner.FindingRow] {
	return func(yield func(*scanner.FindingRow) bool) {
		for _, c := range a.bySeverity() {
			for _, t := range a.rolled(c, a.touched(c)) {
				if f := a.shared(c, t); f != nil && !yield(a.accept(f)) {
					return
				}
			}
		}
		a.lone(yield)
	}
}

// lone holds the servers that the user named against what is expected of them.
func (a *Auditor) lone(yield func(*scanner.FindingRow) bool) {
	for _, s := range a.servers {
		class := a.options.Policy.of(s.host, s.columns)
		if class == nil || s.spared || len(s.domains)+len(s.claimed) > 0 {
			continue
		}
		d := newDomain(&scanner.DomainRow{Domain: s.host}, a.options.Now, class)
		d.servers, d.lone = []*seen{s}, true
		for _, c := range a.checks {
			if c.expect == nil {
				continue
			}
			t := touched{host: s.host, addr: netip.AddrPortFrom(s.ip, s.port), class: class, columns: s.columns}
			if f := c.expect(d, class.expect); len(f) > 0 {
				t.words = join(f)
				if f := a.shared(c, t); f != nil && !yield(a.accept(f)) {
					return
				}
			}
		}
	}
}

func (a *Auditor) bySeverity() []*check {
	list := slices.DeleteFunc(slices.Clone(a.checks), func(c *check) bool { return c.scope == ScopeDomain })
	slices.SortStableFunc(list, func(x, y *check) int {
		return cmp.Compare(a.graded[y.id].severity.Rank(), a.graded[x.id].severity.Rank())
	})
	return list
}

// touched is a fault with all that it is about.
type touched struct {
	words
	provider string
	host     string
	addr     netip.AddrPort // zero for an exchanger
	domains  []int32
	class    *settings // of a server that no domain leads to
	columns  scanner.Columns
	more     int // servers of the provider with the same
}

// touched lists all faults of one check, in order.
func (a *Auditor) touched(c *check) []touched {
	var out []touched
	for _, s := range a.servers {
		for _, h := range s.held {
			if h.check == c && !(c.vouch && s.vouched) && !(s.spared && len(s.domains) == 0) {
				out = append(out, a.ofServer(s, h.words))
			}
		}
	}
	for about, w := range a.waiting[c] {
		out = append(out, touched{words: w.words, provider: mx.ProviderOf(about.host).ID, host: about.host, addr: about.addr, domains: w.domains})
	}
	slices.SortStableFunc(out, func(x, y touched) int {
		return cmp.Or(cmp.Compare(x.provider, y.provider), cmp.Compare(x.host, y.host), x.addr.Compare(y.addr))
	})
	return out
}

func (a *Auditor) ofServer(s *seen, w words) touched {
	t := touched{words: w, provider: mx.ProviderOf(s.host).ID, host: s.host, addr: netip.AddrPortFrom(s.ip, s.port), domains: s.domains}
	if len(t.domains) == 0 {
		t.domains = s.claimed
	}
	if len(t.domains) == 0 {
		t.columns, t.class = s.columns, a.options.Policy.of(s.host, s.columns)
	}
	return t
}

// rolled makes one of all faults at a provider's servers. Its customers cannot
// mend them, so that the line which would is left out.
func (a *Auditor) rolled(c *check, all []touched) []touched {
	var out []touched
	for _, t := range all {
		if t.provider == "" {
			out = append(out, t)
			continue
		}
		if n := len(out); n > 0 && out[n-1].provider == t.provider {
			out[n-1].more++
			out[n-1].domains = append(out[n-1].domains, t.domains...)
			continue
		}
		t.words = words{evidence: t.name() + ": " + t.evidence}
		t.domains = slices.Clone(t.domains)
		out = append(out, t)
	}
	return out
}

func (t touched) name() string {
	if !t.addr.IsValid() {
		return t.host
	}
	return (&seen{host: t.host, ip: t.addr.Addr(), port: t.addr.Port()}).String()
}

// shared is the finding of a fault; nil where the policy leaves it out.
func (a *Auditor) shared(c *check, t touched) *scanner.FindingRow {
	domains := slices.Clone(t.domains)
	slices.Sort(domains)
	domains = slices.Compact(domains)
	classes := []*settings{t.class}
	if len(domains) > 0 {
		classes = nil
	}
	var names []string
	for _, n := range domains {
		if a.classes[n].severity(c.id, scanner.Info) == "" {
			continue
		}
		names = append(names, a.names[n])
		if !slices.Contains(classes, a.classes[n]) {
			classes = append(classes, a.classes[n])
		}
	}
	f := a.finding(c, t.words, classes)
	if f == nil {
		return nil
	}
	f.Domains, f.Columns = names, t.columns
	if t.provider != "" {
		f.Provider = t.provider
		if t.more > 0 {
			f.Evidence += fmt.Sprintf(" (and %d more)", t.more)
		}
		return f
	}
	f.Host, f.IP, f.Port = t.host, t.addr.Addr(), t.addr.Port()
	return f
}

// Shared says how many domains a finding about a server or provider touches, in
// words; empty for fewer than two.
func Shared(f *scanner.FindingRow) string {
	if len(f.Domains) < 2 {
		return ""
	}
	return fmt.Sprintf("shared by %d of your domains", len(f.Domains))
}
