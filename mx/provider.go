package mx

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

// Policy is how a provider takes being asked about mailboxes without being sent mail.
type Policy string

const (
	Ask        Policy = "ask"         // answers like any server
	Reluctant  Policy = "reluctant"   // says that it acts against those who ask
	AcceptsAll Policy = "accepts_all" // accepts every recipient, and refuses unknown ones after the message
)

// Provider is who runs an exchanger, known by the exchanger's name. The zero
// Provider is one that the table does not know.
type Provider struct {
	ID     string // key of the provider, such as google; several rows may share it
	Name   string // for people
	Suffix string // the suffix that matched, without leading dot
	Policy Policy
	Note   string // the documented fact behind the policy; may be empty
	Source string // whose document that is
	Pace   Pace
}

// Pace is how much a provider as a whole is asked for at most, as somebody has
// published it; 0 where nobody has.
type Pace struct {
	Conversations int     // at a time
	Connections   float64 // new ones a second
	Recipients    float64 // a second
	Source        string  // whose word that is
}

// PaceOf is the pace of the provider with an ID; zero where the table has none.
func PaceOf(id string) Pace { return paces()[id] }

// paces is the embedded table by ID.
var paces = sync.OnceValue(func() map[string]Pace {
	out := map[string]Pace{}
	for _, provider := range providers() {
		if provider.Pace.Source != "" {
			out[provider.ID] = provider.Pace
		}
	}
	return out
})

// ProviderOf finds who runs an exchanger by the longest suffix, of whole
// labels, that providers.txt has for its name.
func ProviderOf(host string) Provider {
	table := providers()
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	for name != "" {
		if provider, ok := table[name]; ok {
			return provider
		}
		_, name, _ = strings.Cut(name, ".")
	}
	return Provider{}
}

// columns of providers.txt.
const columns = 10

// readPace reads the four columns of a pace; "-" is nothing known.
func readPace(cells []string) Pace {
	var pace Pace
	if cells[3] == "-" {
		return pace
	}
	pace.Source = cells[3]
	pace.Conversations, _ = strconv.Atoi(cells[0])
	pace.Connections, _ = strconv.ParseFloat(cells[1], 64)
	pace.Recipients, _ = strconv.ParseFloat(cells[2], 64)
	return pace
}

//go:embed providers.txt
var providerText string

// providers is the embedded table by suffix, read once; a test reads every row.
var providers = sync.OnceValue(func() map[string]Provider {
	out := map[string]Provider{}
	for line := range strings.Lines(providerText) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if strings.HasPrefix(line, "#") || len(cells) != columns {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		for _, suffix := range strings.Fields(cells[2]) {
			out[suffix] = Provider{
				ID: cells[0], Name: cells[1], Suffix: suffix,
				Policy: Policy(cells[3]), Source: cells[4], Pace: readPace(cells[5:9]), Note: cells[9],
			}
		}
	}
	return out
})
