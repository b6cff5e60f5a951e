package probe

import "strings"

// maxVersion is how much of a version is kept.
const maxVersion = 32

// pattern is a text looked for in a server's words: in lower case, with a
// version or hexadecimal digits behind it.
type pattern struct {
	text    string
	version bool // %v: one may follow
	hex     bool // %h: at least eight digits must
}

// words are a text as it was said, and the same in lower case: octet for octet,
// so that what is found in one can be cut out of the other.
type words struct{ said, lower string }

func newWords(text string) words {
	lower := []byte(text)
	for i, c := range lower {
		if c >= 'A' && c <= 'Z' {
			lower[i] = c - 'A' + 'a'
		}
	}
	return words{text, string(lower)}
}

func parsePattern(text string) pattern {
	text = strings.ToLower(text)
	p := pattern{version: strings.HasSuffix(text, "%v"), hex: strings.HasSuffix(text, "%h")}
	p.text = strings.TrimRight(strings.TrimSuffix(strings.TrimSuffix(text, "%v"), "%h"), " ")
	return p
}

// find looks for the pattern in a text.
func (p pattern) find(text words) (version string, ok bool) {
	at := strings.Index(text.lower, p.text)
	if at < 0 || text.lower == "" {
		return "", false
	}
	rest := text.said[at+len(p.text):]
	switch {
	case p.hex:
		return "", len(rest)-len(strings.TrimLeft(rest, "0123456789abcdefABCDEF")) >= 8
	case p.version:
		return versionAt(rest), true
	}
	return "", true
}

// versionAt is what stands at the start of a text, if it begins with a digit
// once blanks, slashes and the like are passed over.
func versionAt(text string) string {
	text = strings.TrimLeft(text, " /(:vV")
	end := strings.IndexFunc(text, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '.' && r != '-' && r != '_'
	})
	if end < 0 {
		end = len(text)
	}
	version := strings.TrimRight(text[:min(end, maxVersion)], ".-_")
	if version == "" || version[0] < '0' || version[0] > '9' {
		return ""
	}
	return version
}
