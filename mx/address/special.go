package address

import "strings"

// SpecialUse reports whether a domain is, or is under, a name reserved for a use
// that is not public DNS, and the document that reserves it. Servers for such
// names cannot be found by asking the Internet, and asking leaks what ought to
// stay at home (RFC 6761 s6, RFC 8375 s4, RFC 7686 s2). The domain is in any
// case, with or without its final dot.
//
// Not reserved: example.com, example.net and example.org, which RFC 6761 s6.5
// sets aside for documentation but which exist in public DNS and say by null
// MX that they take no mail; .lan, .home and .corp, which no document
// reserves; the reverse trees of private addresses, which hold no mailboxes.
func SpecialUse(domain string) (rfc string, reserved bool) {
	name := strings.ToLower(strings.TrimSuffix(domain, "."))
	for {
		if rfc := reservedBy(name); rfc != "" {
			return rfc, true
		}
		_, parent, found := strings.Cut(name, ".")
		if !found {
			return "", false
		}
		name = parent
	}
}

// reservedBy follows IANA's registry of special-use domain names, and ICANN for
// .internal, which has no RFC.
func reservedBy(name string) string {
	switch name {
	case "test", "localhost", "invalid", "example":
		return "RFC 6761"
	case "local":
		return "RFC 6762"
	case "onion":
		return "RFC 7686"
	case "alt":
		return "RFC 9476"
	case "internal":
		return "ICANN"
	case "home.arpa":
		return "RFC 8375"
	case "ipv4only.arpa":
		return "RFC 8880"
	case "6tisch.arpa":
		return "RFC 9031"
	case "eap-noob.arpa":
		return "RFC 9140"
	case "resolver.arpa":
		return "RFC 9462"
	case "service.arpa":
		return "RFC 9665"
	}
	return ""
}
