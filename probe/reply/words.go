package reply

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds on what is read of one reply: more text tells nothing new, and a
// hostile server may send much more.
const (
	maxText  = 4096
	maxWords = 256
)

// Placeholders stand for what differs from one address or client to the next.
const (
	addrWord = "<addr>" // a mailbox, with or without its angle brackets
	ipWord   = "<ip>"   // an IPv4 or IPv6 address
	urlWord  = "<url>"  // the scheme of a URL; the words of its host and path follow
)

// normalise brings reply text to words that phrases can be held against: lower
// case, accents folded, punctuation gone, apostrophes dropped ("doesn't" is
// doesnt), each CJK character a word of its own. Bytes that are not UTF-8 are
// read as ISO 8859-1, which old servers still send. The enhanced code at the
// front of a line is left out, any other keeps its dots and is one word.
func normalise(lines []string) string {
	buf := make([]byte, 0, 512)
	for _, line := range lines {
		rest := line[enhancedLen(line):]
		buf = appendWords(buf, rest[:min(len(rest), maxText)])
		if len(buf) > maxText {
			break
		}
	}
	return strings.TrimSuffix(string(buf), " ")
}

func appendWords(buf []byte, s string) []byte {
	for s != "" {
		end := 0
		for end < len(s) && !divides(s[end]) {
			end++
		}
		buf = appendToken(buf, s[:end])
		s = s[min(end+1, len(s)):]
	}
	return buf
}

// divides tells white space and brackets, which end a token whatever it is; what
// else is punctuation can be part of an address or a URL.
func divides(b byte) bool {
	switch b {
	case ' ', '\t', '\r', '\n', '<', '>', '(', ')', '[', ']', '{', '}', '"', ',', ';', '=', '|':
		return true
	}
	return false
}

// appendToken writes a run without white space or brackets.
func appendToken(buf []byte, s string) []byte {
	if isPlain(s) {
		for i := range len(s) {
			buf = append(buf, s[i]|0x20)
		}
		return endWord(buf)
	}
	if host, ok := cutScheme(s); ok {
		return appendToken(append(buf, urlWord+" "...), host)
	}
	if label, rest, ok := strings.Cut(s, ":"); ok && label != "" && strings.Count(rest, ".") == 3 && isIP(rest) {
		return appendToken(appendToken(buf, label), rest) // "IP:192.0.2.1"
	}
	bare := strings.Trim(s, ".:'")
	switch {
	case isMailbox(bare):
		return append(buf, addrWord+" "...)
	case isIP(bare):
		return append(buf, ipWord+" "...)
	}
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			r = rune(s[i])
		}
		buf = appendRune(buf, r, i+n < len(s) && isDigit(s[i+n]))
		i += n
	}
	return endWord(buf)
}

// isPlain tells a run of ASCII letters alone, which most are.
func isPlain(s string) bool {
	for i := range len(s) {
		if b := s[i] | 0x20; b < 'a' || b > 'z' {
			return false
		}
	}
	return true
}

func appendRune(buf []byte, r rune, digitNext bool) []byte {
	switch {
	case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
		return append(buf, byte(r))
	case 'A' <= r && r <= 'Z':
		return append(buf, byte(r)+'a'-'A')
	case r == '\'', r == '`', r == 0x2019, r == 0xB4:
		return buf
	case r == '.' && digitNext && len(buf) > 0 && isDigit(buf[len(buf)-1]):
		return append(buf, '.')
	case r < utf8.RuneSelf || !unicode.IsLetter(r):
		return endWord(buf)
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
		return append(utf8.AppendRune(endWord(buf), r), ' ')
	}
	return appendFolded(buf, unicode.ToLower(r))
}

// appendFolded writes a letter without its accent: servers send "boite pleine"
// and "boîte pleine" for one another.
func appendFolded(buf []byte, r rune) []byte {
	switch r {
	case 0xDF: // sharp s
		return append(buf, "ss"...)
	case 0x142: // l with stroke does not decompose
		return append(buf, 'l')
	case 0xF8:
		return append(buf, 'o')
	}
	var tmp [utf8.UTFMax]byte
	letter := tmp[:utf8.EncodeRune(tmp[:], r)]
	if d := norm.NFD.Properties(letter).Decomposition(); len(d) > 0 && d[0] < utf8.RuneSelf {
		return append(buf, d[0])
	}
	return append(buf, letter...)
}

func endWord(buf []byte) []byte {
	if len(buf) == 0 || buf[len(buf)-1] == ' ' {
		return buf
	}
	return append(buf, ' ')
}

func cutScheme(s string) (string, bool) {
	for _, scheme := range [...]string{"http://", "https://"} {
		if len(s) >= len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
			return s[len(scheme):], true
		}
	}
	return s, false
}

func isMailbox(s string) bool {
	at := strings.LastIndexByte(s, '@')
	return at > 0 && at < len(s)-1
}

// isIP takes a dotted quad, with a port or without, and colon forms of IPv6.
func isIP(s string) bool {
	dots, colons := strings.Count(s, "."), strings.Count(s, ":")
	if dots == 3 && colons <= 1 {
		return isDigit(s[0]) && strings.Trim(s, "0123456789.:") == ""
	}
	return colons >= 2 && strings.Trim(s, "0123456789abcdefABCDEF:.") == ""
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }
