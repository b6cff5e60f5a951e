package pace

import (
	"cmp"

	"github.com/mxvet/mxvet/mx"
)

// Limits are what one destination is asked for at most; 0 is no limit.
type Limits struct {
	Conversations int     // at a time
	Connections   float64 // new ones a second
	Recipients    float64 // a second
}

// Limits are those of a host's provider, where the table knows it, and else of
// its IP address. A provider that the table has no number for is held to the
// profile's, and a profile that counts no providers is for servers of one's own.
func (p Profile) Limits(host Host) Limits {
	if host.Provider == "" {
		return Limits{Conversations: p.Conversations, Connections: p.Connections, Recipients: p.Recipients}
	}
	if p.Provider == (Limits{}) {
		return p.Provider
	}
	known := mx.PaceOf(host.Provider)
	return Limits{
		Conversations: cmp.Or(known.Conversations, p.Provider.Conversations),
		Connections:   cmp.Or(known.Connections, p.Provider.Connections),
		Recipients:    cmp.Or(known.Recipients, p.Provider.Recipients),
	}
}

// questions is how many refusals one mailbox may bring.
func (p Profile) questions() int { return max(p.Questions, 1) }

// Hears is how many unknown mailboxes a host may hear of within Window; 0 is no
// limit.
func (p Profile) Hears(host Host) int {
	if host.Provider != "" {
		return p.ProviderHears
	}
	return p.Refusals
}
