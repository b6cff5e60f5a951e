package address

import (
	"net/netip"
	"strings"
)

// literal reads the address literal that begins at text[i] and returns it with brackets in canonical form (RFC 5321 s4.1.3, RFC 5952).
// IPv6 is the only tag IANA has registered, so a General-address-literal has no one to understand it.
func (s *source) literal(i int) (string, *Error) {
	text := s.text[i:]
	end := strings.IndexByte(text, ']')
	if end < 0 {
		return "", s.char(i, RuleBadLiteral, `has no "]" to go with it`)
	}
	if end < len(text)-1 {
		return "", s.char(i+end+1, RuleBadLiteral, "follows the address literal, which must end the address")
	}
	inner := text[1:end]
	if len(inner) > len("IPv6:") && strings.EqualFold(inner[:len("IPv6:")], "IPv6:") {
		return s.ipv6(i, inner[len("IPv6:"):])
	}
	ip, err := netip.ParseAddr(inner)
	switch {
	case err == nil && ip.Is4():
		return "[" + ip.String() + "]", nil
	case err == nil:
		return "", s.place(i+1, RuleBadLiteral, "the IPv6 address lacks its tag: write [IPv6:%s]", ip.WithZone(""))
	}
	return "", s.place(i+1, RuleBadLiteral, "there is no IP address in the brackets")
}

func (s *source) ipv6(i int, text string) (string, *Error) {
	ip, err := netip.ParseAddr(text)
	if err != nil || !ip.Is6() || ip.Zone() != "" {
		return "", s.place(i+1, RuleBadLiteral, "what follows IPv6: is not an IPv6 address")
	}
	if strings.Contains(text, "::") && groups(text) > 6 {
		return "", s.place(i+1, RuleBadLiteral, `"::" stands for one group only, and must stand for at least two`)
	}
	return "[IPv6:" + ip.String() + "]", nil
}

// groups counts the 16-bit groups written out in an IPv6 address; a dotted quad is two.
func groups(text string) int {
	n := 0
	for field := range strings.SplitSeq(text, ":") {
		if field != "" {
			n++
		}
		if strings.Contains(field, ".") {
			n++
		}
	}
	return n
}
