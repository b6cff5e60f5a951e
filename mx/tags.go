package mx

import (
	"fmt"
	"slices"
	"strings"
)

// tag is one name=value of a tag list (RFC 6376 s3.2), the form that DKIM,
// DMARC, TLS-RPT and BIMI records share.
type tag struct{ name, value string }

// tags is a tag list in its order, each name once.
type tags []tag

// maxTags is how many tags of a list are read; no RFC defines half as many.
const maxTags = 32

// readTags splits a list. What is no tag, and what comes a second time, is left
// out and told, a clause each.
func readTags(text string) (tags, []string) {
	var list tags
	var problems []string
	for piece := range strings.SplitSeq(text, ";") {
		piece = strings.Trim(piece, blanks)
		if piece == "" {
			continue
		}
		if len(list) == maxTags || len(problems) == maxTags {
			return list, append(problems, fmt.Sprintf("over %d tags: the rest is not read", maxTags))
		}
		name, value, found := strings.Cut(piece, "=")
		name, value = strings.Trim(name, blanks), strings.Trim(value, blanks)
		switch {
		case !found || !isTagName(name):
			problems = append(problems, quote(piece)+" is no tag=value")
		case list.has(name):
			problems = append(problems, fmt.Sprintf("%s= is there twice: the second is not read", name))
		default:
			list = append(list, tag{name, value})
		}
	}
	return list, problems
}

// blanks are what may stand around names and values: white space, and the line
// breaks that web forms leave behind.
const blanks = " \t\r\n"

func isTagName(name string) bool {
	return name != "" && strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

func (l tags) has(name string) bool {
	return slices.ContainsFunc(l, func(t tag) bool { return t.name == name })
}

// value is that of a tag; empty where it is not there.
func (l tags) value(name string) string {
	for _, t := range l {
		if t.name == name {
			return t.value
		}
	}
	return ""
}

// beginsWith reports whether a record's first tag is this version: the test by
// which records of a kind are told from others at the same name.
func beginsWith(text, version string) bool {
	first, _, _ := strings.Cut(text, ";")
	name, value, _ := strings.Cut(first, "=")
	return strings.TrimRight(name, " \t") == "v" && strings.Trim(value, " \t") == version
}
