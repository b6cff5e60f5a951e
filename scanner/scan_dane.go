package scanner

import (
	"slices"
	"time"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/dane"
	"github.com/mxvet/mxvet/probe"
)

// daneOf holds the certificates of a domain's servers against its TLSA records.
// The facts given are not changed: another line may name the same domain.
func daneOf(route *mx.Route, promised []dane.Facts, servers []*probe.Server, now time.Time) []dane.Facts {
	out := slices.Clone(promised)
	for i := range out {
		if out[i].Status != dane.Usable && out[i].Status != dane.Unusable {
			continue
		}
		names := out[i].Names(route.Domain, route.Aliases...)
		out[i].Matches = []dane.Match{}
		for _, s := range servers {
			if s.Host == out[i].Host && s.Port == out[i].Port {
				out[i].Matches = append(out[i].Matches, match(out[i].Records, s, names, now))
			}
		}
	}
	return out
}

func match(records []dane.Record, s *probe.Server, names []string, now time.Time) dane.Match {
	var found dane.Match
	switch {
	case s.TLS != nil:
		found = dane.Verify(records, s.TLS.Chain, names, now)
	case s.StartTLS == probe.No:
		found = dane.Match{Verdict: dane.NoTLS, Why: s.TLSWhy}
	default:
		found = dane.Match{Verdict: dane.Unmeasured, Why: s.TLSWhy}
	}
	found.IP = s.IP
	return found
}
