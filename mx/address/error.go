package address

import (
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// Error says why what was typed is not an address, in words for a person.
type Error struct {
	Input  string // what was typed, whole
	Offset int    // octets into Input where the trouble stands; -1 for the whole
	Char   string // the character there, printable or as U+XXXX; empty where none is to blame
	Rule   string // short key: no_at, empty_local, local_too_long, bad_character, bad_label ...
	Reason string // one clause, no final stop: `"(" at position 5 may not stand in a local part`
}

func (e *Error) Error() string { return e.Reason }

// The keys in Error.Rule: a closed list.
const (
	RuleEmpty           = "empty"            // nothing but blanks
	RuleControl         = "control"          // CR, LF, NUL or another control character
	RuleBadUTF8         = "bad_utf8"         // not UTF-8: a list read in the wrong encoding
	RuleFolding         = "folding"          // folding white space (RFC 5322 s3.2.2), for headers only
	RuleComment         = "comment"          // a comment in parentheses (RFC 5322 s3.2.2), for headers only
	RuleBlank           = "blank"            // a blank outside quotes
	RuleUnclosedBracket = "unclosed_bracket" // "<" without ">" at the end
	RuleBadPercent      = "bad_percent"      // mailto: with a broken %XX
	RuleNoAt            = "no_at"            // no "@" behind the local part
	RuleManyAt          = "many_at"          // a second "@"
	RuleLookalikeAt     = "lookalike_at"     // a character that only looks like "@"
	RuleLookalikeDot    = "lookalike_dot"    // a character that only looks like "."
	RuleEmptyLocal      = "empty_local"      // nothing before "@"
	RuleLeadingDot      = "leading_dot"      // the local part begins with a dot
	RuleTrailingDot     = "trailing_dot"     // the local part ends in a dot
	RuleDoubleDot       = "double_dot"       // two dots in a row in the local part
	RuleUnclosedQuote   = "unclosed_quote"   // a quoted local part without its closing quote
	RuleMixedQuoting    = "mixed_quoting"    // quoted and plain words joined by dots (RFC 5322 s4.4, obsolete)
	RuleLocalTooLong    = "local_too_long"   // over 64 octets
	RuleAddressTooLong  = "address_too_long" // over 254 octets
	RuleNoDomain        = "no_domain"        // nothing behind "@"
	RuleEmptyLabel      = "empty_label"      // two dots in a row in the domain, or one at its start
	RuleLabelTooLong    = "label_too_long"   // over 63 octets as an A-label
	RuleDomainTooLong   = "domain_too_long"  // over 253 octets in A-labels
	RuleHyphen          = "hyphen"           // a label that begins or ends with a hyphen, or a U-label with two in third place
	RuleNumericTop      = "numeric_top"      // the last label is all digits: an IP address without brackets, or no name at all
	RuleBadALabel       = "bad_a_label"      // xn-- and then nothing that IDNA2008 would have encoded so
	RuleBadLabel        = "bad_label"        // a label IDNA2008 refuses as a whole
	RuleContext         = "context"          // a character allowed only in other company (RFC 5892 appendix A)
	RuleBidi            = "bidi"             // right-to-left labels that would be shown misleadingly (RFC 5893 s2)
	RuleCombiningFirst  = "combining_first"  // a combining mark with nothing to combine with
	RuleBadLiteral      = "bad_literal"      // an address literal that is not one (RFC 5321 s4.1.3)
	RuleBadCharacter    = "bad_character"    // a character that may not stand there
	RuleInvisible       = "invisible"        // a format character nobody can see
	RuleDamaged         = "damaged"          // U+FFFD, left by a failed conversion between encodings
	RuleSpecialUse      = "special_use"      // Policy: a name kept for special use (RFC 6761)
	RuleSingleLabel     = "single_label"     // Policy: a domain without a dot
	RuleNoSuchTop       = "no_such_top"      // Policy: a last label that cannot be a top-level domain
	RuleQuoted          = "quoted"           // Policy.NoQuoted
	RuleLiteral         = "literal"          // Policy.NoLiteral
)

// source is the text being read, and where it stands in what was typed.
type source struct {
	input   string // as typed
	text    string // the mailbox or domain in it
	base    int    // octets of input before text
	encoded bool   // text was percent-decoded
}

// offset says where text[i] stands in the input.
func (s *source) offset(i int) int {
	if !s.encoded {
		return s.base + i
	}
	at := s.base
	for range i {
		if s.input[at] == '%' {
			at += 2
		}
		at++
	}
	return at
}

// position counts characters from 1, as a person does.
func (s *source) position(i int) int {
	return utf8.RuneCountInString(s.input[:s.offset(i)]) + 1
}

// whole refuses with no one character to blame.
func (s *source) whole(rule, format string, args ...any) *Error {
	return &Error{Input: s.input, Offset: -1, Rule: rule, Reason: fmt.Sprintf(format, args...)}
}

// place refuses at text[i], where something is missing or a longer stretch is wrong.
func (s *source) place(i int, rule, format string, args ...any) *Error {
	return &Error{Input: s.input, Offset: s.offset(i), Rule: rule, Reason: fmt.Sprintf(format, args...)}
}

// char refuses the character at text[i]; why goes on from `"x" at position 5`.
func (s *source) char(i int, rule, why string) *Error {
	name, quoted := "", ""
	r, size := utf8.DecodeRuneInString(s.text[i:])
	switch {
	case r == utf8.RuneError && size == 1:
		name = fmt.Sprintf("0x%02X", s.text[i])
		quoted = "octet " + name
	case r == ' ' || !unicode.IsPrint(r) || unicode.Is(unicode.M, r):
		name = fmt.Sprintf("%U", r)
		quoted = name
	case r < 0x80:
		name = string(r)
		quoted = strconv.Quote(name)
		if r == '"' || r == '\\' {
			quoted = "'" + name + "'"
		}
	default:
		name = string(r)
		quoted = fmt.Sprintf("%q (%U)", name, r)
	}
	return &Error{
		Input: s.input, Offset: s.offset(i), Char: name, Rule: rule,
		Reason: fmt.Sprintf("%s at position %d %s", quoted, s.position(i), why),
	}
}
