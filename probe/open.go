package probe

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"syscall"
	"time"

	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/tlsinfo"
)

// Open dials the plan's server, waits for its greeting, says EHLO and, where
// the server offers it and the plan does not forbid it, STARTTLS and EHLO
// again, and asks what the plan's Audit names. A bad certificate does not hinder
// it. Where the server does not let the conversation come so far, the error is
// a *Failure that has the facts.
func Open(ctx context.Context, plan Plan) (*Session, error) {
	s := &Session{plan: plan, server: plan.server()}
	for _, step := range []func(context.Context) *Failure{s.connect, s.implicit, s.greet, s.hello, s.startTLS, s.audit} {
		if failure := step(ctx); failure != nil {
			return nil, failure
		}
	}
	return s, nil
}

func (p *Plan) server() Server {
	return Server{Host: p.Host, IP: p.Addr.Addr(), Port: p.Addr.Port(), TLSName: cmp.Or(p.TLSName, p.Host), StartTLS: Inconclusive, At: time.Now()}
}

func (p *Plan) tlsConfig() *tls.Config {
	name := cmp.Or(p.TLSName, p.Host)
	if p.NoSNI {
		name = ""
	}
	config := tlsinfo.Config(name)
	config.ClientSessionCache = p.Sessions
	return config
}

func (p *Plan) quitTimeout() time.Duration { return cmp.Or(p.QuitTimeout, 2*time.Second) }

func (s *Session) connect(ctx context.Context) *Failure {
	limit, cancel := context.WithTimeout(ctx, cmp.Or(s.plan.ConnectTimeout, 15*time.Second))
	defer cancel()
	start := time.Now()
	conn, err := s.plan.Dial(limit, "tcp", s.plan.Addr.String())
	if err != nil {
		outcome := s.plan.outcome(smtp.Connect)
		unreached(&outcome, err)
		s.server.Reachable, s.server.Why = reachable(outcome, err), outcome.Text
		s.server.TLSWhy = "no connection"
		s.server.Failure = &outcome
		return &Failure{Outcome: outcome, Server: s.server, Err: err}
	}
	s.server.Reachable = Yes
	s.server.Timings.Connect = since(start)
	s.client = smtp.NewClient(conn, &smtp.Options{IOTimeout: s.plan.IOTimeout, LockStep: s.plan.LockStep, Trace: s.plan.Trace})
	return nil
}

// reachable says no only where the far side or a router before it said so. A
// silence proves nothing, and neither does a machine of ours without IPv6,
// whose own kernel says ENETUNREACH to every IPv6 address.
func reachable(o Outcome, err error) Answer {
	if o.Cause == ConnRefused || o.Cause == NoRoute && errors.Is(err, syscall.EHOSTUNREACH) {
		return No
	}
	return Inconclusive
}

func (s *Session) implicit(ctx context.Context) *Failure {
	if s.plan.Security != Implicit {
		return nil
	}
	start := time.Now()
	if err := s.client.ImplicitTLS(ctx, s.plan.tlsConfig()); err != nil {
		return s.fail(smtp.TLS, nil, err)
	}
	s.shaken(start)
	s.server.StartTLS, s.server.TLSWhy = No, "TLS from the first octet"
	return nil
}

func (s *Session) greet(ctx context.Context) *Failure {
	start := time.Now()
	reply, err := s.client.Greet(ctx)
	if err != nil {
		return s.fail(smtp.Greeting, nil, err)
	}
	s.server.Timings.Greeting = since(start)
	s.oddities |= reply.Oddities
	s.server.Greeting, s.server.GreetingMS = said(reply), s.server.Timings.Greeting
	if reply.Class() != 2 {
		return s.fail(smtp.Greeting, &reply, nil)
	}
	return nil
}

func (s *Session) hello(ctx context.Context) *Failure {
	start := time.Now()
	hello, failure := s.greetServer(ctx)
	if failure != nil {
		return failure
	}
	s.server.Timings.Hello = since(start)
	if s.plan.Security == Implicit {
		s.server.Encrypted = hello
	} else {
		s.server.Plain = hello
	}
	return nil
}

// greetServer says EHLO, or HELO where EHLO is not known.
func (s *Session) greetServer(ctx context.Context) (*Hello, *Failure) {
	s.commands++
	reply, err := s.client.Hello(ctx, s.plan.HelloName)
	if err != nil {
		return nil, s.fail(smtp.Hello, nil, err)
	}
	if reply.Class() != 2 {
		return nil, s.fail(smtp.Hello, &reply, nil)
	}
	s.oddities |= reply.Oddities
	extensions := s.client.Extensions()
	hello := &Hello{Verb: string(s.client.Verb()), Extensions: extensions, Auth: append([]string{}, extensions.Auth()...)}
	if len(reply.Lines) > 0 {
		hello.Hello = evidence(reply.Lines[0])
	}
	return hello, nil
}

// startTLS takes the offer of STARTTLS. A server that offers it and then says
// no leaves the session in clear; a handshake that fails ends it, and another
// plan may go in clear.
func (s *Session) startTLS(ctx context.Context) *Failure {
	if s.plan.Security == Implicit {
		return nil
	}
	if !s.server.Plain.Extensions.Has(smtp.ExtStartTLS) {
		s.server.StartTLS, s.server.TLSWhy = No, "not offered"
		return nil
	}
	s.server.StartTLS = Yes
	if s.plan.Security == Clear {
		s.server.TLSWhy = "offered, and not used in this session"
		return nil
	}
	start := time.Now()
	s.commands++
	reply, err := s.client.StartTLS(ctx, s.plan.tlsConfig())
	if err != nil {
		s.server.StartTLS = Inconclusive
		return s.fail(smtp.TLS, nil, err)
	}
	s.oddities |= reply.Oddities
	if reply.Code != 220 {
		s.server.StartTLS, s.server.TLSWhy = Inconclusive, evidence("offered, then refused: "+reply.Text())
		if s.client.Err() != nil { // 421
			return s.fail(smtp.StartTLS, &reply, nil)
		}
		return nil
	}
	s.shaken(start)
	hello, failure := s.greetServer(ctx)
	s.server.Encrypted = hello
	return failure
}

// shaken notes that the handshake went through.
func (s *Session) shaken(start time.Time) {
	s.secure = true
	s.server.Timings.StartTLS = since(start)
	s.server.SNIRefused = s.plan.NoSNI
}

func said(reply smtp.Reply) *Said { return &Said{Code: reply.Code, Text: evidence(reply.Text())} }

func since(start time.Time) *int64 {
	ms := time.Since(start).Milliseconds()
	return &ms
}
