package dnstest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/mxvet/mxvet/mx/resolver"
)

// Lookup answers as a resolver that asks this zone and nobody else would,
// without sockets and without a cache; its word on DNSSEC is trusted. A ;!timeout is Timeout at once: a test
// that is about the time it takes adds a ;!delay and runs in a synctest
// bubble. The error is the context's, and only that.
func (z *Zone) Lookup(ctx context.Context, name string, kind resolver.Type) (resolver.Answer, error) {
	if err := ctx.Err(); err != nil {
		return resolver.Answer{}, context.Cause(ctx)
	}
	query := new(dns.Msg)
	query.SetQuestion(dns.Fqdn(name), dns.StringToType[string(kind)])
	z.count(asked(query))
	reply, b := z.answer(query)
	if err := sleep(ctx, b.wait); err != nil {
		return resolver.Answer{}, err
	}
	return toAnswer(name, kind, reply), nil
}

func sleep(ctx context.Context, wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func toAnswer(name string, kind resolver.Type, reply *dns.Msg) resolver.Answer {
	if reply == nil {
		return resolver.Answer{Status: resolver.Timeout, Trusted: true, Detail: "no server answered in time"}
	}
	answer := resolver.Answer{Server: "dnstest", Secure: reply.AuthenticatedData, Trusted: true}
	for _, record := range reply.Answer {
		if record.Header().Rrtype == dns.StringToType[string(kind)] {
			answer.Records = append(answer.Records, dns.Copy(record))
		} else if alias, ok := record.(*dns.CNAME); ok {
			answer.Aliases = append(answer.Aliases, strings.TrimSuffix(canonical(alias.Target), "."))
		}
	}
	answer.Status, answer.Detail = status(reply, kind, cmp.Or(last(answer.Aliases), strings.TrimSuffix(canonical(name), ".")))
	if answer.Status.Final() {
		answer.Expires = time.Now().Add(lifetime(reply))
	}
	return answer
}

// status is the reply's, in the words of package resolver; name is the one at
// the end of the CNAME chain.
func status(reply *dns.Msg, kind resolver.Type, name string) (resolver.Status, string) {
	found := slices.ContainsFunc(reply.Answer, func(record dns.RR) bool {
		return record.Header().Rrtype == dns.StringToType[string(kind)]
	})
	switch {
	case reply.Rcode == dns.RcodeNameError:
		return resolver.NXDomain, name + " does not exist"
	case reply.Rcode == dns.RcodeRefused:
		return resolver.Refused, "REFUSED"
	case reply.Rcode != dns.RcodeSuccess:
		return resolver.ServFail, dns.RcodeToString[reply.Rcode]
	case !found:
		return resolver.NoData, fmt.Sprintf("%s has no %s record", name, kind)
	}
	return resolver.NoError, ""
}

func last(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[len(names)-1]
}

// lifetime is the shortest TTL in the reply; an SOA's is also bounded by its
// minimum (RFC 2308 s5).
func lifetime(reply *dns.Msg) time.Duration {
	shortest := ^uint32(0)
	for _, record := range append(reply.Answer[:len(reply.Answer):len(reply.Answer)], reply.Ns...) {
		shortest = min(shortest, record.Header().Ttl)
		if soa, ok := record.(*dns.SOA); ok {
			shortest = min(shortest, soa.Minttl)
		}
	}
	return time.Duration(shortest) * time.Second
}
