package probe

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
)

// outcome is a blank fact about this server at a stage.
func (s *Session) outcome(stage smtp.Stage) Outcome {
	o := s.plan.outcome(stage)
	o.TLS = s.secure
	return o
}

func (p *Plan) outcome(stage smtp.Stage) Outcome {
	return Outcome{At: time.Now(), Stage: stage, Host: p.Host, IP: p.Addr.Addr(), Port: p.Addr.Port(), Egress: p.Egress}
}

// read puts a reply into an outcome.
func (s *Session) read(o *Outcome, r smtp.Reply) {
	o.Code, o.Enhanced, o.Text = r.Code, r.Enhanced(), evidence(r.Text())
	o.Meaning, o.Rule = reply.Classify(o.Stage, s.plan.Provider, r)
}

// maxText is how many octets of a text are kept as evidence: as many as package
// reply reads, so that what is stored can be read again with the same result.
const maxText = 4 << 10

// evidence makes a server's text fit to be kept: valid UTF-8, and not endless.
func evidence(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= maxText {
		return text
	}
	end := maxText
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + " [cut]"
}

// broken puts the end of a conversation into an outcome. A 421 is a reply as
// well as an end.
func (s *Session) broken(o *Outcome, err error) {
	o.Meaning, o.Cause, o.Text = reply.NetworkError, notSent(err), evidence(err.Error())
	if b, ok := errors.AsType[*smtp.BrokenError](err); ok {
		o.Cause, o.Text = b.Cause, brokenText(b)
		if b.Stage != "" {
			o.Stage = b.Stage
		}
	}
	o.Rule = reply.Rule("session/" + string(o.Cause))
	if closing, ok := errors.AsType[*smtp.ClosingError](err); ok {
		o.Cause = ""
		s.read(o, closing.Reply)
	}
}

// notSent is the cause where a command was kept back: the context was over
// before it, or it was not fit to be sent.
func notSent(err error) smtp.Cause {
	switch {
	case errors.Is(err, context.Canceled):
		return smtp.Cancelled
	case errors.Is(err, context.DeadlineExceeded):
		return smtp.Timeout
	default:
		return smtp.Network
	}
}

// brokenText leaves out the ends of the socket: ours says nothing, the server's
// is in the outcome already, and a proxy's is neither.
func brokenText(b *smtp.BrokenError) string {
	text := b.Err.Error()
	if op, ok := errors.AsType[*net.OpError](b.Err); ok && (op.Op == "read" || op.Op == "write") {
		text = strings.Replace(text, op.Error(), op.Err.Error(), 1)
	}
	if b.Partial != "" {
		text += ", after: " + b.Partial
	}
	return evidence(text)
}

// unreached puts a dial that failed into an outcome.
func unreached(o *Outcome, err error) {
	o.Meaning, o.Cause, o.Text = reply.NetworkError, dialCause(err), evidence(dialText(err))
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

// dialText is the innermost words: the address is in the outcome already, and
// that of a proxy is neither here nor there.
func dialText(err error) string {
	for op, ok := errors.AsType[*net.OpError](err); ok && op.Err != nil; op, ok = errors.AsType[*net.OpError](err) {
		err = op.Err
	}
	return err.Error()
}

// ErrNotAllowed is wrapped by a DialFunc that does not go to an address.
var ErrNotAllowed = errors.New("not a globally reachable address")

// ErrProxy is wrapped by a DialFunc whose proxy fails, which says nothing of
// the server behind it.
var ErrProxy = errors.New("proxy")
