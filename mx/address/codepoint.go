package address

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// class is the derived property of RFC 5892 s3, as far as a check of labels needs it.
type class string

const (
	disallowed class = "disallowed" // UNASSIGNED too
	valid      class = "valid"      // PVALID
	contextual class = "contextual" // CONTEXTJ or CONTEXTO: allowed in the company appendix A asks for
)

// property derives the class of one character from Unicode's tables, in the order of RFC 5892 s3.
// The exceptions and the contextual characters are those of s2.6 and appendix A; unassigned characters belong to no table below.
func property(r rune) class {
	switch r {
	case 0x00df, 0x03c2, 0x06fd, 0x06fe, 0x0f0b, 0x3007:
		return valid
	case 0x00b7, 0x0375, 0x05f3, 0x05f4, 0x30fb, 0x200c, 0x200d:
		return contextual
	case 0x0640, 0x07fa, 0x302e, 0x302f, 0x3031, 0x3032, 0x3033, 0x3034, 0x3035, 0x303b:
		return disallowed
	}
	switch {
	case arabicDigit(r) || extendedArabicDigit(r):
		return contextual
	case r == '-' || r == '.':
		return valid
	case unstable(r), ignorable(r), oldHangulJamo(r):
		return disallowed
	case unicode.In(r, unicode.Ll, unicode.Lo, unicode.Lm, unicode.Mn, unicode.Mc, unicode.Nd):
		return valid
	}
	return disallowed
}

// unstable holds for what case folding and NFKC would change (s2.2). Mapping has replaced it in what was typed; decoded Punycode may hold it.
func unstable(r rune) bool {
	return unicode.ToLower(r) != r || !norm.NFKC.IsNormalString(string(r))
}

// ignorable is IgnorableProperties and IgnorableBlocks (s2.3, s2.4): variation selectors, fillers, marks for symbols, musical notation.
func ignorable(r rune) bool {
	return unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) ||
		0x20d0 <= r && r <= 0x20ff || 0x1d100 <= r && r <= 0x1d24f
}

// oldHangulJamo holds for the single letters (L, V, T) that modern Hangul syllables are composed of (s2.9).
func oldHangulJamo(r rune) bool {
	return 0x1100 <= r && r <= 0x11ff || 0xa960 <= r && r <= 0xa97c || 0xd7b0 <= r && r <= 0xd7fb
}

func arabicDigit(r rune) bool         { return 0x0660 <= r && r <= 0x0669 }
func extendedArabicDigit(r rune) bool { return 0x06f0 <= r && r <= 0x06f9 }

// forbidden finds the first character of a label that may not stand in it, and the rule; rule "" where all may.
// The joiners U+200C and U+200D are left to x/net/idna, which has the joining types that A.1 asks for.
func forbidden(label string) (bad rune, rule string) {
	runes := []rune(label)
	for i, r := range runes {
		switch property(r) {
		case disallowed:
			return r, RuleBadCharacter
		case contextual:
			if !inContext(runes, i) {
				return r, RuleContext
			}
		}
	}
	return 0, ""
}

// inContext applies the rules A.3 to A.9 of RFC 5892 appendix A to label[i].
func inContext(label []rune, i int) bool {
	var before, after rune
	if i > 0 {
		before = label[i-1]
	}
	if i+1 < len(label) {
		after = label[i+1]
	}
	switch r := label[i]; {
	case r == 0x00b7: // Catalan: col·legi
		return before == 'l' && after == 'l'
	case r == 0x0375: // Greek numeral sign
		return unicode.Is(unicode.Greek, after)
	case r == 0x05f3 || r == 0x05f4: // Hebrew geresh, gershayim
		return unicode.Is(unicode.Hebrew, before)
	case r == 0x30fb: // Katakana middle dot: in Japanese only
		return strings.ContainsFunc(string(label), func(r rune) bool {
			return unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Han)
		})
	case arabicDigit(r):
		return !strings.ContainsFunc(string(label), extendedArabicDigit)
	case extendedArabicDigit(r):
		return !strings.ContainsFunc(string(label), arabicDigit)
	}
	return true
}
