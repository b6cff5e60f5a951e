package cli

import (
	"cmp"
	"context"
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/mx/mtasts"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/pace"
)

// asks is the flags of a scan that say what is found out beside the one
// conversation with each server.
type asks struct {
	serversOnly bool
	selectors   []string
	lists       []string
	sweep       bool
	intrusive   bool
	relay       bool
	relayTo     string
}

// scanAgain is how long a scan waits before it goes back to a server that put
// it off: about what a connection limit or a restart takes, then more.
var scanAgain = [...]time.Duration{5 * time.Second, 20 * time.Second}

func (a *asks) flags(cmd *cobra.Command) {
	under(cmd, howToAsk, func(f *pflag.FlagSet) {
		f.BoolVar(&a.serversOnly, "servers-only", false, "leave out what domains promise in DNS, and the names of addresses")
		f.StringSliceVar(&a.selectors, "dkim-selectors", nil, "look at these DKIM `selectors` of every domain; they cannot be listed")
		f.StringSliceVar(&a.lists, "dnsbl", nil, "ask these blocklist `zones` for every server's address; all is every list mxvet knows")
		f.BoolVar(&a.sweep, "tls-sweep", false, "find out every TLS version, suite and group a server takes: 30 to 120 connections more each, 150 at most, a second apart")
		f.BoolVar(&a.intrusive, "intrusive", false, "try what a server should not let pass: commands behind STARTTLS, lines without CR, mail before TLS or login, NTLM, EXPN, HELP: 4 connections more each (5 at 465 and 587), a second apart")
		f.BoolVar(&a.relay, "relay-test", false, "ask for mailboxes elsewhere in some 16 forms: 1 connection more each, with RCPT and never DATA")
		f.StringVar(&a.relayTo, "relay-to", "", "the mailbox that --relay-test asks for, an `address` of yours elsewhere (default: "+probe.RelayDefault+")")
	})
}

// check reads the flags that can be wrong.
func (a *asks) check() error {
	if a.serversOnly && len(a.selectors) > 0 {
		return usage("--servers-only and --dkim-selectors exclude each other").hint("leave --servers-only out to look at domains")
	}
	if a.relayTo != "" && !a.relay {
		return usage("--relay-to without --relay-test").hint("--relay-test --relay-to %s", a.relayTo)
	}
	if _, err := address.Parse(cmp.Or(a.relayTo, probe.RelayDefault)); err != nil {
		return usage("--relay-to %s: %v", a.relayTo, err).hint("a mailbox of yours in a domain that the servers have nothing to do with")
	}
	for _, selector := range a.selectors {
		if _, _, err := address.ParseDomain(strings.ReplaceAll(selector, "_", "-") + ".example.org"); err != nil { // RFC 6376 s3.1; in the wild with underscores
			return usage("--dkim-selectors %s: no selector", selector).hint("what stands behind s= in the DKIM-Signature of the domain's mail, as s1 or google")
		}
	}
	for _, zone := range a.lists {
		if _, ok := listOf(zone); !ok && zone != "all" {
			return usage("--dnsbl %s: not a name", zone).hint("the zone of a list, as zen.spamhaus.org, or all")
		}
	}
	return nil
}

// audit is what the scanner is to find out.
func (a *asks) audit(s *scanner.Scanner, router *mx.Router, dns *resolver.Resolver) scanner.Audit {
	audit := scanner.Audit{Again: scanAgain[:], Server: probe.Audit{Vrfy: true, Expn: a.intrusive, Help: a.intrusive}}
	if a.sweep || a.intrusive || a.relay {
		audit.Try = a.tries(s.Pace.Name == pace.Own().Name)
	}
	if lists := a.zones(); len(lists) > 0 {
		audit.Listings = func(ctx context.Context, ip netip.Addr) (out []mx.Listing, err error) {
			for _, list := range lists {
				listing, err := router.Listed(ctx, list, ip)
				if err != nil {
					return nil, err
				}
				out = append(out, listing)
			}
			return out, nil
		}
	}
	if a.serversOnly {
		return audit
	}
	audit.Reverse = router.Reverse
	want := mx.Everything(a.selectors...)
	want.MTASTS = &mtasts.Client{Resolver: dns, Reaches: s.Reaches, Dial: scanner.DialAny(s.Egresses), Roots: s.Roots}
	audit.Promises = func(ctx context.Context, route *mx.Route) (mx.Promises, error) {
		return router.Promises(ctx, *route, want)
	}
	return audit
}

// tries is what is asked over connections of its own, one at a time. Servers of
// the user's own need no rest between them.
func (a *asks) tries(own bool) func(context.Context, probe.Plan, *probe.Server) {
	between := time.Second
	if own {
		between = time.Millisecond
	}
	options := probe.Options{Enforced: a.intrusive, Injection: a.intrusive, BareLF: a.intrusive, NTLM: a.intrusive, SubmitAuth: a.intrusive,
		Relay: a.relay, RelayTo: a.relayTo, Pause: between}
	return func(ctx context.Context, plan probe.Plan, facts *probe.Server) {
		if a.sweep && facts.TLS != nil && rested(ctx, between) {
			facts.Sweep, facts.Resumed = probe.Sweep(ctx, plan, probe.SweepOptions{Pause: between})
		}
		if probe.Connections(options) > 0 && rested(ctx, between) {
			if conduct, err := probe.Try(ctx, plan, options); err == nil {
				facts.Conduct = conduct
			}
		}
	}
}

// rested waits, unless ctx ends first.
func rested(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// zones are the lists that were named. One that is not in the table is asked
// all the same; only what its answers mean is not known.
func (a *asks) zones() []mx.DNSBL {
	var out []mx.DNSBL
	for _, zone := range a.lists {
		if zone == "all" {
			return mx.DNSBLs()
		}
		list, _ := listOf(zone)
		out = append(out, list)
	}
	return out
}

func listOf(zone string) (list mx.DNSBL, ok bool) {
	zone = strings.ToLower(strings.Trim(zone, "."))
	for _, known := range mx.DNSBLs() {
		if known.Zone == zone {
			return known, true
		}
	}
	return mx.DNSBL{Zone: zone, IPv6: true}, strings.Contains(zone, ".")
}
