package audit

import (
	"slices"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/dane"
)

func dnssecChecks() []check {
	return []check{
		{
			id: "mx_dnssec_absent", title: "the MX records are not signed", reference: "RFC 7672 s2.2.1", scope: ScopeDomain,
			explain: "Without DNSSEC whoever forges DNS answers chooses the exchanger. DANE needs signed MX records first of all.",
			domain:  mxUnsigned,
		},
		{
			id: "exchanger_dnssec_absent", title: "an exchanger's zone is not signed", reference: "RFC 7672 s2.2.2", scope: ScopeExchanger,
			explain: "The domain's own zone is signed and the exchanger's is not. DANE cannot apply, and only the exchanger's owner can change that.",
			domain:  exchangerUnsigned,
		},
	}
}

// trusted are the DANE facts from a resolver whose word on DNSSEC counts.
func (d *domain) trusted() []dane.Facts {
	list := slices.DeleteFunc(slices.Clone(d.DANE), func(f dane.Facts) bool { return f.Status == dane.Untrusted || f.Status == "" })
	slices.SortStableFunc(list, func(a, b dane.Facts) int { return d.order(a.Host) - d.order(b.Host) })
	return list
}

// order is a host's place in the route.
func (d *domain) order(name string) int {
	return slices.IndexFunc(d.hosts, func(h mx.Host) bool { return h.Name == name })
}

func mxUnsigned(d *domain) faults {
	if d.Route.Secure || !d.Route.DNS.Final() || !slices.ContainsFunc(d.trusted(), func(f dane.Facts) bool { return f.Status == dane.Insecure }) {
		return nil
	}
	return found("the answer about MX of %s was not validated", d.Domain)
}

func exchangerUnsigned(d *domain) faults {
	var out faults
	for _, f := range d.trusted() {
		at := d.order(f.Host)
		if d.Route.Secure && f.Status == dane.Insecure && at >= 0 && !d.hosts[at].Secure {
			out = append(out, found("the answers about %s were not validated", f.Host).at(f.Host)...)
		}
	}
	return out
}
