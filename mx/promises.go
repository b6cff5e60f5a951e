package mx

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/mxvet/mxvet/mx/dane"
	"github.com/mxvet/mxvet/mx/mtasts"
)

// Promises is what a domain says of its mail, looked up only where it is asked
// for. What was not looked up is nil.
type Promises struct {
	MTASTS *mtasts.Facts `json:"mta_sts"`
	TLSRPT *TLSRPT       `json:"tls_rpt"`
	DANE   []dane.Facts  `json:"dane"` // one an exchanger
	SPF    *SPF          `json:"spf"`
	DMARC  *DMARC        `json:"dmarc"`
	DKIM   []DKIM        `json:"dkim"` // one a selector that was named
	BIMI   *BIMI         `json:"bimi"`
	CAA    *CAA          `json:"caa"`
}

// PromiseOptions says which promises are looked up; the zero value is none.
type PromiseOptions struct {
	TLSRPT    bool
	SPF       bool
	DMARC     bool
	BIMI      bool
	CAA       bool
	Selectors []string // DKIM selectors to look at; there is no way to list a domain's

	// MTASTS fetches policies; nil leaves MTA-STS out. Its Resolver is not used:
	// the Router's is, and so is the Router's word on what can be reached where
	// its Reaches is nil.
	MTASTS *mtasts.Client

	// DANEPort is the port whose TLSA records are looked up, 25 for mail, at every
	// exchanger that a sender may try; 0 leaves DANE out.
	DANEPort uint16
}

// Everything looks at all that DNS alone can tell.
func Everything(selectors ...string) PromiseOptions {
	return PromiseOptions{TLSRPT: true, SPF: true, DMARC: true, BIMI: true, CAA: true, Selectors: selectors, DANEPort: 25}
}

// Promises looks up what the route's domain promises. All of it is asked at the
// same time, at most Concurrency questions at once and each question once. A
// special-use name is asked nothing.
//
// The error means that ctx ended: whatever DNS says, or fails to say, is in the
// Presence of each promise.
func (r *Router) Promises(ctx context.Context, route Route, want PromiseOptions) (Promises, error) {
	var out Promises
	if route.Special != "" {
		return out, nil
	}
	dns := newOnce(r.Resolver, r.Concurrency)
	group, ctx := errgroup.WithContext(ctx)
	if want.TLSRPT {
		into(group, &out.TLSRPT, func() (TLSRPT, error) { return tlsrpt(ctx, dns, route.Domain) })
	}
	if want.SPF {
		into(group, &out.SPF, func() (SPF, error) { return spf(ctx, dns, route.Domain) })
	}
	if want.DMARC {
		into(group, &out.DMARC, func() (DMARC, error) { return dmarcOf(ctx, dns, route) })
	}
	if want.BIMI {
		into(group, &out.BIMI, func() (BIMI, error) { return bimi(ctx, dns, route.Domain) })
	}
	if want.CAA {
		into(group, &out.CAA, func() (CAA, error) { return caa(ctx, dns, route.Domain) })
	}
	if want.MTASTS != nil {
		client := *want.MTASTS
		client.Resolver = dns
		if client.Reaches == nil {
			client.Reaches = r.reaches
		}
		into(group, &out.MTASTS, func() (mtasts.Facts, error) { return client.Facts(ctx, route.Domain) })
	}
	if len(want.Selectors) > 0 {
		each(group, &out.DKIM, want.Selectors, func(selector string) (DKIM, error) { return dkim(ctx, dns, selector, route.Domain) })
	}
	if want.DANEPort != 0 {
		each(group, &out.DANE, route.usable(), func(host Host) (dane.Facts, error) {
			return dane.Lookup(ctx, dns, dane.Exchanger{Host: host.Name, Port: want.DANEPort, Secure: route.Secure})
		})
	}
	if err := group.Wait(); err != nil {
		return Promises{}, fmt.Errorf("promises of %s: %w", route.Domain, err)
	}
	return out, nil
}

// usable are the hosts that a sender may try.
func (route *Route) usable() []Host {
	var out []Host
	for _, host := range route.Hosts {
		if host.Usable() {
			out = append(out, host)
		}
	}
	return out
}

// into looks one promise up beside the others.
func into[T any](group *errgroup.Group, place **T, look func() (T, error)) {
	group.Go(func() error {
		found, err := look()
		*place = &found
		return err
	})
}

// each looks one promise up for each of several names.
func each[T, N any](group *errgroup.Group, place *[]T, names []N, look func(N) (T, error)) {
	found := make([]T, len(names))
	*place = found
	for i, name := range names {
		group.Go(func() (err error) {
			found[i], err = look(name)
			return err
		})
	}
}
