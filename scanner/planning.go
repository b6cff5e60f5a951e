package scanner

import (
	"context"
	"crypto/sha256"
	"errors"
	"math"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner/input"
	"github.com/mxvet/mxvet/scanner/judge"
)

// lookups is how many domains are looked up at a time.
const lookups = 256

// plan reads the whole source into the store and looks each domain up once.
// Only then does the first conversation begin, so that one connection serves
// all addresses of a host.
func (r *run) plan(ctx context.Context, source *input.Source) error {
	domains, err := r.read(source)
	if err != nil {
		return err
	}
	r.watch.ReadAll.Store(true)
	troubled, err := r.routeAll(ctx, domains, r.RetryDNS > 0)
	if err != nil || len(troubled) == 0 {
		return err
	}
	select { // what DNS did not answer is asked once more before that is final
	case <-time.After(r.RetryDNS):
	case <-ctx.Done():
	}
	_, err = r.routeAll(ctx, troubled, false)
	return err
}

// domain is a domain of the input and how many lines have it.
type domain struct {
	name      string
	random    int64 // ID of its random mailbox
	mailboxes int64
}

// routeAll looks domains up, many at a time. With again, those that DNS did not
// answer are returned instead of being filed with that answer.
func (r *run) routeAll(ctx context.Context, domains []domain, again bool) (troubled []domain, err error) {
	var mu sync.Mutex
	routes := new(errgroup.Group)
	routes.SetLimit(lookups)
	for _, d := range domains {
		if ctx.Err() != nil {
			break
		}
		routes.Go(func() error {
			known, _, err := r.store.Recall(r.keeping, domainKey(d.name))
			switch {
			case err != nil:
				return err
			case known.Route != nil: // looked up before this process began
				return r.queue(d, known.Route)
			}
			route, err := r.routeTo(ctx, d.name)
			switch {
			case ctx.Err() != nil:
				return nil // cut off: the domain stays unasked
			case err != nil:
				return err
			case again && unanswered(&route):
				mu.Lock()
				defer mu.Unlock()
				troubled = append(troubled, d)
				return nil
			default:
				return r.file(d, &route)
			}
		})
	}
	return troubled, routes.Wait()
}

// unanswered reports whether a domain has nobody to ask because DNS failed.
func unanswered(route *mx.Route) bool {
	if slices.ContainsFunc(route.Hosts, mx.Host.Usable) {
		return false
	}
	return route.Special == "" && (!route.DNS.Final() || slices.ContainsFunc(route.Hosts, mx.Host.Pending))
}

// read adds the lines of the source to the store and returns their domains in
// the order of first mention.
func (r *run) read(source *input.Source) ([]domain, error) {
	var domains []domain
	seen := make(map[digest]uint32) // work by mailbox, the first four thousand million of it
	place := make(map[string]int)   // index into domains
	id := int64(0)
	for in := range source.All() {
		id++
		work := r.work(id, in)
		if work.Mailbox != nil {
			key := digestOf(work.Mailbox.Key())
			if first, again := seen[key]; again {
				work.Same = int64(first)
			} else if id <= math.MaxUint32 {
				seen[key] = uint32(id)
			}
			if i, known := place[work.Domain]; known && !work.Settled {
				if work.Same == 0 {
					domains[i].mailboxes++
				}
			} else if !work.Settled {
				name := strings.Clone(work.Domain) // not with its whole line
				place[name] = len(domains)
				domains = append(domains, domain{name: name, random: -int64(len(domains)) - 1, mailboxes: 1})
			}
		}
		if err := r.store.Add(r.keeping, work); err != nil {
			return nil, err
		}
		r.watch.Rows.Add(1)
		if r.hard.Err() != nil {
			break // what was given before the end is not lost, but an endless pipe ends here
		}
	}
	return domains, nil
}

// digest stands for a mailbox: a fourth of the memory that its text takes, and
// at 96 bits no two of ten million are ever the same.
type digest [12]byte

