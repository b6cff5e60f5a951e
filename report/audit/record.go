package audit

import (
	"fmt"
	"strings"
	"time"
)

// txt is a TXT record as a line of a zone file. A string of more than 255
// octets stands in pieces (RFC 1035 s3.3). Whatever is in it, it is one line.
func txt(name, text string) string {
	var out strings.Builder
	out.WriteString(name + ". IN TXT")
	for len(text) > 255 {
		out.WriteString(` "` + zoned(text[:255]) + `"`)
		text = text[255:]
	}
	out.WriteString(` "` + zoned(text) + `"`)
	return out.String()
}

// zoned escapes text as zone files do (RFC 1035 s5.1).
func zoned(text string) string {
	var out strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			out.WriteString(`\` + string(c))
		case c < ' ' || c > '~':
			fmt.Fprintf(&out, `\%03d`, c)
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

// withTag is a tag list (k=v; k=v) with one tag changed, or put behind the
// version where it is not there.
func withTag(record, name, value string) string {
	parts := strings.Split(record, ";")
	for i, part := range parts {
		key, _, ok := strings.Cut(part, "=")
		if ok && strings.EqualFold(strings.TrimSpace(key), name) {
			parts[i] = " " + name + "=" + value
			return strings.TrimSpace(strings.Join(parts, ";"))
		}
	}
	rest := append([]string{" " + name + "=" + value}, parts[1:]...)
	return strings.Trim(parts[0]+";"+strings.Join(rest, ";"), "; ")
}

// tag is a tag's value, and whether it is there.
func tag(record, name string) (string, bool) {
	for part := range strings.SplitSeq(record, ";") {
		key, value, ok := strings.Cut(part, "=")
		if ok && strings.EqualFold(strings.TrimSpace(key), name) {
			return strings.TrimSpace(value), true
		}
	}
	return "", false
}

// withoutTags is a tag list without some tags.
func withoutTags(record string, names ...string) string {
	var kept []string
	for part := range strings.SplitSeq(record, ";") {
		key, _, _ := strings.Cut(part, "=")
		drop := strings.TrimSpace(part) == ""
		for _, name := range names {
			drop = drop || strings.EqualFold(strings.TrimSpace(key), name)
		}
		if !drop {
			kept = append(kept, strings.TrimSpace(part))
		}
	}
	return strings.Join(kept, "; ")
}

// dated is the day at the beginning of an id, as most people write theirs:
// 20240131T120000.
func dated(id string) (time.Time, bool) {
	if len(id) < 8 {
		return time.Time{}, false
	}
	day, err := time.Parse("20060102", id[:8])
	return day, err == nil && day.Year() >= 2018 // the standard's own year
}
