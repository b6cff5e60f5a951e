package address

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// unwrap finds the mailbox in what was typed.
func unwrap(input string) (source, *Error) {
	s, e := trim(input)
	if e != nil {
		return s, e
	}
	if e := s.brackets(); e != nil {
		return s, e
	}
	if len(s.text) > len("mailto:") && strings.EqualFold(s.text[:len("mailto:")], "mailto:") {
		e = s.mailto()
	}
	return s, e
}

// trim drops what nobody sees at both ends and refuses what may stand nowhere.
func trim(input string) (source, *Error) {
	s := source{input: input, text: input}
	s.shrink()
	if s.text == "" {
		return s, s.whole(RuleEmpty, "there is nothing to read")
	}
	return s, s.screen()
}

func (s *source) shrink() {
	text := strings.TrimLeftFunc(s.text, trimmable)
	s.base += len(s.text) - len(text)
	s.text = strings.TrimRightFunc(text, trimmable)
}

// trimmable holds for blanks and for the marks that spreadsheets and contact lists leave at the ends of a cell:
// byte order mark, zero-width space, embedding controls (U+202A before addresses copied from Windows dialogues).
func trimmable(r rune) bool {
	if r < 0x80 {
		return r == ' ' || r == '\t'
	}
	return unicode.In(r, unicode.Zs, unicode.Cf)
}

// screen refuses controls and broken UTF-8. A tab is left to the grammar, which takes it in a display name only.
func (s *source) screen() *Error {
	for i := 0; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c >= 0x80:
			r, size := utf8.DecodeRuneInString(s.text[i:])
			if r == utf8.RuneError && size == 1 {
				return s.char(i, RuleBadUTF8, "is not UTF-8; the list may be in another encoding")
			}
			if unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) {
				return s.char(i, RuleControl, "is a control character")
			}
			i += size - 1
		case c == '\t' || c >= ' ' && c != 0x7f:
		case c == '\r' && foldsAt(s.text[i:]):
			return s.char(i, RuleFolding, "folds a header line, which no address on the wire can")
		default:
			return s.char(i, RuleControl, "is a control character")
		}
	}
	return nil
}

// foldsAt holds for CRLF and a blank, the fold of RFC 5322 s2.2.3.
func foldsAt(text string) bool {
	return len(text) > 2 && text[1] == '\n' && (text[2] == ' ' || text[2] == '\t')
}

// brackets takes off a display name and angle brackets. The name is not looked at: `Lee, Ann <ann@example.org>` breaks RFC 5322 and is everywhere.
func (s *source) brackets() *Error {
	last := len(s.text) - 1
	if s.text[last] != '>' {
		if open, _ := openBracket(s.text); open >= 0 && !strings.Contains(s.text[:open], "@") {
			return s.char(open, RuleUnclosedBracket, `has no ">" at the end to go with it`)
		}
		return nil
	}
	open, stray := openBracket(s.text)
	if stray {
		open = strings.LastIndexByte(s.text, '<')
	}
	if open < 0 {
		return s.char(last, RuleUnclosedBracket, `has no "<" before it`)
	}
	s.base += open + 1
	s.text = s.text[open+1 : last]
	s.shrink()
	if s.text == "" {
		return s.place(0, RuleEmpty, "there is nothing between the angle brackets")
	}
	return nil
}

// openBracket finds the first "<" outside a quoted string; -1 where there is none.
// stray tells of a quote never closed, which names do hold: `5" discs <ann@example.org>`.
func openBracket(text string) (at int, stray bool) {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			if quoted {
				i++
			}
		case '"':
			quoted = !quoted
		case '<':
			if !quoted {
				return i, false
			}
		}
	}
	return -1, quoted
}

// mailto takes off the scheme and the query and decodes %XX (RFC 6068 s2).
func (s *source) mailto() *Error {
	s.base += len("mailto:")
	s.text, _, _ = strings.Cut(s.text[len("mailto:"):], "?")
	plain, bad := percentDecode(s.text)
	if bad >= 0 {
		return s.char(bad, RuleBadPercent, "begins no %XX of two hexadecimal digits")
	}
	s.encoded = len(plain) != len(s.text)
	s.text = plain
	if s.text == "" {
		return s.whole(RuleEmpty, "there is no address behind mailto:")
	}
	return s.screen()
}

// percentDecode returns text with each %XX decoded, or where a broken one stands; -1 for none.
func percentDecode(text string) (plain string, bad int) {
	if !strings.Contains(text, "%") {
		return text, -1
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			b.WriteByte(text[i])
			continue
		}
		if i+2 >= len(text) || unhex(text[i+1]) < 0 || unhex(text[i+2]) < 0 {
			return "", i
		}
		b.WriteByte(byte(unhex(text[i+1])<<4 | unhex(text[i+2])))
		i += 2
	}
	return b.String(), -1
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
