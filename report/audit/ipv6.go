package audit

import (
	"slices"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
)

func ipv6Checks() []check {
	return []check{{
		id: "ipv6_missing", title: "no exchanger has an IPv6 address", reference: "RFC 3974 s3", scope: ScopeExchanger,
		explain: "Senders that have IPv6 alone cannot deliver. There are few of them yet.",
		domain:  ipv6Missing,
	}}
}

func ipv6Missing(d *domain) faults {
	if slices.ContainsFunc(d.hosts, hasIPv6) || slices.ContainsFunc(d.hosts, mx.Host.Pending) {
		return nil
	}
	var out faults
	for _, host := range d.hosts {
		if host.DNS == resolver.NoError && hasIPv4(host) && host.Usable() {
			out = append(out, found("%s has %s and no AAAA record", host.Name, addressesOf(host)).at(host.Name)...)
		}
	}
	return out
}
