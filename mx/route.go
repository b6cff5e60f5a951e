// Package mx answers: where does mail for a domain go?
//
// Mail for user@example.org goes to the hosts in example.org's MX records, the
// lowest preference first and equal ones in random order (RFC 5321 s5.1). That
// is the easy tenth. The rest is what DNS says when it does not say that:
//
//   - No MX record, but the name exists: the domain itself is the host, with
//     preference 0 (the implicit MX). Only no data (RFC 2308 s2.2) allows this:
//     NXDOMAIN means that there is no such domain, and SERVFAIL, REFUSED or
//     silence mean that nothing is known, which is no answer about mail at all.
//   - One MX record "." with preference 0 is the null MX: the domain says that it
//     takes no mail (RFC 7505 s3). Its address records do not matter then.
//   - MX records that lead nowhere (an IP address for a name, localhost, a
//     name without addresses, private addresses) are still MX records: there is no
//     falling back to the domain's own address (RFC 5321 s5.1).
//   - The domain may be a CNAME: its target is asked about as if it had
//     been meant (RFC 5321 s5.1). An MX target may not (RFC 2181 s10.3), but is in
//     the wild, and senders follow it: so do we, with a Fault.
//   - Some names are nobody's, by RFC 6761 and its kin: no question is sent.
//
// How Router.Route comes to a Route:
//
//  1. a special-use name ends it (address.SpecialUse)
//  2. MX look-up; the answer's status chooses Source
//  3. repeats of a name become one, equal preferences are shuffled, 20 hosts stay
//  4. each target's name is judged; A and AAAA of those worth asking about are
//     looked up at the same time
//  5. addresses are held against IANA's special-purpose registries (Global)
//
// Facts that were not asked for are empty: an exchanger whose name rules it out
// has no DNS status and nil Addresses.
//
// And what has the domain promised? Senders and receivers may hold a domain to
// what it publishes of its mail: how its servers are to be reached (MTA-STS, RFC
// 8461, and DANE, RFC 7672), where failures are to be told (TLS-RPT, RFC 8460),
// who may send in its name (SPF, RFC 7208; DKIM, RFC 6376) and what becomes of
// mail from others (DMARC, RFC 9989), whose logo goes with it (BIMI) and who may
// issue its certificates (CAA, RFC 8659). Router.Promises looks up those that are
// asked for. Each has a Presence: there, absent, there and of no use, or not
// known, which is never the same as absent.
//
// Left out: whether a host answers (package probe), SRV records (RFC 6186) and
// address literals, which need no route. Of the promises: evaluating SPF for one
// sender, so that macros are counted and not expanded; BIMI's image and
// certificate; DKIM selectors that nobody named; and the address that a receiver
// of DMARC reports may put in place of the domain's (RFC 9990 s4).
package mx

import (
	"net/netip"
	"slices"

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
	Reserved    Fault = "special_use"  // a special-use name, such as msv1.invalid: not looked up
	Alias       Fault = "cname"        // the target is a CNAME: outside the standard, followed (RFC 2181 s10.3)
	NoAddress   Fault = "no_address"   // an authoritative answer without A and AAAA
	NotGlobal   Fault = "not_global"   // every address is private, loopback or otherwise special
	RootTarget  Fault = "root_target"  // "." beside other MX records or with a preference above 0
)

// Host is one mail exchanger of a Route.
type Host struct {
	Name       string          `json:"name"` // lower case, no final dot; "." for the root
	Preference uint16          `json:"preference"`
	Addresses  []netip.Addr    `json:"addresses"`         // IPv4 before IPv6 in the answers' order; nil where not looked up
	DNS        resolver.Status `json:"dns"`               // of the address look-ups together; empty where not looked up
	Secure     bool            `json:"secure"`            // its address answers were validated
	Aliases    []string        `json:"aliases,omitempty"` // the CNAME targets its name led through, in order
	Faults     []Fault         `json:"faults,omitempty"`
	Provider   string          `json:"provider,omitempty"` // key in the provider table
}

// Has reports whether the host has this fault.
func (h Host) Has(fault Fault) bool { return slices.Contains(h.Faults, fault) }

// Usable reports whether a sender may try this host: it has at least one
// address, and not all of them are special. Odd names that lead to such an
// address (Alias, SingleLabel, BadName for an underscore) do not
// count against it; names that may not be asked about (IPLiteral, Localhost,
// Reserved, RootTarget, other BadName) have no addresses. Beside a usable
// address there may be one that is not Global: the dialer tests each.
func (h Host) Usable() bool { return len(h.Addresses) > 0 && !h.Has(NotGlobal) }

// Pending reports whether the host's addresses are unknown because DNS gave no
// final answer: asking later may find them.
func (h Host) Pending() bool { return h.DNS != "" && !h.DNS.Final() }

// Route is where mail for a domain goes, or why nowhere.
type Route struct {
	Domain  string          `json:"domain"` // A-label form
	Source  Source          `json:"source"`
	DNS     resolver.Status `json:"dns"`    // of the MX look-up, or of the address look-up where that decided; empty for Special
	Secure  bool            `json:"secure"` // the MX answer was validated (DNSSEC)
	Aliases []string        `json:"aliases,omitempty"`
	Hosts   []Host          `json:"hosts"`             // in the order a sender tries them; nil where DNS gave no final answer
	Detail  string          `json:"detail,omitempty"`  // why nowhere, or what was left out, in one clause
	Special string          `json:"special,omitempty"` // the RFC that reserves this name, where no mail is looked for
}
