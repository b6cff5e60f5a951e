package mx

import (
	"context"
	"strings"

	"github.com/mxvet/mxvet/mx/resolver"
)

// CAA is who may issue certificates for the domain (RFC 8659). The records of
// the nearest name that has any hold, looked for from the domain upwards (s3).
type CAA struct {
	Presence resolver.Presence `json:"presence"`
	Why      string            `json:"why,omitempty"`
	At       string            `json:"at,omitempty"` // the name whose records hold
	Issuers  []string          `json:"issuers"`      // values of issue, as written; ";" forbids all, and none at all forbids nobody
}

// maxIssuers are kept of a name; maxText octets of each.
const maxIssuers = 32

func caa(ctx context.Context, dns Resolver, domain string) (CAA, error) {
	for name := domain; name != ""; _, name, _ = strings.Cut(name, ".") {
		answer, err := dns.Lookup(ctx, name, resolver.CAA)
		if err != nil {
			return CAA{}, err
		}
		if !answer.Status.Final() {
			return CAA{Presence: resolver.Unproven, Why: unanswered("CAA of "+name, answer.Status, answer.Detail)}, nil
		}
		if found := answer.Authorizations(); len(found) > 0 {
			return CAA{Presence: resolver.Present, At: name, Issuers: issuers(found)}, nil
		}
	}
	return CAA{Presence: resolver.Absent, Why: "neither " + domain + " nor a name above it has CAA records"}, nil
}

func issuers(found []resolver.Authorization) []string {
	out := []string{}
	for _, record := range found {
		if record.Tag == "issue" && len(out) < maxIssuers {
			out = append(out, printable(record.Value))
		}
	}
	return out
}
