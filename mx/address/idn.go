package address

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/secure/bidirule"
	"golang.org/x/text/unicode/bidi"
)

// mapping is UTS 46 alone, for one character at a time.
var mapping = sync.OnceValue(func() *idna.Profile {
	return idna.New(idna.MapForLookup(), idna.StrictDomainName(false), idna.CheckHyphens(false), idna.CheckJoiners(false))
})

// lookup is UTS 46 with what x/net/idna knows of IDNA2008. It takes every character UTS 46 takes (its NV8 class too: symbols,
// punctuation), so forbidden looks at the outcome again; hyphens and the bidi rule are checked there for a reason with a name.
var lookup = sync.OnceValue(func() *idna.Profile {
	return idna.New(idna.MapForLookup(), idna.StrictDomainName(true), idna.CheckHyphens(false), idna.CheckJoiners(true))
})

// mapped reads a domain with characters beyond ASCII or A-labels in it; raw begins at text[start] and has lost its final dot.
func (s *source) mapped(start int, raw string) (ascii, display string, e *Error) {
	if len(raw) > maxRaw {
		return "", "", s.place(start, RuleDomainTooLong, "the domain has %d octets; %d is the most", len(raw), maxDomain)
	}
	if e := s.characters(start, raw); e != nil {
		return "", "", e
	}
	display, err := lookup().ToUnicode(raw)
	if e := s.unicodeLabels(start, raw, display, err); e != nil {
		return "", "", e
	}
	ascii, err = lookup().ToASCII(display)
	if err != nil {
		return "", "", s.place(start, RuleBadLabel, "the domain has no DNS form (IDNA2008)")
	}
	return ascii, display, s.labels(start, raw, ascii)
}

// characters checks what each character of raw maps to, so that the one to blame can be shown.
func (s *source) characters(start int, raw string) *Error {
	for i, r := range raw {
		switch {
		case r < 0x80 && (isLDH(byte(r)) || r == '.') || isDot(r):
		case r < 0x80:
			return s.badDomain(start + i)
		case r == utf8.RuneError:
			return s.char(start+i, RuleDamaged, "stands for a character lost in a conversion between encodings")
		case r == '\uff20' || r == '\ufe6b':
			return s.char(start+i, RuleLookalikeAt, `looks like "@" and is a second one; is there more than one address here?`)
		case looksLikeDot(r):
			return s.char(start+i, RuleLookalikeDot, `looks like "." and is another character; type a plain "."`)
		case !mapsWell(r):
			return s.char(start+i, RuleBadCharacter, "may not stand in a domain (IDNA2008 has letters, digits and marks only)")
		}
	}
	return nil
}

// mapsWell holds where UTS 46 makes of r nothing, or only what a label may hold. The "a" before it keeps a combining mark from coming first.
func mapsWell(r rune) bool {
	to, err := mapping().ToUnicode("a" + string(r))
	if err != nil {
		return false
	}
	return !strings.ContainsFunc(to, func(r rune) bool { return property(r) == disallowed })
}

// unicodeLabels checks the Unicode form by the rules for whole labels; err is what x/net/idna said to it.
func (s *source) unicodeLabels(start int, raw, display string, err error) *Error {
	labels := strings.Split(display, ".")
	rtl := false
	for n, label := range labels {
		at := labelAt(raw, n)
		// RFC 5891 s5.3: an A-label that was decoded must be refused where the outcome would not be encoded so
		if isASCII(label) && isALabel(raw[at:]) {
			return s.place(start+at, RuleBadALabel, "a label of the domain begins with xn-- and stands for no other script")
		}
		if e := s.unicodeLabel(start+at, label); e != nil {
			return e
		}
		rtl = rtl || bidirule.DirectionString(label) != bidi.LeftToRight
	}
	for n, label := range labels {
		if rtl && !bidirule.ValidString(label) {
			return s.place(start+labelAt(raw, n), RuleBidi, "label %q mixes writing directions so that it would be read wrongly (RFC 5893)", label)
		}
	}
	if err == nil {
		return nil
	}
	for n, label := range labels {
		if strings.ContainsAny(label, "\u200c\u200d") {
			return s.place(start+labelAt(raw, n), RuleContext, "label %q has an invisible joiner where it joins nothing (RFC 5892 A.1, A.2)", label)
		}
		if _, err := lookup().ToUnicode(label); err != nil {
			return s.place(start+labelAt(raw, n), RuleBadLabel, "label %q is none by IDNA2008", label)
		}
	}
	return s.place(start, RuleBadLabel, "the domain breaks the rules of IDNA2008")
}

// unicodeLabel checks one label of the Unicode form; at is where it begins in the text.
func (s *source) unicodeLabel(at int, label string) *Error {
	if isASCII(label) {
		return nil
	}
	first, _ := utf8.DecodeRuneInString(label)
	switch {
	case unicode.Is(unicode.M, first):
		return s.place(at, RuleCombiningFirst, "a label of the domain begins with a combining mark (%U)", first)
	case hyphensThird(label):
		return s.place(at, RuleHyphen, "label %q has hyphens in third and fourth place (RFC 5891 s4.2.3.1)", label)
	}
	if r, rule := forbidden(label); rule == RuleContext {
		return s.place(at, rule, "%q (%U) may not stand where it does in label %q (RFC 5892 appendix A)", r, r, label)
	} else if rule != "" {
		return s.place(at, rule, "%q (%U) in label %q may not stand in a domain (IDNA2008 has letters, digits and marks only)", r, r, label)
	}
	return nil
}

// hyphensThird counts characters, not octets.
func hyphensThird(label string) bool {
	runes := []rune(label)
	return len(runes) > 3 && runes[2] == '-' && runes[3] == '-'
}
