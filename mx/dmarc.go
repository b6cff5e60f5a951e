package mx

import (
	"context"
	"fmt"

	"github.com/mxvet/mxvet/mx/resolver"
)

// DMARC is the policy that holds for the domain (RFC 9989 s4.10.1): what
// receivers are asked to do with mail in its name that neither SPF nor DKIM
// vouches for.
type DMARC struct {
	Presence  resolver.Presence `json:"presence"`
	Why       string            `json:"why,omitempty"`
	At        string            `json:"at,omitempty"` // the domain whose record holds: itself or one above it
	Records   []string          `json:"records,omitempty"`
	Policy    string            `json:"policy,omitempty"`    // none, quarantine, reject: the one that holds for this domain
	Subdomain string            `json:"subdomain,omitempty"` // sp= where given
	NonExist  string            `json:"np,omitempty"`        // np= where given
	Testing   bool              `json:"testing,omitempty"`   // t=y: receivers apply the policy one below
	RUA       []string          `json:"rua"`
	RUF       []string          `json:"ruf,omitempty"`
	External  []ReportTo        `json:"external,omitempty"` // where reports leave the organization
	Problems  []string          `json:"problems,omitempty"` // unknown, removed (pct, rf, ri) or badly written tags, report addresses not authorised, a clause each
}

// dmarcOf finds the record that holds and reads it. A domain that does not
// exist may have a policy all the same: that of one above it.
func dmarcOf(ctx context.Context, dns Resolver, route Route) (DMARC, error) {
	own, err := dmarcAt(ctx, dns, route.Domain)
	if err != nil {
		return DMARC{}, err
	}
	steps := []dmarcStep{own}
	if own.presence == resolver.Absent || own.presence == resolver.Faulty {
		if steps, err = walk(ctx, dns, route.Domain); err != nil {
			return DMARC{}, err
		}
	}
	held, ok := holds(steps)
	if !ok {
		return unheld(steps), nil
	}
	out := held.record.facts(held, route)
	if own.presence == resolver.Faulty && held.name != route.Domain {
		out.Problems = append(out.Problems, own.why)
	}
	if out.External, err = reportsTo(ctx, dns, route.Domain, out); err != nil {
		return DMARC{}, err
	}
	for _, other := range out.External {
		if other.Presence != resolver.Present && other.Presence != resolver.Unproven {
			out.Problems = append(out.Problems, fmt.Sprintf("reports to %s are not sent: %s", other.Host, other.Why))
		}
	}
	return out, nil
}

// unheld is the answer where no record holds: none was found, what was found
// counts for nothing, or DNS did not say.
func unheld(steps []dmarcStep) DMARC {
	if last := steps[len(steps)-1]; last.presence == resolver.Unproven {
		return DMARC{Presence: resolver.Unproven, Why: last.why}
	}
	for _, step := range steps {
		if step.presence == resolver.Faulty {
			return DMARC{Presence: resolver.Faulty, Why: step.why, Records: step.kept()}
		}
	}
	return DMARC{Presence: resolver.Absent, Why: "neither " + steps[0].name + " nor a name above it has a DMARC record"}
}

// facts are what the record says for the route's domain.
func (r dmarcRecord) facts(at dmarcStep, route Route) DMARC {
	out := DMARC{
		Presence: resolver.Present, At: at.name, Records: at.kept(),
		Policy: r.policy, Subdomain: r.subdomain, NonExist: r.nonExist, Testing: r.testing,
		RUA: r.rua, RUF: r.ruf, Problems: r.problems,
	}
	if at.name != route.Domain {
		if r.subdomain != "" {
			out.Policy = r.subdomain
		}
		if r.nonExist != "" && route.DNS == resolver.NXDomain {
			out.Policy = r.nonExist
		}
	}
	if r.badPolicy == "" {
		return out
	}
	out.Policy = "none" // RFC 9989 s4.10.1
	if len(out.RUA) == 0 {
		out.Presence, out.Policy = resolver.Faulty, ""
		out.Why = r.badPolicy + ", and nowhere to report to: receivers leave DMARC out"
	}
	return out
}
