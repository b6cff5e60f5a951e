package smtp

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
)

//go:embed extensions.txt
var extensionsText string

// registry is the embedded table, read once.
var registry = sync.OnceValues(func() (map[Keyword]Registration, error) { return parseRegistry(extensionsText) })

// Standing is how an extension came to be.
type Standing string

const (
	Registered Standing = "registered" // in IANA's registry
	Obsolete   Standing = "obsolete"   // registered, and dead
	Legacy     Standing = "legacy"     // never in any RFC, and of no use any more
	Private    Standing = "private"    // of one program, or of a few
)

// Registration is what is known of an extension beforehand.
type Registration struct {
	Keyword   Keyword
	Standing  Standing
	Reference string  // an RFC, "RFC 1870", or whose it is, "Exim"
	Params    Params  // what may stand behind the keyword
	Needs     Keyword // without this one it makes no sense; mostly empty
	About     string  // what it is, in a few words
}

// Params is the shape of an extension's parameters; a question mark says that
// they may be absent.
type Params string

const (
	NoParams      Params = "none"
	MaybeNone     Params = "none?" // nobody has written down what it takes
	OneParam      Params = "one"
	MaybeOneParam Params = "one?"
	ListOfParams  Params = "list"
	MaybeList     Params = "list?"
	PairsOfParams Params = "pairs" // NAME=VALUE
)

// Known looks a keyword up, in upper case: the registered extensions and those
// private ones that are met in the wild. What begins with X and is not known is
// private all the same (RFC 5321 s2.2.2); anything else unknown a server should
// not offer.
func Known(keyword Keyword) (Registration, bool) {
	known, _ := registry() // a fault in the embedded table is a failing test, not a run-time event
	registration, ok := known[keyword]
	return registration, ok
}

func parseRegistry(text string) (map[Keyword]Registration, error) {
	known := map[Keyword]Registration{}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		r, err := parseRegistration(line)
		if err != nil {
			return nil, fmt.Errorf("extensions line %d: %w", number, err)
		}
		if _, twice := known[r.Keyword]; twice {
			return nil, fmt.Errorf("extensions line %d: %s is there twice", number, r.Keyword)
		}
		known[r.Keyword] = r
	}
	return known, nil
}

func parseRegistration(line string) (Registration, error) {
	columns := strings.Split(line, "|")
	if len(columns) != 6 {
		return Registration{}, fmt.Errorf("%d columns, want 6", len(columns))
	}
	for i := range columns {
		columns[i] = strings.TrimSpace(columns[i])
	}
	r := Registration{Keyword: Keyword(columns[0]), Standing: Standing(columns[1]), Reference: columns[2], Params: Params(columns[3]), Needs: Keyword(columns[4]), About: columns[5]}
	switch r.Standing {
	case Registered, Obsolete, Legacy, Private:
	default:
		return Registration{}, fmt.Errorf("unknown standing %q", r.Standing)
	}
	switch r.Params {
	case NoParams, MaybeNone, OneParam, MaybeOneParam, ListOfParams, MaybeList, PairsOfParams:
	default:
		return Registration{}, fmt.Errorf("unknown shape of parameters %q", r.Params)
	}
	return r, nil
}
