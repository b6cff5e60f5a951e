package mx

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/mxvet/mxvet/mx/resolver"
)

// What is kept of the TXT records at one name. A record of over 4 KiB is nobody's
// policy; it is cut, and what is cut off is not read.
const (
	maxTexts = 16
	maxText  = 4096 // octets
)

// texts are the TXT records at one name, told apart by the version that each
// begins with. Other records at the name are nobody's business here: several
// RFCs share the names that they use, and a wildcard puts its records everywhere.
type texts struct {
	presence resolver.Presence // Present: exactly one record; Faulty: several
	why      string
	records  []string // those with the version
	likely   []string // those that look as if they meant it
}

// textsAt looks the records up. is tells those with the right version, word is
// what others have in common with them, in lower case. The error means that ctx
// ended.
func textsAt(ctx context.Context, dns Resolver, name string, is func(text string) bool, word string) (texts, error) {
	answer, err := dns.Lookup(ctx, name, resolver.TXT)
	if err != nil {
		return texts{}, err
	}
	if !answer.Status.Final() {
		return texts{presence: resolver.Unproven, why: unanswered("TXT of "+name, answer.Status, answer.Detail)}, nil
	}
	var out texts
	for _, text := range answer.Texts() {
		switch text = printable(text); {
		case is(text):
			out.records = append(out.records, text)
		case strings.Contains(strings.ToLower(text[:min(len(text), 16)]), word):
			out.likely = append(out.likely, text)
		}
	}
	out.records, out.likely = out.records[:min(len(out.records), maxTexts)], out.likely[:min(len(out.likely), maxTexts)]
	out.presence, out.why = out.count(name, answer)
	return out, nil
}

func (t *texts) count(name string, answer resolver.Answer) (resolver.Presence, string) {
	switch {
	case len(t.records) == 1:
		return resolver.Present, ""
	case len(t.records) > 1:
		return resolver.Faulty, fmt.Sprintf("%d records at %s, where there may be one: senders ignore them all", len(t.records), name)
	case len(t.likely) > 0:
		return resolver.Faulty, fmt.Sprintf("%s is not read: the version that it begins with is badly written", quote(t.likely[0]))
	}
	return resolver.Absent, cmp.Or(answer.Detail, "no such record among the TXT records of "+name)
}

// kept are the records to show: where none counts, those that were meant to.
func (t *texts) kept() []string {
	if len(t.records) > 0 {
		return t.records
	}
	return t.likely
}

// printable makes a record fit to be kept: valid UTF-8, and not endless.
func printable(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), maxText)], "\uFFFD")
}

// quote shows a piece of a record in a clause: escaped, and not endless.
func quote(text string) string {
	const enough = 60
	if len(text) <= enough {
		return fmt.Sprintf("%+q", text)
	}
	end := enough
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return fmt.Sprintf("%+q...", text[:end])
}
