package judge

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe/reply"
)

// greylistDelay is how long to leave a greylisting server that names no time:
// postgrey's default is five minutes.
const greylistDelay = 6 * time.Minute

// byRoute judges a domain that mail cannot be sent to; nowhere is false for
// one that has an exchanger to ask.
func byRoute(route *mx.Route) (verdict Verdict, nowhere bool) {
	switch {
	case route.Special != "":
		return note(NoDomain, "route/special_use", route.Detail), true
	case route.Source == mx.Null:
		return note(NoMail, "route/null_mx", orElse(route.Detail, route.Domain+" has a null MX: it takes no mail (RFC 7505)")), true
	case route.DNS == resolver.NXDomain:
		return note(NoDomain, "route/nxdomain", orElse(route.Detail, route.Domain+" does not exist")), true
	case !route.DNS.Final():
		return dnsTrouble(route.Domain, route.DNS, route.Detail), true
	case route.Source == mx.None:
		return note(NoMail, "route/no_address", orElse(route.Detail, route.Domain+" has neither MX nor address records")), true
	case !slices.ContainsFunc(route.Hosts, mx.Host.Usable):
		return byHosts(route), true
	}
	return Verdict{}, false
}

// byHosts judges a domain whose exchangers are all unusable. A look-up that
// failed leaves it open whether that exchanger is.
func byHosts(route *mx.Route) Verdict {
	var faults []string
	for _, host := range route.Hosts {
		if host.Pending() {
			return dnsTrouble(host.Name, host.DNS, "")
		}
		faults = append(faults, fmt.Sprintf("%s: %s", orElse(host.Name, "."), joined(host.Faults)))
	}
	return note(BadMX, "route/bad_mx", orElse(strings.Join(faults, "; "), route.Domain+" names no exchanger"))
}

func dnsTrouble(name string, status resolver.Status, detail string) Verdict {
	return note(DNSError, reply.Rule("route/"+string(status)), orElse(detail, fmt.Sprintf("looking up %s gave %s", name, status)))
}

func joined(faults []mx.Fault) string {
	words := make([]string, len(faults))
	for i, fault := range faults {
		words[i] = string(fault)
	}
	return strings.Join(words, ", ")
}

func orElse(text, other string) string {
	if text != "" {
		return text
	}
	return other
}
