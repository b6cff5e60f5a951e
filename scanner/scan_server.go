package scanner

import (
	"context"
	"errors"
	"net"
	"slices"
	"time"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
)

// found is one server and the lines that lead to it.
type found struct {
	way
	domains  []string
	targets  []Target
	lines    int           // still to be told
	done     chan struct{} // closed when the row is in, or will not be
	row      *ServerRow    // nil where the server was not reached before the end
	facts    *probe.Server // what domains need of it, once its row is told
	launched bool
	told     bool
}

// ask probes the server, again where it put us off, and looks its address up.
func (f *found) ask(ctx context.Context, v *survey) {
	defer close(f.done)
	server, ok := f.probe(ctx, v)
	if !ok {
		return
	}
	slices.Sort(f.domains)
	row := &ServerRow{Type: "server", Server: server, Domains: slices.Compact(f.domains), Targets: f.targets}
	if v.Audit.Reverse != nil && v.reaches(server.IP) {
		if reverse, err := v.Audit.Reverse(ctx, server.IP); err == nil {
			row.Reverse = &reverse
		}
	}
	if v.Audit.Listings != nil && v.reaches(server.IP) {
		if listed, err := v.Audit.Listings(ctx, server.IP); err == nil {
			row.Listed = listed
		}
	}
	f.row, f.domains, f.targets = row, nil, nil
}

// keep drops what was told but for what domains need of it.
func (f *found) keep() {
	if f.row == nil {
		return
	}
	s := &f.row.Server
	f.facts = &probe.Server{Host: s.Host, IP: s.IP, Port: s.Port, TLSName: s.TLSName, Reachable: s.Reachable, Why: s.Why,
		StartTLS: s.StartTLS, TLSWhy: s.TLSWhy, TLS: s.TLS, Encrypted: brief(s.Encrypted), Plain: brief(s.Plain), Failure: s.Failure}
	f.row = nil
}

// brief is a greeting with the one extension that senders are judged by.
func brief(hello *probe.Hello) *probe.Hello {
	if hello == nil {
		return nil
	}
	out := new(probe.Hello)
	if hello.Extensions.Has(smtp.ExtRequireTLS) {
		out.Extensions = smtp.Extensions{{Keyword: smtp.ExtRequireTLS}}
	}
	return out
}

// forget drops the rest with the last line that leads here.
func (f *found) forget() {
	if f.lines--; f.lines == 0 {
		f.facts = nil
	}
}

// probe holds one conversation, and further ones where the server put us off;
// ok is false where we were told to stop.
func (f *found) probe(ctx context.Context, v *survey) (server probe.Server, ok bool) {
	if why := v.hindrance(f); why != "" {
		return notAllowed(f, why), true
	}
	server, ok = f.once(ctx, v)
	for _, wait := range v.Audit.Again {
		if !ok || !putOff(&server) || !pause(ctx, wait) {
			break
		}
		again, reached := f.once(ctx, v)
		if !reached {
			break
		}
		if stages(&again) >= stages(&server) {
			server = again
		}
	}
	return server, ok
}

// stages counts how far a conversation came. A server that lets us in once and
// turns us away later was heard: what it said then is not given up.
func stages(server *probe.Server) (n int) {
	for _, came := range [...]bool{server.Reachable == probe.Yes, server.Greeting != nil, server.Plain != nil, server.TLS != nil, server.Encrypted != nil} {
		if came {
			n++
		}
	}
	return n
}

// once waits its turn and probes the server.
func (f *found) once(ctx context.Context, v *survey) (server probe.Server, ok bool) {
	// The place at the server comes first: whoever waits for that keeps nobody
	// from going elsewhere.
	leave, err := v.meter.Enter(ctx, hostOf(f.way))
	if err != nil {
		return probe.Server{}, false
	}
	defer leave()
	select {
	case v.slots <- struct{}{}:
		defer func() { <-v.slots }()
	case <-ctx.Done():
		return probe.Server{}, false
	}
	v.watch.Open.Add(1)
	defer v.watch.Open.Add(-1)
	server = f.converse(v)
	return server, v.hard.Err() == nil
}

// converse asks the server for all that is wanted of it. What goes beyond one
// conversation has limits of its own.
func (f *found) converse(v *survey) probe.Server {
	limited, cancel := context.WithTimeout(v.hard, v.timeout())
	defer cancel()
	server, plan, failure := f.open(limited, v, false)
	if failure != nil && failure.SNIRefused() {
		server, plan, _ = f.open(limited, v, true)
	}
	if v.Audit.Try != nil && server.Reachable == probe.Yes {
		v.Audit.Try(v.hard, v.counted(plan), &server)
	}
	return server
}

// counted makes the conversations of a plan, and the lines that are sent in them,
// count as the run's.
func (v *survey) counted(plan probe.Plan) probe.Plan {
	dial, trace := plan.Dial, plan.Trace
	plan.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		v.watch.Conversations.Add(1)
		return dial(ctx, network, address)
	}
	plan.Trace = func(line smtp.Entry) {
		if line.From == smtp.ClientSaid {
			v.watch.Commands.Add(1)
		}
		if trace != nil {
			trace(line)
		}
	}
	return plan
}

// open holds one session over the next way out that is up.
func (f *found) open(ctx context.Context, v *survey, noSNI bool) (probe.Server, probe.Plan, *probe.Failure) {
	for i := range v.exits.all {
		out, _ := v.exits.pick("", f.Addr.Addr()) // never none: a survey waits for no proxy
		plan := v.Scanner.plan(f.way, out)
		plan.Audit, plan.NoSNI, plan.Known = v.Audit.Server, noSNI, &v.known
		v.watch.Conversations.Add(1)
		session, err := probe.Open(ctx, plan)
		down := v.exits.heed(out, f.Addr.Addr(), err)
		if failure, failed := errors.AsType[*probe.Failure](err); failed {
			if down && i+1 < len(v.exits.all) {
				continue
			}
			return failure.Server, plan, failure
		}
		server := session.Server()
		v.watch.Commands.Add(int64(session.Commands()))
		session.Close()
		return server, plan, nil
	}
	return probe.Server{}, probe.Plan{}, nil
}

// putOff reports whether a server may say more later: it told us to come back,
// hung up on us, or would not start TLS now. Silence is not asked again: it
// costs a time-out each time.
func putOff(server *probe.Server) bool {
	if server.Failure == nil {
		return server.StartTLS == probe.Inconclusive && server.Reachable == probe.Yes
	}
	switch server.Failure.Cause {
	case smtp.Hangup, smtp.Reset, smtp.Closing:
		return true
	default:
		return server.Failure.Code/100 == 4
	}
}

func pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
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
