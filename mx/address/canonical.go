package address

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed canonical.txt
var canonicalText string

// custom is how one provider reads local parts.
type custom struct {
	domain    string // the domain this one is another name for, or itself
	separator string // what a tag begins with
	dropDots  bool
}

var customs = sync.OnceValue(func() map[string]custom {
	table := make(map[string]custom)
	for _, line := range tableLines(canonicalText) {
		if f := strings.Fields(line); len(f) == 4 {
			table[f[0]] = custom{domain: f[1], separator: f[2], dropDots: f[3] == "drop"}
		}
	}
	return table
})

// Canonical is the wire form of the address whose mailbox this one is delivered to, by its provider's published customs:
// case folded, tag dropped, at Gmail the dots too, googlemail.com as gmail.com. At any other domain it is String, since only
// the domain itself knows (RFC 5321 s2.3.11). It serves to show that two rows are one person, never to tell repeats (Key) or to ask a server.
func (a Address) Canonical() string {
	c, known := customs()[a.Domain]
	if !known || !isASCII(a.Local) {
		return a.String()
	}
	local := strings.ToLower(a.Local)
	if at := tagAt(local, c.separator); at > 0 {
		local = local[:at]
	}
	if c.dropDots && strings.Trim(local, ".") != "" {
		local = strings.ReplaceAll(local, ".", "")
	}
	return Address{Local: local, Quoted: !isDotString(local), Domain: c.domain, Unicode: c.domain}.String()
}

// tagAt finds where a tag begins; -1 where there is none. A separator in first place has no name before it to tag.
func tagAt(local, separator string) int {
	if at := strings.Index(local, separator); at > 0 {
		return at
	}
	return -1
}

// tableLines returns the lines of an embedded table without comments and blank lines.
func tableLines(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			lines = append(lines, line)
		}
	}
	return lines
}
