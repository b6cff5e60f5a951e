package doctor

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mxvet/mxvet/mx/resolver"
)

const (
	signedName = "ietf.org"      // signed with DNSSEC for as long as there is DNSSEC
	slowDNS    = 1 * time.Second // a run asks several questions for each domain
)

// asked is a question whose answer nobody can have in a cache.
type asked struct {
	name   string
	answer resolver.Answer
	took   time.Duration
	err    error
}

// names are the findings about the resolver.
func (e *examination) names(ctx context.Context) []Finding {
	questions := make([]asked, 3)
	var wait sync.WaitGroup
	for i, top := range []string{"com", "net", "org"} {
		wait.Go(func() {
			q := asked{name: "mxvet-" + strings.ToLower(rand.Text()) + "." + top}
			start := time.Now()
			q.answer, q.err = e.Router.Resolver.Lookup(ctx, q.name, resolver.A)
			q.took = time.Since(start)
			questions[i] = q
		})
	}
	wait.Wait()
	return []Finding{answers(questions), honesty(questions), e.dnssec(ctx)}
}

// answers says whether DNS answers, and how fast.
func answers(questions []asked) Finding {
	f := Finding{Check: Resolver}
	var took []time.Duration
	final, over := 0, false
	for _, q := range questions {
		took = append(took, q.took)
		over = over || q.err != nil
		if q.err == nil && q.answer.Status.Final() {
			final++
			f.Evidence = append(f.Evidence, fmt.Sprintf("%s answered in %s", q.answer.Server, short(q.took)))
		} else if q.err == nil {
			f.Evidence = append(f.Evidence, fmt.Sprintf("%s: %s %s", q.name, q.answer.Status, clip(q.answer.Detail)))
		}
	}
	slices.Sort(took)
	middle := took[len(took)/2]
	f.Title = fmt.Sprintf("DNS answers in %s", short(middle))
	switch {
	case over:
		f.Status, f.Title = Inconclusive, ended
	case final == 0:
		f.Status, f.Title = Fatal, "DNS does not answer"
		f.Advice = "Without it no mail server can be found. Name a resolver that works with --resolver IP, or see whether port 53 is open to it."
	case final < len(questions):
		f.Status, f.Title = Warning, fmt.Sprintf("DNS answered %d of %d questions", final, len(questions))
		f.Advice = "A resolver that loses questions makes verdicts unknown (dns_error): name another with --resolver."
	case middle > slowDNS:
		f.Status, f.Advice = Warning, "A run asks several questions for each domain: a resolver near this machine (--resolver) makes it faster."
	default:
		f.Status = OK
	}
	return f
}

// honesty says whether names that do not exist get no answer. Some resolvers
// lead them to a search page, which would look like a domain with a server.
func honesty(questions []asked) Finding {
	f := Finding{Check: Honesty}
	honest := 0
	for _, q := range questions {
		switch {
		case q.err == nil && q.answer.Status == resolver.NXDomain:
			honest++
		case q.err == nil && q.answer.Status == resolver.NoError:
			f.Evidence = append(f.Evidence, fmt.Sprintf("%s, which cannot exist: %s", q.name, spaced(q.answer.Addresses())))
		}
	}
	switch {
	case len(f.Evidence) > 0:
		f.Status, f.Title = Warning, "the resolver invents addresses for names that do not exist"
		f.Advice = "Domains that do not exist would seem to have a server that does not answer. Name an honest resolver with --resolver, such as unbound on this machine."
	case honest > 0:
		f.Status, f.Title = OK, "names that do not exist do not exist"
	default:
		f.Status, f.Title = Inconclusive, "DNS does not say of any name that it does not exist"
	}
	return f
}

// dnssec says whether validated answers reach us in a way that counts
// (RFC 7672 s2.1.3).
func (e *examination) dnssec(ctx context.Context) Finding {
	f := Finding{Check: DNSSEC}
	answer, err := e.Router.Resolver.Lookup(ctx, signedName, resolver.MX)
	if err != nil || answer.Status != resolver.NoError {
		f.Status, f.Title = Inconclusive, signedName+", which is signed, could not be looked up"
		f.Evidence = []string{fmt.Sprintf("%s MX: %s %s", signedName, answer.Status, clip(answer.Detail))}
		return f
	}
	f.Evidence = []string{fmt.Sprintf("%s MX by %s: validated %v", signedName, answer.Server, answer.Secure)}
	switch {
	case answer.Secure:
		f.Status, f.Title = OK, "signed answers come validated"
	case e.TrustAD || here(answer.Server):
		f.Status, f.Title = Warning, "the resolver does not validate signed answers"
		f.Advice = "DANE is not looked at without. Turn validation on in the resolver, or use one that validates."
	default:
		f.Status, f.Title = Skipped, "the resolver is not on this machine: its word on signatures does not count"
		f.Advice = "DANE is not looked at without. Use a validating resolver on this machine (such as unbound, with --resolver 127.0.0.1), or --trust-ad where nobody can get in between."
	}
	return f
}

// here reports whether a resolver's ip:port is on this machine.
func here(server string) bool {
	at, err := netip.ParseAddrPort(server)
	return err == nil && at.Addr().IsLoopback()
}
