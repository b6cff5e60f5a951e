package mx

import (
	"net/netip"
	"strings"

	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/mx/resolver"
)

// exchanger is the Host of one MX record, judged by its name alone.
func (r *Router) exchanger(exchange resolver.Exchange) Host {
	host := Host{Name: exchange.Name, Preference: exchange.Preference}
	host.Provider = ProviderOf(host.Name).ID
	if fault := nameFault(host.Name); fault != "" {
		host.Faults = []Fault{fault}
	}
	if host.Has(RootTarget) {
		host.Name = "."
	}
	if _, reserved := address.SpecialUse(host.Name); reserved && !r.AllowPrivate && !host.Has(Localhost) {
		host.Faults = append(host.Faults, Reserved)
	}
	return host
}

func nameFault(name string) Fault {
	switch {
	case name == "":
		return RootTarget
	case isIP(name):
		return IPLiteral
	case name == "localhost" || name == "localhost.localdomain" || strings.HasSuffix(name, ".localhost"):
		return Localhost
	case !isHostName(name):
		return BadName
	case !strings.Contains(name, "."):
		return SingleLabel
	}
	return ""
}

// isIP knows the ways in which people write an address where a name belongs:
// 192.0.2.1, 2001:db8::1, [192.0.2.1] and [IPv6:2001:db8::1].
func isIP(name string) bool {
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	_, err := netip.ParseAddr(strings.TrimPrefix(name, "ipv6:"))
	return err == nil
}

// isHostName is the LDH rule of RFC 1123 s2.1 and RFC 952.
func isHostName(name string) bool {
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.Trim(label, ldh) != "" {
			return false
		}
	}
	return len(name) <= 253
}

const ldh = "abcdefghijklmnopqrstuvwxyz0123456789-"

// lookedUp reports whether the host's name may be asked about. mx_1.example.org
// breaks the rules and works: DNS itself takes any octet (RFC 2181 s11).
func (h Host) lookedUp() bool {
	switch {
	case h.Has(RootTarget), h.Has(IPLiteral), h.Has(Localhost), h.Has(Reserved):
		return false
	case h.Has(BadName):
		return isHostName(strings.ReplaceAll(h.Name, "_", "x"))
	}
	return true
}
