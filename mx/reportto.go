package mx

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/mxvet/mxvet/mx/resolver"
)

// ReportTo is a domain outside the organization that DMARC reports are to go
// to. They are not sent unless that domain says that it wants them: else
// anybody could have reports sent to anybody (RFC 9990 s4).
type ReportTo struct {
	Host     string            `json:"host"`
	Name     string            `json:"name"` // where the host's word is looked for
	Presence resolver.Presence `json:"presence"`
	Why      string            `json:"why,omitempty"`
}

// reportsTo looks at the hosts of rua= and ruf= that are not the organization's
// own. policy is the record that holds for the domain.
func reportsTo(ctx context.Context, dns Resolver, domain string, policy DMARC) ([]ReportTo, error) {
	var out []ReportTo
	for _, address := range append(slices.Clone(policy.RUA), policy.RUF...) {
		host := reportHost(address)
		if host != policy.At && !slices.ContainsFunc(out, func(r ReportTo) bool { return r.Host == host }) {
			out = append(out, ReportTo{Host: host, Name: policy.At + "._report._dmarc." + host})
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	steps, err := walk(ctx, dns, domain)
	if err != nil {
		return nil, err
	}
	group, ctx := errgroup.WithContext(ctx)
	for i := range out {
		group.Go(func() error { return out[i].look(ctx, dns, steps) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var outside []ReportTo
	for _, r := range out {
		if r.Presence != "" {
			outside = append(outside, r)
		}
	}
	return outside, nil
}

// look fills in whether the host wants the reports, and nothing where it belongs
// to the organization, which the domain's own walk found.
func (r *ReportTo) look(ctx context.Context, dns Resolver, home []dmarcStep) error {
	away, err := walk(ctx, dns, r.Host)
	if err != nil {
		return err
	}
	for _, last := range []dmarcStep{home[len(home)-1], away[len(away)-1]} {
		if last.presence == resolver.Unproven {
			r.Presence, r.Why = resolver.Unproven, last.why
			return nil
		}
	}
	if organizational(away) == organizational(home) {
		return nil
	}
	found, err := textsAt(ctx, dns, r.Name, isDMARC, "dmarc")
	r.Presence, r.Why = found.presence, found.why
	if len(found.records) > 1 { // one is enough, and more do no harm
		r.Presence, r.Why = resolver.Present, ""
	}
	if r.Presence != resolver.Present && r.Presence != resolver.Unproven {
		r.Why = "there is no v=DMARC1 at " + r.Name
	}
	return err
}
