package audit

import (
	"fmt"
	"strings"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner/judge"
)

func routeChecks() []check {
	return []check{
		{
			id: "domain_absent", title: "the domain does not exist", reference: "RFC 2308 s2.1", scope: ScopeDomain,
			explain: "DNS says that there is no such name. Mail to it comes back at once.",
			domain:  domainAbsent, asks: func(*domain) bool { return true },
		},
		{
			id: "no_exchanger_usable", title: "no MX record leads to a server", reference: "RFC 5321 s5.1", scope: ScopeDomain,
			explain: "There are MX records, and no name in them has an address that mail can be sent to. Mail comes back; the domain's own address does not count beside MX records.",
			domain:  noExchangerUsable, asks: meansMail,
		},
		{
			id: "no_exchanger_reachable", title: "no exchanger takes connections", reference: "RFC 5321 s4.5.4.1", scope: ScopeDomain,
			explain: "Every address of every exchanger refused the connection. Mail waits at its senders and comes back after some days.",
			domain:  noExchangerReachable,
		},
		{
			id: "mx_ip_address", title: "an MX record has an IP address for a name", reference: "RFC 1035 s3.3.9, RFC 5321 s5.1", scope: ScopeDomain,
			explain: "An MX record needs a host name; an address written there is looked up as a name and not found. Some senders guess what was meant, most do not.",
			domain:  mxIPAddress, asks: meansMail,
		},
		{
			id: "mx_name_unusable", title: "an MX record has a name that cannot be a mail server's", reference: "RFC 5321 s2.3.5", scope: ScopeDomain,
			explain: "The name is localhost, a single word, reserved, or not a host name at all. Senders skip it, or deliver to themselves.",
			domain:  mxNameUnusable, asks: meansMail,
		},
		{
			id: "null_mx_beside_others", title: "a null MX stands beside other MX records, or has a preference", reference: "RFC 7505 s3", scope: ScopeDomain,
			explain: "\"MX 0 .\" says that the domain takes no mail and must stand alone. Beside others senders do as they please.",
			domain:  nullMXBeside, asks: func(d *domain) bool { return d.Route.Source == mx.Null || meansMail(d) },
		},
		{
			id: "mx_implicit", title: "no MX record: mail goes to the domain's own address", reference: "RFC 5321 s5.1", scope: ScopeDomain,
			explain: "Senders fall back to the domain's address record, which mostly is a web server's. One MX record says what is meant.",
			domain:  mxImplicit,
		},
		{
			id: "mx_single", title: "one exchanger at one address", reference: "RFC 5321 s4.5.4.1", scope: ScopeDomain,
			explain: "While this one machine is down, mail waits at its senders, for some days at most. Many live well with that; it should be a decision.",
			domain:  mxSingle,
		},
		{
			id: "mx_cname", title: "an MX record leads to a CNAME", reference: "RFC 2181 s10.3", scope: ScopeExchanger,
			explain: "The name in an MX record must have addresses itself. Most senders follow the alias, some do not, and certificates and TLSA records belong to one name or the other.",
			domain:  mxCNAME,
		},
		{
			id: "mx_private_address", title: "an exchanger has private addresses only", reference: "RFC 6890 s2.2", scope: ScopeExchanger,
			explain: "Its addresses cannot be reached over the Internet. Outside the house no mail gets there.",
			domain:  mxFault(mx.NotGlobal, addressesOf), asks: meansMail,
		},
		{
			id: "mx_no_address", title: "an exchanger has no address", reference: "RFC 5321 s5.1", scope: ScopeExchanger,
			explain: "The name in the MX record has neither A nor AAAA records. Senders go on to the next, if there is one.",
			domain:  mxFault(mx.NoAddress, func(h mx.Host) string { return string(h.DNS) }), asks: meansMail,
		},
	}
}

func domainAbsent(d *domain) faults {
	if d.Route.DNS != resolver.NXDomain {
		return nil
	}
	return found("MX of %s: %s", d.Domain, d.Route.DNS)
}

func mxLine(domain string, preference uint16, host string) string {
	return fmt.Sprintf("%s. IN MX %d %s.", domain, preference, host)
}

// shown is a host as its MX record has it.
func shown(h mx.Host) string {
	return strings.TrimSpace(fmt.Sprintf("MX %d %s", h.Preference, h.Name))
}

func noExchangerUsable(d *domain) faults {
	if d.Route.Source != mx.FromMX || len(d.hosts) == 0 {
		return nil
	}
	var parts []string
	for _, host := range d.hosts {
		if host.Usable() || host.Pending() || len(host.Faults) == 0 {
			return nil
		}
		parts = append(parts, shown(host)+" ("+faultWords(host)+")")
	}
	return found("%s", quote(strings.Join(parts, ", ")))
}