func digestOf(key string) digest {
	sum := sha256.Sum256([]byte(key))
	return digest(sum[:12])
}

// work makes one line of input into work.
func (r *run) work(id int64, in input.Input) Work {
	work := Work{ID: id, Kind: probe.AddressKind, Input: in}
	if in.Err != nil {
		work.Syntax, work.Settled = &address.Error{Input: in.Text, Offset: -1, Rule: "unreadable_row", Reason: in.Err.Error()}, true
		return work
	}
	mailbox, err := r.Policy.Parse(in.Text)
	if err != nil {
		work.Syntax, work.Settled = asSyntax(in.Text, err), true
		return work
	}
	work.Mailbox, work.Domain = &mailbox, mailbox.Domain+mailbox.Literal
	switch {
	case r.Exclude.Address(mailbox):
		work.Fate, work.Settled = judge.FateExcluded, true
	case r.method() == BySyntax:
		work.Settled = true
	case r.Earlier != nil && r.Earlier.Has(mailbox):
		work.Fate, work.Settled = judge.FateKnown, true
	}
	return work
}

func asSyntax(text string, err error) *address.Error {
	if syntax, ok := errors.AsType[*address.Error](err); ok {
		return syntax
	}
	return &address.Error{Input: text, Offset: -1, Reason: err.Error()}
}

// file remembers a domain's route and queues its work.
func (r *run) file(d domain, route *mx.Route) error {
	if _, err := r.store.Remember(r.keeping, domainKey(d.name), Known{Route: route}, 0); err != nil {
		return err
	}
	return r.queue(d, route)
}

// queue queues the work of a domain, with a random mailbox where there is
// somebody to ask.
func (r *run) queue(d domain, route *mx.Route) error {
	domain := d.name
	r.watch.Domains.Add(1)
	queue := ""
	if r.asks() {
		queue = queueOf(r.ways(route))
	}
	if queue != "" {
		r.asked.Add(d.mailboxes)
		random := address.Address{Local: r.randomLocal(), Domain: domain, Unicode: domain}
		if strings.HasPrefix(domain, "[") {
			random.Domain, random.Unicode, random.Literal = "", "", domain
		}
		if err := r.store.Add(r.keeping, Work{ID: d.random, Kind: probe.RandomKind, Domain: domain, Mailbox: &random}); err != nil {
			return err
		}
	}
	return r.store.Assign(r.keeping, domain, queue)
}

func (r *run) routeTo(ctx context.Context, domain string) (mx.Route, error) {
	if strings.HasPrefix(domain, "[") {
		return literalRoute(domain, r.reaches), nil
	}
	return r.Router.Route(ctx, domain)
}

// literalRoute leads to the address in an address literal (RFC 5321 s4.1.3):
// it is its own exchanger, and DNS has no part in it.
func literalRoute(literal string, reaches func(netip.Addr) bool) mx.Route {
	route := mx.Route{Domain: literal, Source: mx.Implicit, DNS: resolver.NoError}
	text := strings.TrimPrefix(strings.Trim(literal, "[]"), "IPv6:")
	host := mx.Host{Name: literal, DNS: resolver.NoError}
	if ip, err := netip.ParseAddr(text); err == nil {
		host.Addresses = []netip.Addr{ip}
		if !reaches(ip) {
			host.Faults = []mx.Fault{mx.NotGlobal}
		}
	}
	route.Hosts = []mx.Host{host}
	return route
}

// queueOf names the set of servers that a route leads to: work for the same
// set shares conversations. It is empty where there is no server to ask.
func queueOf(ways []way) string {
	var hosts []string
	for _, w := range ways {
		if !slices.Contains(hosts, w.Host) {
			hosts = append(hosts, w.Host)
		}
	}
	slices.Sort(hosts)
	return strings.Join(hosts, " ")
}
