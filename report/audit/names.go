package audit

import (
	"net/netip"
	"strings"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
)

func nameChecks() []check {
	return []check{
		{
			id: "ptr_missing", title: "the address has no name", reference: "RFC 1912 s2.1", scope: ScopeServer,
			explain: "There is no PTR record for the server's address. Where the same machine sends mail, much of it is refused or taken for spam.",
			server:  ptrMissing,
		},
		{
			id: "ptr_unconfirmed", title: "the address's name does not lead back to it", reference: "RFC 1912 s2.1, RFC 8601 s3", scope: ScopeServer,
			explain: "The PTR record has a name whose own address records do not have this address. Anybody can write any name into their reverse zone, so that it counts for nothing.",
			server:  ptrUnconfirmed,
		},
		{
			id: "hello_name_invalid", title: "the server does not know its own name", reference: "RFC 5321 s4.1.1.1", scope: ScopeServer,
			explain: "The reply to EHLO must begin with the server's full host name. A single word or localhost shows a configuration that nobody finished, and loops are told by that name.",
			server:  helloNameInvalid,
		},
		{
			id: "hello_name_not_ptr", title: "the server's name is not that of its address", reference: "RFC 5321 s4.1.4", scope: ScopeServer,
			explain: "The server calls itself otherwise than DNS calls its address. Where it also sends mail under that name, some receivers mind.",
			server:  helloNameNotPTR,
		},
		{
			id: "dnsbl_listed", title: "the address is on a blocklist", reference: "RFC 5782 s2", scope: ScopeServer, needs: needsLists,
			explain: "A list that many servers ask names this address. Mail that this machine sends is refused there, bounces and answers included.",
			server:  dnsblListed,
		},
	}
}

func ptrMissing(s *server) faults {
	if s.submission() || inside(s.IP) || s.Reverse == nil || len(s.Reverse.Names) > 0 || s.Reverse.DNS != resolver.NXDomain && s.Reverse.DNS != resolver.NoData {
		return nil
	}
	f := found("%s: %s", mx.ReverseName(s.IP), s.Reverse.DNS)
	if s.Host == "" {
		return f
	}
	return f.mend("reverse zone, kept by who gave you the address", mx.ReverseName(s.IP)+". IN PTR "+s.Host+".")
}

// sharedSpace is the one between a provider and its customers (RFC 6598).
var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")

// inside reports whether an address is one of a network of one's own.
func inside(ip netip.Addr) bool {
	ip = ip.Unmap()
	return ip.IsPrivate() || ip.IsLinkLocalUnicast() || sharedSpace.Contains(ip)
}

func ptrUnconfirmed(s *server) faults {
	if s.submission() || s.Reverse == nil || len(s.Reverse.Names) == 0 || s.Reverse.Confirmed != "" || s.Reverse.Pending {
		return nil
	}
	kind := "A"
	if s.IP.Is6() {
		kind = "AAAA"
	}
	name := s.Reverse.Names[0]
	return found("%s is called %s, which has another address", s.IP, name).
		mend("zone of "+name, name+". IN "+kind+" "+s.IP.String())
}

// ownName is the first word of the reply to EHLO; empty where it was not seen.
func (s *server) ownName() string {
	best := s.best()
	if best == nil {
		return ""
	}
	name, _, _ := strings.Cut(strings.TrimSpace(best.Hello), " ")
	return strings.ToLower(name)
}

func helloNameInvalid(s *server) faults {
	name := s.ownName()
	if name == "" || strings.HasPrefix(name, "[") || strings.Contains(strings.Trim(name, "."), ".") && name != "localhost.localdomain" {
		return nil
	}
	f := found("250 %s", quote(s.best().Hello))
	if s.Host == "" {
		return f
	}
	return f.mendBy(s.Software, postfix("myhostname = "+s.Host), exim("primary_hostname = "+s.Host), sendmail("define(`confDOMAIN_NAME', `"+s.Host+"')dnl"))
}

func helloNameNotPTR(s *server) faults {
	name := strings.TrimSuffix(s.ownName(), ".")
	if s.submission() || s.Reverse == nil || s.Reverse.Confirmed == "" || !strings.Contains(name, ".") || strings.HasPrefix(name, "[") || name == s.Reverse.Confirmed {
		return nil
	}
	return found("EHLO: %s; PTR: %s", quote(name), s.Reverse.Confirmed).
		mendBy(s.Software, postfix("myhostname = "+s.Reverse.Confirmed), exim("primary_hostname = "+s.Reverse.Confirmed))
}

func dnsblListed(s *server) faults {
	if s.submission() {
		return nil
	}
	var parts []string
	for _, list := range s.Listed {
		if list.State != mx.DNSBLListed {
			continue
		}
		parts = append(parts, strings.TrimSpace(list.Zone+": "+codes(list)+" "+quote(list.Text)))
		for _, reason := range list.Reasons {
			parts = append(parts, reason.About)
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return found("%s", strings.Join(parts, "; "))
}

func codes(list mx.Listing) string {
	var words []string
	for _, code := range list.Codes {
		words = append(words, code.String())
	}
	return strings.Join(words, " ")
}
