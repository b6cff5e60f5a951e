package address

import (
	"strings"
	"unicode/utf8"
)

// domain reads the domain that begins at text[start] and returns both its forms.
func (s *source) domain(start int) (ascii, unicode string, e *Error) {
	raw := s.text[start:]
	if raw == "" {
		return "", "", s.place(start, RuleNoDomain, "there is no domain")
	}
	r, size := utf8.DecodeLastRuneInString(raw)
	if isDot(r) {
		raw = raw[:len(raw)-size]
	}
	if !isPlain(raw) {
		return s.mapped(start, raw)
	}
	ascii = strings.ToLower(raw)
	return ascii, ascii, s.labels(start, raw, ascii)
}

// isPlain holds for letters, digits, hyphens and dots without an A-label: most domains, which need no IDNA.
func isPlain(raw string) bool {
	for i := range len(raw) {
		c := raw[i]
		if !isLDH(c) && c != '.' {
			return false
		}
		if c == '-' && i+1 < len(raw) && raw[i+1] == '-' && isALabel(raw[max(0, i-2):]) {
			return false
		}
	}
	return true
}

func isLDH(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-'
}

// isALabel holds for a label that claims to be Punycode (RFC 5890 s2.3.2.1).
func isALabel(label string) bool {
	return len(label) >= len("xn--") && strings.EqualFold(label[:len("xn--")], "xn--")
}

// isDot holds for the label separators UTS 46 maps to the full stop: Chinese and Japanese keyboards type them.
func isDot(r rune) bool {
	return r == '.' || r == '\u3002' || r == '\uff0e' || r == '\uff61'
}

// looksLikeDot holds for what is taken for a full stop and stands for none in the DNS: one dot leader, small full stop, hyphenation point,
// bullet and dot operators, Arabic and Syriac full stops. The middle dots have uses of their own (RFC 5892 A.3, A.7).
func looksLikeDot(r rune) bool {
	switch r {
	case '\u2024', '\ufe52', '\u2027', '\u2219', '\u22c5', '\u06d4', '\u0701', '\u0702':
		return true
	}
	return false
}

// labels checks the A-label form of raw: what the DNS and RFC 5321 s2.3.5 (LDH labels) ask of it.
// raw begins at text[start]; it is only read for the place of a fault.
func (s *source) labels(start int, raw, ascii string) *Error {
	rest, more := ascii, true
	for n := 0; more; n++ {
		var label string
		label, rest, more = strings.Cut(rest, ".")
		if e := s.label(label, func() int { return start + labelAt(raw, n) }); e != nil {
			return e
		}
		if !more && allDigits(label) {
			return s.numericTop(start, raw, ascii)
		}
	}
	if len(ascii) > maxDomain {
		return s.place(start, RuleDomainTooLong, "the domain has %d octets in its DNS form; %d is the most", len(ascii), maxDomain)
	}
	return nil
}

// label checks one A-label or LDH label; at says where it begins in the text.
func (s *source) label(label string, at func() int) *Error {
	switch {
	case label == "":
		return s.place(at(), RuleEmptyLabel, "the domain has a dot with no label before it")
	case len(label) > maxLabel:
		return s.place(at(), RuleLabelTooLong, "a label of the domain has %d octets in its DNS form; %d is the most", len(label), maxLabel)
	case label[0] == '-':
		return s.place(at(), RuleHyphen, "label %q of the domain begins with a hyphen", label)
	case label[len(label)-1] == '-':
		return s.place(at(), RuleHyphen, "label %q of the domain ends with a hyphen", label)
	}
	return nil
}

// labelAt says how far into raw its nth label begins.
func labelAt(raw string, n int) int {
	for i, r := range raw {
		if n == 0 {
			return i
		}
		if isDot(r) {
			n--
		}
	}
	return len(raw)
}

// numericTop: no top-level domain is all digits (RFC 3696 s2), so that names and IPv4 addresses stay apart.
func (s *source) numericTop(start int, raw, ascii string) *Error {
	if strings.Count(ascii, ".") == 3 && strings.Trim(ascii, "0123456789.") == "" {
		return s.place(start, RuleNumericTop, "%s is an IP address, not a domain; mail to one is written with brackets: [%s]", ascii, ascii)
	}
	at := start + labelAt(raw, strings.Count(ascii, "."))
	return s.place(at, RuleNumericTop, "the domain ends in a label of digits only, and there is no such top-level domain")
}

func allDigits(label string) bool { return strings.Trim(label, "0123456789") == "" }

// badDomain says what an ASCII character outside LDH does in a domain.
func (s *source) badDomain(i int) *Error {
	const why = "may not stand in a domain"
	switch s.text[i] {
	case '@':
		return s.char(i, RuleManyAt, `is a second "@"; is there more than one address here?`)
	case '(':
		return s.char(i, RuleComment, "begins a comment, which only message headers know")
	case ' ', '\t':
		if e := s.badBlank(i); e.Rule == RuleFolding {
			return e
		}
		return s.char(i, RuleBlank, "is a blank, which "+why)
	case '_':
		return s.char(i, RuleBadCharacter, why+": host names have no underscore")
	case ',', ';', '<', '>':
		return s.char(i, RuleBadCharacter, why+"; is there more than one address here?")
	case '[':
		return s.char(i, RuleBadCharacter, why+"; an address literal in brackets takes the place of the whole domain")
	}
	return s.char(i, RuleBadCharacter, why)
}
