package smtp

import (
	"fmt"
	"strings"
)

// Fault is something in an extension's line that its RFC does not allow. It is a
// fact about the server, and hinders nothing: what could not be read counts as
// not offered.
type Fault struct {
	Keyword   Keyword
	Param     string // as it came; empty where the fault is the keyword's, or that there is no parameter
	Problem   string // in one clause
	Reference string
}

// Faults looks for what is malformed in what was offered, in its order.
func (e Extensions) Faults() []Fault {
	var faults []Fault
	for _, one := range e {
		faults = append(faults, e.faultsOf(one)...)
	}
	return faults
}

func (e Extensions) faultsOf(one Extension) []Fault {
	var faults []Fault
	fault := func(param, problem, reference string) {
		faults = append(faults, Fault{Keyword: one.Keyword, Param: param, Problem: problem, Reference: reference})
	}
	if one.Keyword == ExtAuthLegacy {
		return nil // a form of its own, of which Known tells that it is legacy
	}
	if !atom(string(one.Keyword), "-") || one.Keyword[0] == '-' {
		fault("", "a keyword is letters, digits and hyphens, not beginning with a hyphen", "RFC 5321 s4.1.1.1")
	}
	for _, param := range one.Params {
		if strings.IndexFunc(param, func(r rune) bool { return r < '!' || r > '~' }) >= 0 {
			fault(param, "a parameter is printable ASCII", "RFC 5321 s4.1.1.1")
		}
	}
	known, _ := Known(one.Keyword)
	switch params := known.Params; {
	case params == NoParams && len(one.Params) > 0:
		fault(one.Params[0], "it takes no parameters", known.Reference)
	case (params == ListOfParams || params == PairsOfParams) && len(one.Params) == 0:
		fault("", "it wants parameters", known.Reference)
	case params == MaybeOneParam && known.Standing == Registered && len(one.Params) > 1:
		fault(one.Params[1], "it takes one parameter", known.Reference)
	default:
		if param, problem := e.malformed(one); problem != "" {
			fault(param, problem, known.Reference)
		}
	}
	return faults
}

// malformed reads the parameters that have a grammar of their own.
func (e Extensions) malformed(one Extension) (param, problem string) {
	text := strings.Join(one.Params, " ")
	switch one.Keyword {
	case ExtSize:
		if _, ok := decimal(text, 20); !ok && text != "" {
			return text, "a size is up to 20 digits"
		}
	case ExtLimits:
		if _, ok := e.Limits(); !ok {
			return text, "one limit that is against the grammar makes the whole list count for nothing"
		}
	case ExtDeliverBy:
		if _, ok := e.DeliverBy(); !ok {
			return text, "the least time is up to nine digits"
		}
	case ExtFutureRelease:
		if _, ok := e.FutureRelease(); !ok {
			return text, "it wants the longest time in seconds and the last date, as 2026-01-02T03:04:05Z"
		}
	case ExtMTPriority:
		if _, ok := e.MTPriority(); !ok {
			return text, "a profile's name is letters, digits, hyphens and dots"
		}
	case ExtNoSoliciting:
		if _, ok := e.NoSoliciting(); !ok {
			return text, "a class begins with a letter, and commas part them"
		}
	case ExtBURL:
		if _, ok := e.BURL(); !ok {
			return text, "it names imap or the beginning of an IMAP URL"
		}
	case ExtAuth:
		return malformedMechanism(one.Params)
	}
	return "", ""
}

// malformedMechanism holds names against RFC 4422 s3.1: 1 to 20 capitals, digits,
// hyphens and underscores.
func malformedMechanism(params []string) (param, problem string) {
	seen := map[string]bool{}
	for _, name := range params {
		switch {
		case len(name) > 20:
			return name, fmt.Sprintf("a mechanism's name has at most 20 characters, not %d", len(name))
		case !atom(name, "-_") || name != upper(name):
			return name, "a mechanism's name is capitals, digits, hyphens and underscores"
		case seen[name]:
			return name, "the mechanism is named twice"
		}
		seen[name] = true
	}
	return "", ""
}
