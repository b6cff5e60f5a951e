package mx

import (
	"cmp"
	"context"
	"net/netip"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/mxvet/mxvet/mx/resolver"
)

// maxAddresses of each family are kept for a host: one DNS message has room for
// thousands.
const maxAddresses = 32

// resolve looks A and AAAA of all hosts up, at the same time.
func (r *Router) resolve(ctx context.Context, hosts []Host) error {
	answers := make([][2]resolver.Answer, len(hosts))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(cmp.Or(r.Concurrency, 8))
	for i, host := range hosts {
		if !host.lookedUp() {
			continue
		}
		for j, kind := range [...]resolver.Type{resolver.A, resolver.AAAA} {
			group.Go(func() (err error) {
				answers[i][j], err = r.Resolver.Lookup(ctx, host.Name, kind)
				return err
			})
		}
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i := range hosts {
		if hosts[i].lookedUp() {
			r.settle(&hosts[i], answers[i])
		}
	}
	return nil
}

// settle writes what the A and the AAAA answer say together into the host.
func (r *Router) settle(host *Host, answers [2]resolver.Answer) {
	host.Addresses = []netip.Addr{}
	for _, answer := range answers {
		found := answer.Addresses()
		host.Addresses = append(host.Addresses, found[:min(len(found), maxAddresses)]...)
		if len(answer.Aliases) > len(host.Aliases) {
			host.Aliases = slices.Clone(answer.Aliases)
		}
	}
	host.DNS = together(answers[0].Status, answers[1].Status)
	host.Secure = validated(answers)
	if len(host.Aliases) > 0 {
		host.Faults = append(host.Faults, Alias)
	}
	switch {
	case len(host.Addresses) == 0 && host.DNS.Final():
		host.Faults = append(host.Faults, NoAddress)
	case len(host.Addresses) > 0 && !slices.ContainsFunc(host.Addresses, r.reaches):
		host.Faults = append(host.Faults, NotGlobal)
	}
}

func (r *Router) reaches(ip netip.Addr) bool {
	if r.Reaches != nil {
		return r.Reaches(ip)
	}
	return r.AllowPrivate || Global(ip)
}

// together is the status of two look-ups about one name: addresses win, then
// what went wrong, since the missing answer might have held some. No data beats
// NXDOMAIN, which servers that know nothing of AAAA are known to say.
func together(a, b resolver.Status) resolver.Status {
	for _, status := range []resolver.Status{
		resolver.NoError, resolver.ServFail, resolver.Refused, resolver.Timeout, resolver.NoData,
	} {
		if a == status || b == status {
			return status
		}
	}
	return resolver.NXDomain
}

// validated reports whether every final answer was, "no AAAA" among them: a
// forged address of the other family would be used like a true one. Answers
// that failed bring no addresses and do not count.
func validated(answers [2]resolver.Answer) bool {
	final := false
	for _, answer := range answers {
		if !answer.Status.Final() {
			continue
		}
		if !answer.Secure {
			return false
		}
		final = true
	}
	return final
}
