package judge

import (
	"net/netip"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
)

// Alone judges one outcome as if it were all that is known of an address whose
// domain has one exchanger.
func Alone(o probe.Outcome) Verdict {
	host := mx.Host{Name: o.Host, Addresses: []netip.Addr{o.IP}, DNS: resolver.NoError}
	route := &mx.Route{Source: mx.FromMX, DNS: resolver.NoError, Hosts: []mx.Host{host}}
	return Judge(Facts{Route: route, Attempts: []probe.Outcome{o}})
}
