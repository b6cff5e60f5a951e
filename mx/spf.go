package mx

import (
	"context"
	"fmt"

	"github.com/mxvet/mxvet/mx/resolver"
)

// SPF is the domain's record and what evaluating it costs (RFC 7208 s4.6.4).
//
// The cost is that of a sender whom no term lets through before the last: those
// who match earlier pay less, which is why a record over the limit seems to work.
type SPF struct {
	Presence resolver.Presence `json:"presence"` // invalid: every evaluation ends in permerror
	Why      string            `json:"why,omitempty"`
	Records  []string          `json:"records,omitempty"`
	All      string            `json:"all,omitempty"`      // the qualifier of the record's own "all", or of the one it is redirected to: + - ~ ?; empty for none
	Nobody   bool              `json:"nobody,omitempty"`   // no address may send: -all, and no term that lets one through
	Lookups  *int              `json:"lookups"`            // terms that cost a look-up, includes and redirects followed; at most 10 are allowed; counting stops at 41; null where DNS cut it short
	Voids    *int              `json:"void_lookups"`       // look-ups that found nothing; at most 2 are allowed
	Problems []string          `json:"problems,omitempty"` // what makes it a permerror, or will, a clause each
	Notes    []string          `json:"notes,omitempty"`    // what works and ought to be mended, a clause each
}

// spf looks the record up and follows it to its end.
func spf(ctx context.Context, dns Resolver, domain string) (SPF, error) {
	found, err := spfAt(ctx, dns, domain)
	out := SPF{Presence: found.presence, Why: found.why, Records: found.kept()}
	if err != nil || out.Presence != resolver.Present {
		return out, err
	}
	record := readSPF(found.records[0])
	if len(record.problems) > 0 {
		out.Presence, out.Why, out.Problems = resolver.Faulty, clauses(record.problems), record.problems
	}
	count := spfCount{dns: dns}
	result, err := count.follow(ctx, record, []string{domain})
	if err != nil {
		return SPF{}, err
	}
	out.All = result.all
	out.Nobody = out.Presence == resolver.Present && result.all == "-" && !result.passes && !result.doubts && count.cut == ""
	out.Problems = append(out.Problems, count.over()...)
	out.Problems = append(out.Problems, count.problems...)
	out.Notes = count.notes
	if count.cut != "" {
		out.Why = count.cut
		return out, nil
	}
	out.Lookups, out.Voids = &count.lookups, &count.voids
	return out, nil
}

// spfAt looks at the records of one name.
func spfAt(ctx context.Context, dns Resolver, name string) (texts, error) {
	found, err := textsAt(ctx, dns, name, isSPF, "spf1")
	if len(found.records) > 1 {
		found.why = fmt.Sprintf("%d SPF records at %s: a permerror (RFC 7208 s4.5)", len(found.records), name)
	}
	return found, err
}
