package doctor

import (
	"fmt"
	"net/netip"
)

// source is the address we come from over one family of IP.
type source struct {
	local  netip.Addr // our end of a connection; the zero Addr behind a proxy
	public netip.Addr // as servers see it; the zero Addr where that is not known
	told   string     // who told it, where it is not the local one
}

// sourceOf finds the address of a family. One that cannot be met on the public
// Internet is translated on the way (NAT, RFC 2663), to what cannot be seen from
// here; then the user's word counts, or a HELO name's public address.
func (e *examination) sourceOf(family Family, calls []call) source {
	var s source
	if !e.Proxied {
		s.local = e.Outgoing(family)
		for _, c := range calls {
			if c.local.IsValid() {
				s.local = c.local
				break
			}
		}
		if s.local.IsValid() && reaches(e.Router, s.local) {
			s.public = s.local
			return s
		}
	}
	for _, ip := range e.Public {
		if ip.Is4() == (family == IPv4) {
			s.public, s.told = ip, "as --public-ip says"
			return s
		}
	}
	for _, ip := range e.name.Addresses {
		if ip.Is4() == (family == IPv4) && reaches(e.Router, ip) {
			s.public, s.told = ip, "if "+e.name.Name+" is ours"
			return s
		}
	}
	return s
}

// address tells the address we come from.
func (e *examination) address(v view) Finding {
	f := Finding{Check: Source, Family: v.family, Status: OK}
	s := v.source
	if s.local.IsValid() {
		f.Evidence = []string{"this machine's end of a connection: " + s.local.String()}
	}
	switch {
	case s.public.IsValid() && s.public == s.local:
		f.Title = fmt.Sprintf("servers see us as %s", s.public)
	case s.public.IsValid() && e.Proxied:
		f.Title = fmt.Sprintf("behind a proxy: servers see %s, %s", s.public, s.told)
	case s.public.IsValid():
		f.Title = fmt.Sprintf("%s is behind a router: servers see %s, %s", s.local, s.public, s.told)
	case e.Proxied:
		f.Status, f.Title = Skipped, "behind a proxy: what servers see is not known here"
		f.Advice = unknownAddress
	case s.local.IsValid():
		f.Status, f.Title = Inconclusive, fmt.Sprintf("%s is behind a router: what servers see is not known here", s.local)
		f.Advice = unknownAddress
	default:
		f.Status, f.Title = Inconclusive, "no connection to tell it from"
	}
	return f
}

const unknownAddress = "Name the public address with --public-ip, so that its PTR name, SPF and blocklists can be looked at: the provider's console shows it, or the router."

// noAddress is the finding of checks that need the public address.
func noAddress(check Check, family Family) Finding {
	return Finding{Check: check, Family: family, Status: Skipped, Title: "our public address is not known"}
}
