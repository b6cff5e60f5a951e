package doctor

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/mxvet/mxvet/mx"
)

// listed says which blocklists our address is on. Lists that fail their test
// count for nothing; those that do not answer leave the question open.
func (e *examination) listed(ctx context.Context, v view) Finding {
	ip := v.source.public
	if !ip.IsValid() {
		return noAddress(Blocklists, v.family)
	}
	f := Finding{Check: Blocklists, Family: v.family}
	lists := slices.DeleteFunc(slices.Clone(e.Lists), func(list mx.DNSBL) bool { return v.family == IPv6 && !list.IPv6 })
	listings := e.ask(ctx, lists, ip)
	var on []string
	for _, l := range listings {
		f.Evidence = append(f.Evidence, evidenceOf(l))
		if l.State == mx.DNSBLListed {
			on = append(on, l.Zone)
			f.Advice = strings.TrimSpace(f.Advice + " " + adviceOf(l))
		}
	}
	off := countState(listings, mx.DNSBLUnlisted)
	open := countState(listings, mx.DNSBLRefuses) + countState(listings, mx.DNSBLUnanswered)
	switch {
	case len(on) > 0:
		f.Status, f.Title = Warning, fmt.Sprintf("%s is listed by %s", ip, strings.Join(on, ", "))
	case open > 0:
		f.Status, f.Title = Inconclusive, fmt.Sprintf("%s is on none of the %d lists that answered; %d did not", ip, off, open)
	case off == 0:
		f.Status, f.Title = Skipped, "there is no list to ask"
	default:
		f.Status, f.Title = OK, fmt.Sprintf("%s is on none of %d lists", ip, off)
	}
	return f
}

// access says whether blocklists answer this resolver at all: public ones are
// not served by many, and mail servers that use them are blind.
func (e *examination) access(ctx context.Context) Finding {
	f := Finding{Check: ListAccess, Status: OK}
	listings := e.ask(ctx, e.Lists, netip.Addr{})
	for _, l := range listings {
		if l.State != mx.DNSBLWorks {
			f.Evidence = append(f.Evidence, evidenceOf(l))
		}
	}
	works, closed := countState(listings, mx.DNSBLWorks), countState(listings, mx.DNSBLRefuses)
	f.Title = fmt.Sprintf("%d of %d lists answer this resolver", works, len(listings))
	switch {
	case len(listings) == 0:
		f.Status, f.Title = Skipped, "there is no list to ask"
	case closed > 0:
		f.Status = Inconclusive
		f.Title += fmt.Sprintf("; %d do not serve it", closed)
		f.Advice = "They turn public resolvers away, which is no listing. A resolver of your own (such as unbound on this machine, with --resolver 127.0.0.1) is served, and its DNSSEC counts."
	case works == 0:
		f.Status = Inconclusive
	}
	return f
}

// ask asks all lists at the same time.
func (e *examination) ask(ctx context.Context, lists []mx.DNSBL, ip netip.Addr) []mx.Listing {
	out := make([]mx.Listing, len(lists))
	var wait sync.WaitGroup
	for i, list := range lists {
		wait.Go(func() {
			listing, err := e.Router.Listed(ctx, list, ip)
			if err != nil {
				listing = mx.Listing{Zone: list.Zone, State: mx.DNSBLUnanswered, Detail: ended}
			}
			out[i] = listing
		})
	}
	wait.Wait()
	return out
}

func countState(listings []mx.Listing, state mx.DNSBLState) int {
	n := 0
	for _, l := range listings {
		if l.State == state {
			n++
		}
	}
	return n
}

func evidenceOf(l mx.Listing) string {
	text := l.Zone + ": " + string(l.State)
	if l.State == mx.DNSBLListed {
		text += " " + spaced(l.Codes)
		for _, reason := range l.Reasons {
			text += ", " + reason.About
		}
	}
	for _, more := range []string{l.Detail, l.Text} {
		if more != "" {
			text += ": " + more
		}
	}
	return clip(text)
}

func adviceOf(l mx.Listing) string {
	var out []string
	for _, reason := range l.Reasons {
		out = append(out, reason.Advice)
	}
	if len(out) == 0 {
		return l.Zone + ": ask its operator why, and for removal."
	}
	return l.Zone + ": " + strings.Join(out, "; ") + "."
}
