package address

// RFC 5321 s4.5.3.1, in octets. A path of 256 counts its angle brackets, which leaves 254 for the address.
// A domain of 255 octets in the DNS's wire form (RFC 1035 s2.3.4) is 253 as text.
const (
	maxLocal   = 64
	maxLabel   = 63
	maxDomain  = 253
	maxAddress = 254
)

// maxRaw bounds a part before normalising and mapping, which may shorten it but cost more than linear time.
const maxRaw = 1024

// Parse reads a mailbox as people type it: bare, in angle brackets with or without a display name, or as a mailto: link.
// The error is always an *Error.
func Parse(text string) (Address, error) {
	a, e := parse(text)
	if e != nil {
		return Address{}, e
	}
	return a, nil
}

func parse(text string) (Address, *Error) {
	s, e := unwrap(text)
	if e != nil {
		return Address{}, e
	}
	local, at, e := s.local()
	if e != nil {
		return Address{}, e
	}
	a := Address{Local: local, Quoted: !isDotString(local)}
	if s.text[at+1:] != "" && s.text[at+1] == '[' {
		a.Literal, e = s.literal(at + 1)
	} else {
		a.Domain, a.Unicode, e = s.domain(at + 1)
	}
	if e != nil {
		return Address{}, e
	}
	if n := a.wireLocal() + 1 + len(a.Domain) + len(a.Literal); n > maxAddress {
		return Address{}, s.whole(RuleAddressTooLong, "the address has %d octets on the wire; %d is the most", n, maxAddress)
	}
	return a, nil
}

// wireLocal is how many octets the local part takes on the wire.
func (a Address) wireLocal() int {
	if a.Quoted {
		return len(quote(a.Local))
	}
	return len(a.Local)
}

// ParseDomain reads a domain by the rules for the domain of a mailbox and returns both forms, in lower case, without a final dot.
// For plain ASCII the two are equal. Address literals and bare IP addresses are refused. The error is always an *Error.
func ParseDomain(text string) (ascii, unicode string, err error) {
	s, e := trim(text)
	if e == nil {
		ascii, unicode, e = s.domain(0)
	}
	if e != nil {
		return "", "", e
	}
	return ascii, unicode, nil
}
