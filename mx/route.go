package mx

import (
	"net/netip"

	"github.com/mxvet/mxvet/mx/resolver"
)

// Source says which rule gave a Route its hosts.
type Source string

const (
	FromMX   Source = "mx"       // the domain's MX records
	Implicit Source = "implicit" // no MX, but an address of its own: preference 0 (RFC 5321 s5.1)
	Null     Source = "null"     // one MX "." : the domain takes no mail (RFC 7505)
	None     Source = "none"     // nowhere: DNS says why
)

// Fault is what is wrong with an exchanger's name or addresses.
type Fault string

const (
	IPLiteral   Fault = "ip_literal"   // the MX target is an IP address, not a name (RFC 5321 s2.3.5)
	Localhost   Fault = "localhost"    // localhost or a name under it
	SingleLabel Fault = "single_label" // a name without a dot resolves nowhere in public DNS
	BadName     Fault = "bad_name"     // not a host name at all
	Alias       Fault = "cname"        // the target is a CNAME: outside the standard, followed (RFC 2181 s10.3)
	NoAddress   Fault = "no_address"   // an authoritative answer without A and AAAA
	NotGlobal   Fault = "not_global"   // every address is private, loopback or otherwise special
	RootTarget  Fault = "root_target"  // "." beside other MX records or with a preference above 0
)

// Host is one mail exchanger of a Route.
type Host struct {
	Name       string          `json:"name"`
	Preference uint16          `json:"preference"`
	Addresses  []netip.Addr    `json:"addresses"` // IPv4 before IPv6 in the answers' order
	DNS        resolver.Status `json:"dns"`       // of the address look-ups together
	Secure     bool            `json:"secure"`    // its address answers were validated
	Faults     []Fault         `json:"faults,omitempty"`
	Provider   string          `json:"provider,omitempty"` // key in the provider table
}

// Route is where mail for a domain goes, or why nowhere.
type Route struct {
	Domain  string          `json:"domain"` // A-label form
	Source  Source          `json:"source"`
	DNS     resolver.Status `json:"dns"`    // of the MX look-up, or of the address look-up where that decided
	Secure  bool            `json:"secure"` // the MX answer was validated (DNSSEC)
	Aliases []string        `json:"aliases,omitempty"`
	Hosts   []Host          `json:"hosts"`             // in the order a sender tries them
	Detail  string          `json:"detail,omitempty"`  // why nowhere, in one clause
	Special string          `json:"special,omitempty"` // the RFC that reserves this name, where no mail is looked for
}
