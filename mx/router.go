package mx

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"

	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/mx/resolver"
)

// maxHosts is how many exchangers of a domain are looked up. Big providers
// have up to ten; more than twenty is a mistake, or a domain that makes its
// senders work.
const maxHosts = 20

// Resolver is all a Router needs of DNS. Lookup is called from several
// goroutines at once; its error means that ctx ended, and nothing else.
type Resolver interface {
	Lookup(ctx context.Context, name string, kind resolver.Type) (resolver.Answer, error)
}

// Router finds Routes. Only Resolver must be set; the Router keeps no state and
// no cache of its own, and may be used by any number of goroutines.
type Router struct {
	Resolver Resolver

	// AllowPrivate looks for mail at special-use names too, and lets addresses
	// that are not Global pass.
	AllowPrivate bool

	// Reaches says which addresses mail can be sent to: nil is Global, or every
	// address with AllowPrivate.
	Reaches func(netip.Addr) bool

	// Shuffle orders exchangers before they are sorted by preference: nil is
	// math/rand/v2's.
	Shuffle func(n int, swap func(i, j int))

	// Concurrency is how many addresses of one Route are looked up at the same
	// time: 0 is 8.
	Concurrency int
}

// Route says where mail for a domain goes. The domain is in A-labels, with or
// without its final dot. The error means that ctx ended: what DNS says, or
// fails to say, is in the Route.
func (r *Router) Route(ctx context.Context, domain string) (Route, error) {
	domain = strings.ToLower(strings.TrimSuffix(domain, "."))
	route := Route{Domain: domain, Source: None}
	if rfc, reserved := address.SpecialUse(domain); reserved && !r.AllowPrivate {
		route.Special = rfc
		route.Detail = fmt.Sprintf("%s is under a name that %s reserves: no public mail server can be there", domain, rfc)
		return route, nil
	}
	answer, err := r.Resolver.Lookup(ctx, domain, resolver.MX)
	if err != nil {
		return Route{}, fmt.Errorf("route of %s: %w", domain, err)
	}
	route.DNS, route.Secure, route.Aliases = answer.Status, answer.Secure, slices.Clone(answer.Aliases)
	switch answer.Status {
	case resolver.NoError:
		err = r.fromMX(ctx, &route, answer.Exchanges())
	case resolver.NoData:
		err = r.implicit(ctx, &route)
	case resolver.NXDomain:
		route.Hosts = []Host{}
		route.Detail = noDomain(route)
	default:
		route.Detail = unanswered("MX", answer.Status, answer.Detail)
	}
	if err != nil {
		return Route{}, fmt.Errorf("route of %s: %w", domain, err)
	}
	return route, nil
}

// Host looks up the addresses of one server by its name, whatever its domain's
// MX records say. The error means that ctx ended.
func (r *Router) Host(ctx context.Context, name string) (Host, error) {
	hosts := []Host{{Name: name, Provider: ProviderOf(name).ID}}
	if err := r.resolve(ctx, hosts); err != nil {
		return Host{}, fmt.Errorf("addresses of %s: %w", name, err)
	}
	host := hosts[0]
	host.Faults = slices.DeleteFunc(host.Faults, func(f Fault) bool { return f == Alias }) // only an MX target must not be one
	return host, nil
}

func noDomain(route Route) string {
	if n := len(route.Aliases); n > 0 {
		return fmt.Sprintf("the domain is an alias of %s, which does not exist", route.Aliases[n-1])
	}
	return "the domain does not exist"
}

func unanswered(kind string, status resolver.Status, detail string) string {
	return fmt.Sprintf("%s look-up: %s", kind, cmp.Or(detail, string(status)))
}

// fromMX fills the route from MX records, of which there is at least one.
func (r *Router) fromMX(ctx context.Context, route *Route, exchanges []resolver.Exchange) error {
	exchanges = r.order(exchanges)
	if len(exchanges) == 1 && exchanges[0].Name == "" {
		route.null(exchanges[0])
		return nil
	}
	route.Source = FromMX
	if total := len(exchanges); total > maxHosts {
		exchanges = exchanges[:maxHosts]
		route.Detail = fmt.Sprintf("%d mail exchangers: the last %d by preference are left out", total, total-maxHosts)
	}
	for _, exchange := range exchanges {
		route.Hosts = append(route.Hosts, r.exchanger(exchange))
	}
	return r.resolve(ctx, route.Hosts)
}

// order merges repeats of a name into its lowest preference and sorts, with
// equal preferences in random order (RFC 5321 s5.1).
func (r *Router) order(exchanges []resolver.Exchange) []resolver.Exchange {
	var out []resolver.Exchange
	at := map[string]int{}
	for _, exchange := range exchanges {
		i, seen := at[exchange.Name]
		if !seen {
			at[exchange.Name] = len(out)
			out = append(out, exchange)
			continue
		}
		out[i].Preference = min(out[i].Preference, exchange.Preference)
	}
	shuffle := r.Shuffle
	if shuffle == nil {
		shuffle = rand.Shuffle
	}
	shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	slices.SortStableFunc(out, func(a, b resolver.Exchange) int { return cmp.Compare(a.Preference, b.Preference) })
	return out
}

// null is the route of a domain whose only MX target is ".". RFC 7505 s3 asks
// for preference 0; with another one it can still mean nothing else, but the
// host stays to be seen with its fault.
func (route *Route) null(root resolver.Exchange) {
	route.Source = Null
	route.Hosts = []Host{}
	route.Detail = "the domain takes no mail: null MX"
	if root.Preference != 0 {
		route.Hosts = append(route.Hosts, Host{Name: ".", Preference: root.Preference, Faults: []Fault{RootTarget}})
		route.Detail = fmt.Sprintf("the domain takes no mail: null MX, though its preference is %d, not 0", root.Preference)
	}
}

// implicit fills the route of a domain without MX records: the domain is its
// own exchanger. For a CNAME that is the name at the end of the chain, which
// "is processed as if it were the initial name" (RFC 5321 s5.1).
func (r *Router) implicit(ctx context.Context, route *Route) error {
	name := route.Domain
	if n := len(route.Aliases); n > 0 {
		name = route.Aliases[n-1]
	}
	host, err := r.Host(ctx, name)
	if err != nil {
		return err
	}
	route.DNS = host.DNS
	switch {
	case len(host.Addresses) > 0:
		route.Source, route.Hosts = Implicit, []Host{host}
	case host.Pending():
		route.Detail = unanswered("no MX record, and address", host.DNS, "")
	default:
		route.Hosts = []Host{}
		route.Detail = "the domain has neither MX nor address records"
	}
	return nil
}
