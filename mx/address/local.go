package address

import (
	"strings"
	"unicode/utf8"
)

// local reads the local part at the start of the text and returns it unquoted and normalised, with the index of the "@" behind it.
func (s *source) local() (local string, at int, e *Error) {
	if s.text[0] == '"' {
		local, at, e = s.quotedString()
	} else {
		at, e = s.dotString()
		if e != nil && e.Rule != RuleLookalikeAt && !strings.Contains(s.text, "@") {
			e = s.whole(RuleNoAt, `there is no "@"`)
		}
		local = s.text[:max(at, 0)]
	}
	if e != nil {
		return "", 0, e
	}
	if !isASCII(local) {
		if local, e = s.normal(local); e != nil {
			return "", 0, e
		}
	}
	if n := (Address{Local: local, Quoted: !isDotString(local)}).wireLocal(); n > maxLocal {
		return "", 0, s.place(0, RuleLocalTooLong, "the local part has %d octets; %d is the most", n, maxLocal)
	}
	return local, at, nil
}

// dotString reads up to "@" (RFC 5321 s4.1.2 Dot-string).
func (s *source) dotString() (at int, e *Error) {
	for i := 0; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case isAtext(c):
		case c == '@' || c == '.':
			if e := s.dotAt(i); e != nil || c == '@' {
				return i, e
			}
		case c >= 0x80:
			if e := s.beyondASCII(i); e != nil {
				return -1, e
			}
			_, size := utf8.DecodeRuneInString(s.text[i:])
			i += size - 1
		default:
			return -1, s.badLocal(i)
		}
	}
	return -1, s.whole(RuleNoAt, `there is no "@"`)
}

// dotAt checks the "." or "@" at text[i]: an atom must stand before it.
func (s *source) dotAt(i int) *Error {
	end := s.text[i] == '@'
	switch {
	case i == 0 && end:
		return s.char(i, RuleEmptyLocal, "has nothing before it")
	case i == 0:
		return s.char(i, RuleLeadingDot, "begins the local part")
	case s.text[i-1] != '.':
		return nil
	case end:
		return s.char(i-1, RuleTrailingDot, "ends the local part")
	}
	return s.char(i, RuleDoubleDot, "follows another dot")
}

// badLocal says what an ASCII character outside atext does in a dot-string.
func (s *source) badLocal(i int) *Error {
	switch s.text[i] {
	case '(':
		return s.char(i, RuleComment, "begins a comment, which only message headers know")
	case ' ', '\t':
		return s.badBlank(i)
	case '"':
		if i > 0 && s.text[i-1] == '.' {
			return s.char(i, RuleMixedQuoting, "quotes one word of the local part; quote all of it or nothing")
		}
		return s.char(i, RuleBadCharacter, "may only stand around the whole local part")
	case '\\':
		return s.char(i, RuleBadCharacter, "escapes nothing outside a quoted local part")
	case ',', ';':
		return s.char(i, RuleBadCharacter, "may not stand in a local part; is there more than one address here?")
	}
	return s.char(i, RuleBadCharacter, "may not stand in a local part")
}

// badBlank tells the blanks RFC 5322 would have let through (around "." and "@") from those in the middle of a word.
func (s *source) badBlank(i int) *Error {
	before := strings.TrimRight(s.text[:i], " \t")
	after := strings.TrimLeft(s.text[i:], " \t")
	const joints = ".@()"
	if before == "" || after == "" || strings.IndexByte(joints, before[len(before)-1]) >= 0 || strings.IndexByte(joints, after[0]) >= 0 {
		return s.char(i, RuleFolding, "is a blank next to a dot or \"@\", which only message headers allow")
	}
	return s.char(i, RuleBlank, "is a blank, which may stand in a quoted local part only")
}

// quotedString reads a Quoted-string at the start of the text (RFC 5321 s4.1.2). It may be empty: "" is a mailbox name by the grammar.
func (s *source) quotedString() (local string, at int, e *Error) {
	var b strings.Builder
	for i := 1; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == '"':
			return b.String(), i + 1, s.afterQuote(i + 1)
		case c == '\\' && i+1 < len(s.text):
			i++
			// RFC 6531 s3.3 widens qtextSMTP, not quoted-pairSMTP
			if c = s.text[i]; c < ' ' || c > '~' {
				return "", 0, s.char(i, RuleBadCharacter, "may not be escaped with a backslash")
			}
			b.WriteByte(c)
		case c >= 0x80:
			if e := s.beyondASCII(i); e != nil {
				return "", 0, e
			}
			_, size := utf8.DecodeRuneInString(s.text[i:])
			b.WriteString(s.text[i : i+size])
			i += size - 1
		case c < ' ':
			return "", 0, s.char(i, RuleBadCharacter, "may not stand in a quoted local part")
		default:
			b.WriteByte(c)
		}
	}
	return "", 0, s.char(0, RuleUnclosedQuote, "is never closed")
}

// afterQuote wants "@" at text[i], behind the closing quote.
func (s *source) afterQuote(i int) *Error {
	if i == len(s.text) {
		return s.place(i, RuleNoAt, `there is no "@" behind the quoted local part`)
	}
	switch s.text[i] {
	case '@':
		return nil
	case '.':
		return s.char(i, RuleMixedQuoting, "joins a quoted word to more; quote the whole local part or nothing")
	case '(', ' ', '\t':
		return s.badLocal(i)
	}
	return s.char(i, RuleBadCharacter, `follows the closing quote, where "@" must stand`)
}

// isAtext is atext of RFC 5322 s3.2.3, which RFC 5321 takes over.
func isAtext(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

// isDotString holds for a local part, already checked, that goes on the wire without quotes.
func isDotString(local string) bool {
	dot := true
	for i := range len(local) {
		c := local[i]
		if c == '.' && dot || c != '.' && c < 0x80 && !isAtext(c) {
			return false
		}
		dot = c == '.'
	}
	return !dot
}
