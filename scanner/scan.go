package scanner

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/scanner/input"
)

// Servers probes the servers that the lines of a source name: a domain's
// exchangers at all their addresses, or a server by name or address. Each IP
// address, port and TLS name is probed once, however many lines lead to it.
// The sink gets a DomainRow for each domain and each line that names nothing,
// in input order, then a ServerRow for each server in the order of first
// mention, then the run's row, which is also returned.
//
// When ctx ends, servers not reached yet are left out.
func (s *Scanner) Servers(ctx context.Context, source *input.Source, sink Sink) (*RunRow, error) {
	r := s.newRun(ctx)
	defer r.release()
	r.columns, r.exits.patience = source.Columns(), 0
	survey := &survey{run: r, tally: newTally(r), byServer: make(map[probe.Key]*found)}
	return survey.do(ctx, source, sink)
}

// survey is one call of Servers.
type survey struct {
	*run
	tally    *tally
	lines    []line
	servers  []*found
	byServer map[probe.Key]*found
}

// line is one line of input and where it leads.
type line struct {
	input.Input
	place
	route *mx.Route // of a domain, or of a server given by name; nil for an IP address
	err   error
}

// found is one server and the lines that lead to it.
type found struct {
	way
	tlsName string
	domains []string
	targets []Target
	server  chan probe.Server // gets the facts
}

func (v *survey) do(ctx context.Context, source *input.Source, sink Sink) (*RunRow, error) {
	v.read(source)
	v.locate(ctx)
	for _, l := range v.lines {
		if err := v.mention(l, sink); err != nil {
			return nil, err
		}
	}
	probing, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	go func() { defer close(done); v.probeAll(probing) }()
	err := v.write(sink)
	if err != nil {
		v.abandon() // nobody is left to tell
	}
	cancel()
	<-done
	if err != nil {
		return nil, err
	}
	row := v.tally.row(ctx.Err() != nil)
	if err := source.Err(); err != nil {
		return row, err
	}
	return row, sink.Put(row)
}

func (v *survey) read(source *input.Source) {
	for in := range source.All() {
		l := line{Input: in, err: in.Err}
		if l.err == nil {
			l.place, l.err = parsePlace(in.Text)
		}
		v.lines = append(v.lines, l)
		v.watch.Rows.Add(1)
		if v.hard.Err() != nil {
			break
		}
	}
	v.watch.ReadAll.Store(true)
}

