package judge

import (
	"fmt"
	"slices"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/probe"
)

// Delivery is what senders of four kinds would do at one exchanger.
type Delivery struct {
	Host          string `json:"host"`
	Opportunistic Fare   `json:"opportunistic"` // STARTTLS where offered, any certificate (RFC 7435)
	MTASTS        Fare   `json:"mta_sts"`       // one that keeps MTA-STS policies (RFC 8461 s5)
	DANE          Fare   `json:"dane"`          // one that keeps TLSA records (RFC 7672)
	RequireTLS    Fare   `json:"requiretls"`    // a message marked REQUIRETLS (RFC 8689 s4.2)
}

// Fare is how a message fares, and why.
type Fare struct {
	Outcome FareWord `json:"outcome"`
	Why     string   `json:"why,omitempty"`
}

// FareWord is a closed list.
type FareWord string

const (
	Authenticated FareWord = "authenticated" // encrypted, to a server that proved its name
	Encrypted     FareWord = "encrypted"     // encrypted, to whoever answered
	InClear       FareWord = "clear"         // readable on the way
	Delayed       FareWord = "deferred"      // it waits, and is returned if nothing changes
	Returned      FareWord = "returned"      // refused for good
	NotMeasured   FareWord = "not_measured"
)

// Deliveries foretells, for each exchanger that a sender may try, how a message
// fares there. Servers are those of the domain; others, and submission ports,
// are passed over.
//
// Of an exchanger's addresses the one where a message fares worst decides, since
// any of them may be the first that a sender tries. Two kinds of address do not
// count beside others: one where nothing listens, as every sender goes on to the
// next, and one that was not measured, which Why then tells of.
//
// Each exchanger is judged alone: that a sender who is let down by one goes on
// to the next is for the reader of the list.
func Deliveries(route *mx.Route, promises mx.Promises, servers []*probe.Server) []Delivery {
	var out []Delivery
	for _, host := range route.Hosts {
		if !host.Usable() && !host.Pending() {
			continue
		}
		doors := doorsOf(host.Name, servers)
		x := exchanger{route: route, promises: promises, host: host.Name}
		out = append(out, Delivery{
			Host:          host.Name,
			Opportunistic: worst(doors, opportunistic),
			MTASTS:        worst(doors, x.mtasts),
			DANE:          worst(doors, x.dane),
			RequireTLS:    worst(doors, x.requireTLS),
		})
	}
	return out
}

// submission are ports where users hand their own mail in (RFC 6409, RFC 8314).
func submission(port uint16) bool { return port == 465 || port == 587 }

func doorsOf(host string, servers []*probe.Server) []door {
	var out []door
	for _, s := range servers {
		if s.Host == host && !submission(s.Port) {
			out = append(out, doorOf(s))
		}
	}
	return out
}

// worst is the fare at the address that decides.
func worst(doors []door, fare func(door) Fare) Fare {
	if len(doors) == 0 {
		return Fare{NotMeasured, "none of its addresses was asked"}
	}
	if slices.ContainsFunc(doors, func(d door) bool { return d.state != shut }) {
		doors = slices.DeleteFunc(slices.Clone(doors), func(d door) bool { return d.state == shut })
	}
	var found, unmeasured Fare
	missing := 0
	for _, d := range doors {
		f := fare(d)
		switch {
		case f.Outcome == NotMeasured:
			missing++
			unmeasured = f
		case found.Outcome == "" || badness(f) > badness(found):
			found = f
		}
	}
	switch {
	case found.Outcome == "":
		return unmeasured
	case missing > 0:
		found.Why = orBoth(found.Why, fmt.Sprintf("%d of %d addresses not measured", missing, len(doors)))
	}
	return found
}

func badness(f Fare) int {
	return slices.Index([]FareWord{Authenticated, Encrypted, InClear, Delayed, Returned}, f.Outcome)
}

func orBoth(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}
