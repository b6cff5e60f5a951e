package address

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// normal brings a checked local part into NFC and checks it again: U+037E, the Greek question mark, becomes ";".
func (s *source) normal(local string) (string, *Error) {
	if len(local) > maxRaw {
		return "", s.place(0, RuleLocalTooLong, "the local part has %d octets; %d is the most", len(local), maxLocal)
	}
	if norm.NFC.IsNormalString(local) {
		return local, nil
	}
	composed := source{text: norm.NFC.String(local)}
	composed.input = composed.text
	for i, r := range composed.text {
		fresh := r < 0x80 && !isAtext(byte(r)) && !strings.ContainsRune(local, r)
		if fresh || r >= 0x80 && composed.beyondASCII(i) != nil {
			return "", s.place(0, RuleBadCharacter, "the local part holds %q (%U) once its characters are composed (Unicode NFC)", r, r)
		}
	}
	return composed.text, nil
}

// beyondASCII checks the character at text[i] of a local part. RFC 6531 s3.3 takes all of UTF-8; what nobody can see, type
// or be sure of is refused on top of that: it comes from damaged lists and from forgers, not from postmasters.
func (s *source) beyondASCII(i int) *Error {
	r, size := utf8.DecodeRuneInString(s.text[i:])
	switch {
	case r == '\uff20' || r == '\ufe6b':
		return s.char(i, RuleLookalikeAt, `looks like "@" and is another character; type a plain "@"`)
	case isDot(r) || looksLikeDot(r):
		return s.char(i, RuleLookalikeDot, `looks like "." and is another character; type a plain "."`)
	case r == utf8.RuneError:
		return s.char(i, RuleDamaged, "stands for a character lost in a conversion between encodings")
	case unicode.Is(unicode.M, r):
		if i == 0 || s.text[i-1] == '"' {
			return s.char(i, RuleCombiningFirst, "is a combining mark with nothing before it to combine with")
		}
	case unicode.Is(unicode.Zs, r):
		return s.char(i, RuleBlank, "is a blank that may not stand in a local part")
	case r == '\u200c' || r == '\u200d':
		before, _ := utf8.DecodeLastRuneInString(s.text[:i])
		after, _ := utf8.DecodeRuneInString(s.text[i+size:])
		if !joinable(before) || !joinable(after) {
			return s.char(i, RuleInvisible, "is an invisible joiner with nothing to join")
		}
	case unicode.Is(unicode.Cf, r):
		return s.char(i, RuleInvisible, "is invisible and may not stand in a local part")
	case !unicode.IsGraphic(r):
		return s.char(i, RuleBadCharacter, "is private or not assigned in Unicode")
	}
	return nil
}

// joinable holds for what U+200C and U+200D shape: letters and marks beyond ASCII (Persian, Indic scripts) and emoji.
func joinable(r rune) bool {
	return r >= 0x80 && r != utf8.RuneError && unicode.In(r, unicode.L, unicode.M, unicode.S)
}
