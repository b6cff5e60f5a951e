package dnstest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/mxvet/mxvet/mx/resolver"
)

// Lookup answers as a resolver that asks this zone and nobody else would,
// without sockets and without a cache. A ;!timeout is Timeout at once: a test
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
		return resolver.Answer{Status: resolver.Timeout, Detail: "no server answered in time"}
	}
	answer := resolver.Answer{Server: "dnstest", Secure: reply.AuthenticatedData}
	for _, record := range reply.Answer {
		if record.Header().Rrtype == dns.StringToType[string(kind)] {
			answer.Records = append(answer.Records, dns.Copy(record))
		} else if alias, ok := record.(*dns.CNAME); ok {
			answer.Aliases = append(answer.Aliases, strings.TrimSuffix(canonical(alias.Target), "."))
		}
	}
	switch {
	case reply.Rcode == dns.RcodeNameError:
		answer.Status, answer.Detail = resolver.NXDomain, fmt.Sprintf("%s does not exist", name)
	case reply.Rcode == dns.RcodeRefused:
		answer.Status, answer.Detail = resolver.Refused, "the server refused to answer"
	case reply.Rcode != dns.RcodeSuccess:
		answer.Status, answer.Detail = resolver.ServFail, "the server said "+dns.RcodeToString[reply.Rcode]
	case len(answer.Records) == 0:
		answer.Status, answer.Detail = resolver.NoData, fmt.Sprintf("%s has no %s record", name, kind)
	default:
		answer.Status = resolver.NoError
	}
	if answer.Status.Final() {
		answer.Expires = time.Now().Add(lifetime(reply))
	}
	return answer
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
