package address

import "strings"

// Policy says which grammatical addresses are refused all the same. The zero Policy suits mail that crosses the Internet: it wants
// a domain of at least two labels, below a top-level domain there can be, that is not kept for special use. Every local part and literal the grammar has is taken.
type Policy struct {
	AllowPrivate bool // take special-use names (SpecialUse), single labels and any last label: hosts of one's own network
	NoQuoted     bool // refuse local parts that need quotes, which many servers and forms cannot handle
	NoLiteral    bool // refuse address literals, which hardly any public server accepts
}

// Parse is the package's Parse with the Policy applied to what it takes. The error is always an *Error.
func (p Policy) Parse(text string) (Address, error) {
	a, err := Parse(text)
	if err != nil {
		return Address{}, err
	}
	if e := p.refuse(text, a); e != nil {
		return Address{}, e
	}
	return a, nil
}

func (p Policy) refuse(text string, a Address) *Error {
	s := source{input: text}
	switch {
	case p.NoQuoted && a.Quoted:
		return s.whole(RuleQuoted, "the local part needs quotes, and quoted local parts are not taken here")
	case p.NoLiteral && a.Literal != "":
		return s.whole(RuleLiteral, "%s is an address literal, and only domains are taken here", a.Literal)
	case p.AllowPrivate || a.Literal != "":
		return nil
	}
	if by, reserved := SpecialUse(a.Domain); reserved {
		return s.whole(RuleSpecialUse, "%q is reserved by %s: no mail crosses the Internet to it", a.Unicode, by)
	}
	if !strings.Contains(a.Domain, ".") {
		// RFC 5321 s2.3.5 wants a fully-qualified name; top-level domains with mail are warned against in RFC 7085
		return s.whole(RuleSingleLabel, "the domain %q has one label only; on the Internet it needs at least two", a.Unicode)
	}
	if top := a.Domain[strings.LastIndexByte(a.Domain, '.')+1:]; !isTop(top) {
		return s.whole(RuleNoSuchTop, "the domain ends in %q, and a top-level domain has two or more letters and nothing else", top)
	}
	return nil
}

// isTop holds for what a top-level domain may look like: letters only (RFC 1123 s2.1), at least the two of a country, or an A-label.
func isTop(label string) bool {
	return isALabel(label) || len(label) > 1 && strings.Trim(label, "abcdefghijklmnopqrstuvwxyz") == ""
}