func faultWords(h mx.Host) string {
	words := make([]string, len(h.Faults))
	for i, one := range h.Faults {
		words[i] = string(one)
	}
	return strings.Join(words, ", ")
}

// noExchangerReachable wants a no from every address: one that was not tried
// may be the one that works.
func noExchangerReachable(d *domain) faults {
	servers := d.mxServers()
	if len(servers) == 0 {
		return nil
	}
	var parts []string
	for _, host := range d.hosts {
		if host.Pending() || len(d.of(host.Name)) < len(host.Addresses) {
			return nil
		}
	}
	for _, s := range servers {
		if s.reachable != probe.No {
			return nil
		}
		parts = append(parts, s.String())
	}
	return found("refused: %s", quote(strings.Join(parts, ", ")))
}

func mxIPAddress(d *domain) faults {
	for _, host := range d.hosts {
		if host.Has(mx.IPLiteral) {
			return found("%s", shown(host)).mend(d.zone(), mxLine(d.Domain, host.Preference, "mail."+d.Domain), "mail."+d.Domain+". IN "+family(host.Name)+" "+bareAddress(host.Name))
		}
	}
	return nil
}

// bareAddress is an address without the brackets of a literal.
func bareAddress(name string) string {
	return strings.TrimPrefix(strings.Trim(name, "[]"), "ipv6:")
}

func family(address string) string {
	if strings.Contains(address, ":") {
		return "AAAA"
	}
	return "A"
}

func mxNameUnusable(d *domain) faults {
	var parts []string
	for _, host := range d.hosts {
		for _, bad := range [...]mx.Fault{mx.Localhost, mx.SingleLabel, mx.BadName, mx.Reserved} {
			if host.Has(bad) {
				parts = append(parts, shown(host)+" ("+string(bad)+")")
				break
			}
		}
	}
	if parts == nil {
		return nil
	}
	return found("%s", quote(strings.Join(parts, ", ")))
}

func nullMXBeside(d *domain) faults {
	var parts, others []string
	root := false
	for _, host := range d.hosts {
		parts = append(parts, shown(host))
		if host.Has(mx.RootTarget) {
			root = true
		} else {
			others = append(others, mxLine(d.Domain, host.Preference, host.Name))
		}
	}
	if !root {
		return nil
	}
	f := found("%s", quote(strings.Join(parts, ", ")))
	if others == nil {
		return f.mend(d.zone(), d.Domain+". IN MX 0 .")
	}
	return f.mend(d.zone()+", without the null MX", others...)
}

func mxImplicit(d *domain) faults {
	if d.Route.Source != mx.Implicit || d.Kind != judge.MailKind && d.Kind != judge.ReceiveOnlyKind || len(d.hosts) == 0 {
		return nil
	}
	return found("no MX record; %s has %s", d.hosts[0].Name, addressesOf(d.hosts[0])).
		mend(d.zone(), mxLine(d.Domain, 10, d.hosts[0].Name))
}

func mxSingle(d *domain) faults {
	if d.Route.Source != mx.FromMX || len(d.hosts) != 1 || d.hosts[0].Provider != "" || len(d.hosts[0].Addresses) == 0 {
		return nil
	}
	four, six := 0, 0
	for _, ip := range d.hosts[0].Addresses {
		if ip.Is6() {
			six++
		} else {
			four++
		}
	}
	if four > 1 || six > 1 {
		return nil
	}
	return found("%s: %s", shown(d.hosts[0]), addressesOf(d.hosts[0]))
}

func addressesOf(h mx.Host) string {
	words := make([]string, len(h.Addresses))
	for i, ip := range h.Addresses {
		words[i] = ip.String()
	}
	return quote(strings.Join(words, ", "))
}

func mxCNAME(d *domain) faults {
	var out faults
	for _, host := range d.hosts {
		if d.Route.Source == mx.FromMX && host.Has(mx.Alias) && len(host.Aliases) > 0 {
			target := host.Aliases[len(host.Aliases)-1]
			out = append(out, found("%s is an alias of %s", host.Name, target).at(host.Name).
				mend("zones that use it", "IN MX "+itoa(int(host.Preference))+" "+target+".")...)
		}
	}
	return out
}

func mxFault(kind mx.Fault, words func(mx.Host) string) func(*domain) faults {
	return func(d *domain) faults {
		var out faults
		for _, host := range d.hosts {
			if host.Has(kind) && d.Route.Source == mx.FromMX {
				out = append(out, found("%s: %s", host.Name, words(host)).at(host.Name)...)
			}
		}
		return out
	}
}
