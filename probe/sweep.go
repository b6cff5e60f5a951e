package probe

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/tlsinfo"
)

// SweepOptions say how a sweep goes about it. The zero value is good.
type SweepOptions struct {
	Pause time.Duration               // between two connections; 1 s where 0
	Wait  func(context.Context) error // waits instead of Pause; may be nil
	Limit int                         // connections at most; tlsinfo.DefaultLimit where 0
}

// Sweep finds out what TLS a server would agree to, over STARTTLS or from the
// first octet as the plan says, and whether it takes a session up again. Each
// connection goes no further than its ClientHello, but for two that look for
// resumption. What it costs stands in the facts: some 30 to 120 connections, at
// most the limit. The answer about resumption is empty where the sweep ended
// early.
//
// It is asked for on its own, after Open has shown that there is TLS.
func Sweep(ctx context.Context, plan Plan, options SweepOptions) (*tlsinfo.Sweep, Answer) {
	limit := cmp.Or(options.Limit, tlsinfo.DefaultLimit)
	sweeper := &tlsinfo.Sweeper{
		Dial:    func(ctx context.Context) (net.Conn, error) { return helloDue(ctx, plan) },
		Pause:   options.Pause,
		Wait:    options.Wait,
		Limit:   limit - resumeCost,
		Timeout: plan.IOTimeout,
	}
	if !plan.NoSNI {
		sweeper.Name = cmp.Or(plan.TLSName, plan.Host)
	}
	found := sweeper.Sweep(ctx)
	if found.Why != "" || len(found.Versions) == 0 {
		return found, ""
	}
	return found, resumed(ctx, plan, sweeper, found)
}

// helloDue opens a connection and goes as far as the server's 220 to STARTTLS.
func helloDue(ctx context.Context, plan Plan) (net.Conn, error) {
	limit, cancel := context.WithTimeout(ctx, cmp.Or(plan.ConnectTimeout, 15*time.Second))
	defer cancel()
	conn, err := plan.Dial(limit, "tcp", plan.Addr.String())
	if err != nil || plan.Security == Implicit {
		return conn, err
	}
	client := smtp.NewClient(conn, &smtp.Options{IOTimeout: plan.IOTimeout, Trace: plan.Trace})
	raw, err := handOver(ctx, client, plan.HelloName)
	if err != nil && client.Err() == nil {
		quit, cancel := context.WithTimeout(context.WithoutCancel(ctx), plan.quitTimeout())
		defer cancel()
		client.Quit(quit)
	}
	return raw, err
}

func handOver(ctx context.Context, client *smtp.Client, name string) (net.Conn, error) {
	reply, err := client.Greet(ctx)
	if err = unwelcome("the greeting", reply, 2, err); err != nil {
		return nil, err
	}
	reply, err = client.Hello(ctx, name)
	if err = unwelcome("EHLO", reply, 2, err); err != nil {
		return nil, err
	}
	if !client.Extensions().Has(smtp.ExtStartTLS) {
		return nil, errors.New("STARTTLS is not offered")
	}
	reply, conn, err := client.HandOver(ctx)
	if err == nil && conn == nil {
		err = unwelcome("STARTTLS", reply, 0, nil)
	}
	return conn, err
}

// unwelcome is the error of a conversation that broke, or of a reply of another class.
func unwelcome(what string, reply smtp.Reply, class int, err error) error {
	if err == nil && reply.Class() != class {
		err = fmt.Errorf("%s: %d %.200s", what, reply.Code, evidence(reply.Text()))
	}
	return err
}

// resumeCost is the connections that resumption is looked for with.
const resumeCost = 2

// resumed shakes hands twice, the second time with what the first was given. EHLO
// between them is what brings the tickets of TLS 1.3 in.
func resumed(ctx context.Context, plan Plan, sweeper *tlsinfo.Sweeper, found *tlsinfo.Sweep) Answer {
	plan.Audit, plan.Sessions = Audit{}, tls.NewLRUClientSessionCache(1)
	for i := range resumeCost {
		if err := sweeper.Rest(ctx); err != nil {
			return Inconclusive
		}
		found.Connections++
		session, err := Open(ctx, plan)
		if err != nil {
			return Inconclusive
		}
		state, ok := session.client.TLSState()
		session.Close()
		switch {
		case !ok:
			return Inconclusive
		case state.DidResume:
			return Yes
		case i > 0:
			return No
		}
	}
	return Inconclusive
}
