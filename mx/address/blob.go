package address

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// blob is an embedded list as it is in its file: comment lines, then one entry a line, sorted by octets. The first word of a line is
// the key. It is searched where the program keeps it, so that tens of thousands of entries cost neither start-up time nor memory.
type blob string

// has finds a key by binary search. Comments sort before every key, as "#" comes before letters, digits and hyphen.
func (b blob) has(key string) bool {
	low, high := 0, len(b)
	for low < high {
		start, end := b.line(low, (low+high)/2)
		first, _, _ := strings.Cut(string(b[start:end]), " ")
		switch {
		case first == key && first[0] != '#':
			return true
		case first < key:
			low = end + 1
		default:
			high = start
		}
	}
	return false
}

// line finds the line that holds octet at; low is the start of a line before it.
func (b blob) line(low, at int) (start, end int) {
	start = max(low, strings.LastIndexByte(string(b[:at]), '\n')+1)
	if length := strings.IndexByte(string(b[at:]), '\n'); length >= 0 {
		return start, at + length
	}
	return start, len(b)
}

// title is what the first line calls the list: name, date and number of entries.
func (b blob) title() string {
	first, _, _ := strings.Cut(string(b), "\n")
	return strings.TrimPrefix(first, "# ")
}

// under asks has for a domain and what it is below, down to the registrable domain: what stands above that belongs to others.
func under(domain string, has func(string) bool) bool {
	return domain != "" && deepest(domain, suffixLen(domain), has) != ""
}

// suffixLen is how many octets of a domain are a public suffix.
func suffixLen(domain string) int {
	suffix, _ := publicsuffix.PublicSuffix(domain)
	return len(suffix)
}

// deepest is the longest name at or above a domain, down to the registrable domain, that has holds for; "" for none.
func deepest(domain string, suffix int, has func(string) bool) string {
	for name := domain; ; {
		if has(name) {
			return name
		}
		_, parent, found := strings.Cut(name, ".")
		if !found || len(parent) <= suffix {
			return ""
		}
		name = parent
	}
}
