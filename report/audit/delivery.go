package audit

import (
	"strings"

	"github.com/mxvet/mxvet/scanner/judge"
)

func deliveryChecks() []check {
	return []check{
		{
			id: "delivery_mta_sts_stops", title: "senders that keep MTA-STS deliver nothing", reference: "RFC 8461 s5", scope: ScopeDomain,
			explain: "At every exchanger the domain's own policy keeps them out. Gmail and Microsoft are among them.",
			domain:  stops(func(one judge.Delivery) judge.Fare { return one.MTASTS }),
		},
		{
			id: "delivery_dane_stops", title: "senders that keep DANE deliver nothing", reference: "RFC 7672 s2.2", scope: ScopeDomain,
			explain: "At every exchanger the TLSA records keep them out. Mail from Microsoft, Comcast and much of Germany waits and comes back.",
			domain:  stops(func(one judge.Delivery) judge.Fare { return one.DANE }),
		},
	}
}

// stops fires where a kind of sender gets through nowhere, though senders that
// ask for nothing do.
func stops(kind func(judge.Delivery) judge.Fare) func(*domain) faults {
	return func(d *domain) faults {
		var parts []string
		through := false
		for _, one := range d.Deliveries {
			fare := kind(one)
			if fare.Outcome != judge.Delayed && fare.Outcome != judge.Returned {
				return nil
			}
			switch one.Opportunistic.Outcome {
			case judge.Encrypted, judge.InClear, judge.Authenticated:
				through = true
			}
			parts = append(parts, one.Host+": "+string(fare.Outcome)+", "+quote(fare.Why))
		}
		if !through {
			return nil
		}
		return found("%s", quote(strings.Join(parts, "; ")))
	}
}
