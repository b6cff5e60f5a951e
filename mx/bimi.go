package mx

import (
	"context"
	"strings"

	"github.com/mxvet/mxvet/mx/resolver"
)

// BIMI is the domain's default brand indicator record (Internet-Draft
// draft-brand-indicators-for-message-identification): a logo that receivers
// may show beside mail which passed DMARC. Both fields are empty where the
// domain says that it has none.
type BIMI struct {
	Presence  resolver.Presence `json:"presence"`
	Why       string            `json:"why,omitempty"`
	Records   []string          `json:"records,omitempty"`
	Logo      string            `json:"logo,omitempty"`      // l=, an https: URI of an SVG image
	Authority string            `json:"authority,omitempty"` // a=, that of the certificate for it
}

func bimi(ctx context.Context, dns Resolver, domain string) (BIMI, error) {
	found, err := textsAt(ctx, dns, "default._bimi."+domain, func(text string) bool { return beginsWith(text, "BIMI1") }, "bimi")
	out := BIMI{Presence: found.presence, Why: found.why, Records: found.kept()}
	if err != nil || out.Presence != resolver.Present {
		return out, err
	}
	list, problems := readTags(out.Records[0])
	out.Logo, out.Authority = list.value("l"), list.value("a")
	if !list.has("l") {
		problems = append(problems, "no l=")
	}
	for _, t := range list {
		if (t.name == "l" || t.name == "a") && t.value != "" && !strings.HasPrefix(strings.ToLower(t.value), "https://") {
			problems = append(problems, t.name+"= is no https: URI")
		}
	}
	if len(problems) > 0 {
		out.Presence, out.Why = resolver.Faulty, clauses(problems)
	}
	return out, nil
}