// locate looks every domain and name up, each once.
func (v *survey) locate(ctx context.Context) {
	routes := make(map[place]*mx.Route)
	group := new(errgroup.Group)
	group.SetLimit(lookups)
	for i := range v.lines {
		l := &v.lines[i]
		if l.err != nil || l.IP.IsValid() {
			continue
		}
		key := place{Domain: l.Domain, Host: l.Host}
		if routes[key] == nil {
			route := new(mx.Route)
			routes[key] = route
			group.Go(func() error { *route = v.locateOne(ctx, key); return nil })
		}
		l.route = routes[key]
	}
	group.Wait()
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

// mention puts the row of a domain, and notes the servers that a line leads to.
func (v *survey) mention(l line, sink Sink) error {
	if l.err == nil && l.IP.IsValid() {
		v.add(l, "", l.IP)
		return nil
	}
	if l.err == nil {
		for _, host := range l.route.Hosts {
			for _, ip := range host.Addresses {
				v.add(l, host.Name, ip)
			}
		}
		if l.Host != "" && slices.ContainsFunc(l.route.Hosts, func(h mx.Host) bool { return len(h.Addresses) > 0 }) {
			return nil // a server that was found has a row of its own
		}
	}
	row := &DomainRow{Type: "domain", Row: l.Row, Input: l.Text, Domain: l.Domain + l.Host, Unicode: l.Unicode, Columns: columns(v.columns, l.Values)}
	if l.err != nil {
		row.Error = l.err.Error()
	} else {
		row.Route = *routeFacts(l.route)
	}
	v.tally.rows++
	v.watch.Done.Add(1)
	return sink.Put(row)
}

// add notes that a line leads to a server, at the port it names or at all of
// the run's.
func (v *survey) add(l line, host string, ip netip.Addr) {
	ports := v.ports()
	if l.Port != 0 {
		ports = []uint16{l.Port}
	}
	for _, port := range ports {
		addr := netip.AddrPortFrom(ip, port)
		key := probe.Key{Addr: addr, TLSName: host}
		f := v.byServer[key]
		if f == nil {
			f = &found{way: way{Host: host, Addr: addr, Security: securityOf(port)}, tlsName: host, server: make(chan probe.Server, 1)}
			v.byServer[key] = f
			v.servers = append(v.servers, f)
		}
		if l.Domain != "" && !slices.Contains(f.domains, l.Domain) {
			f.domains = append(f.domains, l.Domain)
		}
		f.targets = append(f.targets, Target{Row: l.Row, Input: l.Text, Columns: columns(v.columns, l.Values)})
	}
}

// probeAll probes every server, at most Concurrency at a time. A server not
// reached before ctx ends gets no facts.
func (v *survey) probeAll(ctx context.Context) {
	group := new(errgroup.Group)
	group.SetLimit(v.concurrency())
	for _, f := range v.servers {
		group.Go(func() error {
			defer close(f.server)
			if ctx.Err() == nil {
				if server, ok := v.probe(ctx, f); ok {
					f.server <- server
				}
			}
			return nil
		})
	}
	group.Wait()
}

// probe holds one conversation; ok is false where we were told to stop.
func (v *survey) probe(ctx context.Context, f *found) (server probe.Server, ok bool) {
	if why := v.hindrance(f); why != "" {
		return notAllowed(f, why), true
	}
	leave, err := v.meter.Enter(ctx, f.Addr.Addr())
	if err != nil {
		return probe.Server{}, false
	}
	defer leave()
	v.watch.Open.Add(1)
	defer v.watch.Open.Add(-1)
	v.watch.Conversations.Add(1)
	limited, cancel := context.WithTimeout(v.hard, v.timeout())
	defer cancel()
	session, err := v.openOver(limited, f.way)
	if failure, failed := errors.AsType[*probe.Failure](err); failed {
		return failure.Server, v.hard.Err() == nil
	}
	defer func() { v.watch.Commands.Add(int64(session.Commands())) }()
	defer session.Close()
	return session.Server(), true
}

// openOver opens a session over the next way out that is up.
func (v *survey) openOver(ctx context.Context, w way) (session *probe.Session, err error) {
	for range v.exits.all {
		out, _ := v.exits.pick("", w.Addr.Addr()) // never none: a survey waits for no proxy
		session, err = probe.Open(ctx, v.Scanner.plan(w, out))
		if !v.exits.heed(out, w.Addr.Addr(), err) {
			return session, err
		}
	}
	return session, err
}

// hindrance says why a server is not gone to; it is empty for one that is.
func (v *survey) hindrance(f *found) string {
	ip := f.Addr.Addr()
	switch {
	case v.Exclude.Host(f.Host) || v.Exclude.IP(ip):
		return "on the list of what is never asked"
	case !v.reaches(ip):
		return "not a globally reachable address"
	case !v.mayDial(ip) && ip.Is6():
		return "this machine has no IPv6"
	case !v.mayDial(ip):
		return "IPv4 is switched off"
	default:
		return ""
	}
}

func notAllowed(f *found, why string) probe.Server {
	outcome := probe.Outcome{At: time.Now(), Stage: smtp.Connect, Host: f.Host, IP: f.Addr.Addr(), Port: f.Addr.Port(), Text: why, Cause: probe.NotAllowed, Meaning: "network_error", Rule: "connect/not_allowed"}
	return probe.Server{Host: f.Host, IP: f.Addr.Addr(), Port: f.Addr.Port(), TLSName: f.Host, Reachable: probe.Inconclusive, Why: why,
		StartTLS: probe.Inconclusive, TLSWhy: why, Failure: &outcome, At: outcome.At}
}

// write puts the servers' rows in the order of first mention.
func (v *survey) write(sink Sink) error {
	for _, f := range v.servers {
		server, ok := <-f.server
		if !ok {
			continue
		}
		row := &ServerRow{Type: "server", Server: server, Domains: f.domains, Targets: f.targets}
		if err := sink.Put(row); err != nil {
			return err
		}
		v.tally.servers++
		v.tally.rows++
		v.watch.Done.Add(1)
	}
	return nil
}
