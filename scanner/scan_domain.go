package scanner

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner/judge"
)

// subject is one domain, or the name of a server, however many lines name it.
type subject struct {
	route    mx.Route
	promises *mx.Promises  // nil until they are in, and where none were asked for
	lines    int           // still to be told
	server   bool          // a server's name, which promises nothing
	done     chan struct{} // closed when the promises are in
	launched bool
	told     bool
}

// locate looks every domain and name up, each once, and notes the servers
// that each line leads to.
func (v *survey) locate(ctx context.Context) {
	group := new(errgroup.Group)
	group.SetLimit(lookups)
	for i := range v.lines {
		l := &v.lines[i]
		if l.err != nil || l.IP.IsValid() {
			continue
		}
		key := place{Domain: l.Domain, Host: l.Host}
		d := v.domains[key]
		if d == nil {
			d = &subject{done: make(chan struct{}), server: l.Host != ""}
			v.domains[key] = d
			group.Go(func() error { d.route = v.locateOne(ctx, key); return nil })
		}
		d.lines++
		l.domain = d
	}
	group.Wait()
	for i := range v.lines {
		v.lead(&v.lines[i])
	}
	v.domains, v.servers, v.hosts = nil, nil, nil // only lines lead to them from here on
}

func (v *survey) locateOne(ctx context.Context, p place) mx.Route {
	if p.Domain != "" {
		route, err := v.Router.Route(ctx, p.Domain)
		if err != nil {
			return mx.Route{Domain: p.Domain, Source: mx.None, Detail: "interrupted"}
		}
		v.watch.Domains.Add(1)
		return route
	}
	host, err := v.Router.Host(ctx, p.Host)
	if err != nil {
		return mx.Route{Domain: p.Host, Source: mx.None, Detail: "interrupted"}
	}
	return mx.Route{Domain: p.Host, Source: mx.Implicit, DNS: host.DNS, Hosts: []mx.Host{host}}
}

// lead notes the servers of one line. A line that names a server which was found
// has a server's row only.
func (v *survey) lead(l *line) {
	switch {
	case l.err != nil:
	case l.IP.IsValid():
		v.add(l, "", l.IP)
	default:
		l.domain.route.Hosts = v.shared(l.domain.route.Hosts)
		for _, host := range l.domain.route.Hosts {
			for _, ip := range host.Addresses {
				v.add(l, host.Name, ip)
			}
		}
		if l.Host != "" && len(l.servers) > 0 {
			l.domain = nil
		}
	}
}

// shared gives domains with equal exchangers one copy of them, equal
// preferences in the order of names: a report reads the same twice.
func (v *survey) shared(hosts []mx.Host) []mx.Host {
	if len(hosts) == 0 {
		return hosts
	}
	slices.SortStableFunc(hosts, func(a, b mx.Host) int {
		return cmp.Or(cmp.Compare(a.Preference, b.Preference), strings.Compare(a.Name, b.Name))
	})
	key := fmt.Sprint(hosts)
	if known, ok := v.hosts[key]; ok {
		return known
	}
	v.hosts[key] = hosts
	return hosts
}

// add notes that a line leads to a server, at the port it names or at all of
// the run's.
func (v *survey) add(l *line, host string, ip netip.Addr) {
	ports := v.ports()
	if l.Port != 0 {
		ports = []uint16{l.Port}
	}
	for _, port := range ports {
		addr := netip.AddrPortFrom(ip, port)
		key := probe.Key{Addr: addr, TLSName: host}
		f := v.servers[key]
		if f == nil {
			f = &found{way: way{Host: host, Addr: addr, Security: securityOf(port)}, done: make(chan struct{})}
			v.servers[key] = f
		}
		f.lines++
		l.servers = append(l.servers, f)
		if l.Domain != "" && (len(f.domains) == 0 || f.domains[len(f.domains)-1] != l.Domain) {
			f.domains = append(f.domains, l.Domain)
		}
		f.targets = append(f.targets, Target{Row: l.Row, Input: l.Text, Domain: l.Domain, Columns: columns(v.columns, l.Values)})
	}
}

// ask looks up what the domain promises.
func (d *subject) ask(ctx context.Context, v *survey) {
	defer close(d.done)
	if v.Audit.Promises == nil || d.server {
		return
	}
	select {
	case v.asking <- struct{}{}:
		defer func() { <-v.asking }()
	case <-ctx.Done():
		return
	}
	promises, err := v.Audit.Promises(ctx, &d.route)
	if err == nil {
		d.promises = &promises
	}
}

// describe fills a domain's row with what is known of it, its servers, and how
// the two agree.
func (d *subject) describe(row *DomainRow, servers []*found, now time.Time) {
	row.Route = *routeFacts(&d.route)
	if d.promises != nil {
		row.Promises = *d.promises
	}
	facts := make([]*probe.Server, 0, len(servers))
	for _, f := range servers {
		if f.facts != nil {
			facts = append(facts, f.facts)
		}
	}
	row.DANE = daneOf(&d.route, row.DANE, facts, now)
	row.Kind = judge.KindOf(&d.route, row.Promises)
	row.Deliveries = judge.Deliveries(&d.route, row.Promises, facts)
}
