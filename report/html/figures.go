package html

import (
	"fmt"

	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// figure is one of the numbers that a report begins with.
type figure struct {
	Value, Label, Note string
	Class              string
}

// figures are the numbers that matter most, verdicts before servers.
func (t *tally) figures() []figure {
	var list []figure
	if t.addresses > 0 {
		list = append(list, figure{Value: grouped(t.addresses), Label: plural(t.addresses, "address", "addresses")})
		for _, word := range judge.Words {
			n := t.verdicts[string(word)]
			list = append(list, figure{grouped(n), string(word), share(n, t.addresses), verdictClass(string(word))})
		}
	}
	if t.domains > 0 {
		list = append(list, figure{Value: grouped(t.domains), Label: plural(t.domains, "domain", "domains"), Note: t.receiving()})
	}
	if t.servers > 0 {
		list = append(list,
			figure{Value: grouped(t.servers), Label: plural(t.servers, "server", "servers"), Note: fmt.Sprintf("%s answered", grouped(t.answered))},
			figure{Value: share(t.offering, t.told), Label: "offer TLS", Note: ofAll(t.offering, t.told) + " that answered EHLO"},
			figure{Value: share(t.certificates["valid"], t.encrypted), Label: "valid certificate", Note: ofAll(t.certificates["valid"], t.encrypted) + " with TLS"},
			figure{Value: share(t.quantum, t.encrypted), Label: "post-quantum", Note: ofAll(t.quantum, t.encrypted) + " with TLS"})
	}
	if len(t.severities) > 0 {
		worst := t.severities[string(scanner.Critical)] + t.severities[string(scanner.High)]
		f := figure{Value: grouped(worst), Label: "critical or high", Note: fmt.Sprintf("of %s findings", grouped(t.severities.total()))}
		if worst > 0 {
			f.Class = "bad"
		}
		list = append(list, f)
	}
	return list
}

func (t *tally) receiving() string {
	n := t.kinds[string(judge.MailKind)] + t.kinds[string(judge.ReceiveOnlyKind)]
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%s take mail", grouped(n))
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func ofAll(n, total int) string { return fmt.Sprintf("%s of %s", grouped(n), grouped(total)) }

// grouped writes 12345 as 12 345 with thin spaces, which every country reads.
func grouped(n int) string {
	text := fmt.Sprint(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "\u202f" + text[at:]
	}
	return text
}
