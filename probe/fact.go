package probe

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
)

// outcome is a blank fact about this server at a stage.
func (s *Session) outcome(stage smtp.Stage) Outcome {
	o := s.plan.outcome(stage)
	_, o.TLS = s.client.TLSState()
	return o
}

func (p *Plan) outcome(stage smtp.Stage) Outcome {
	return Outcome{At: time.Now(), Stage: stage, Host: p.Host, IP: p.Addr.Addr(), Port: p.Addr.Port()}
}

// read puts a reply into an outcome.
func (s *Session) read(o *Outcome, r smtp.Reply) {
	o.Code, o.Enhanced, o.Text = r.Code, r.Enhanced(), strings.ToValidUTF8(r.Text(), "\uFFFD")
	o.Meaning, o.Rule = reply.Classify(o.Stage, s.plan.Provider, r)
}

// broken puts the end of a conversation into an outcome. A 421 is a reply as
// well as an end.
func broken(o *Outcome, err error) {
	o.Meaning, o.Rule = reply.NetworkError, "session/network"
	o.Cause, o.Text = smtp.Network, err.Error()
	b, ok := errors.AsType[*smtp.BrokenError](err)
	if !ok {
		return
	}
	o.Cause, o.Text, o.Rule = b.Cause, b.Err.Error(), reply.Rule("session/"+string(b.Cause))
	if b.Stage != "" {
		o.Stage = b.Stage
	}
	if b.Partial != "" {
		o.Text += ", after: " + b.Partial
	}
	if closing, ok := errors.AsType[*smtp.ClosingError](err); ok {
		o.Code, o.Enhanced, o.Text = closing.Reply.Code, closing.Reply.Enhanced(), strings.ToValidUTF8(closing.Reply.Text(), "\uFFFD")
		o.Meaning, o.Rule = reply.Classify(o.Stage, "", closing.Reply)
	}
}

// unreached puts a dial that failed into an outcome.
func unreached(o *Outcome, err error) {
	o.Meaning, o.Cause, o.Text = reply.NetworkError, dialCause(err), dialText(err)
	o.Rule = reply.Rule("connect/" + string(o.Cause))
}

func dialCause(err error) smtp.Cause {
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, ErrNotAllowed):
		return NotAllowed
	case errors.Is(err, ErrProxy):
		return ProxyFailed
	case errors.Is(err, syscall.ECONNREFUSED):
		return ConnRefused
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL):
		return NoRoute
	case errors.Is(err, context.Canceled):
		return smtp.Cancelled
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, syscall.ETIMEDOUT),
		errors.As(err, &timeout) && timeout.Timeout():
		return smtp.Timeout
	default:
		return smtp.Network
	}
}

// dialText is the innermost words: the address is in the outcome already.
func dialText(err error) string {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Err != nil {
		return op.Err.Error()
	}
	return err.Error()
}

// ErrNotAllowed is wrapped by a DialFunc that does not go to an address.
var ErrNotAllowed = errors.New("not a globally reachable address")

// ErrProxy is wrapped by a DialFunc whose proxy fails, which says nothing of
// the server behind it.
var ErrProxy = errors.New("proxy")
