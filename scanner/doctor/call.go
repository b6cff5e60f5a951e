package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
)

// end is how a call ended.
type end string

const (
	greeted   end = "greeted"   // a reply came; whether a welcome is in its code
	mute      end = "mute"      // connected, and nothing understandable was said
	unheard   end = "timeout"   // no answer to the attempt to connect
	refused   end = "refused"   // the connection was turned down
	noRoute   end = "no_route"  // the network, or this machine, says that there is no way
	forbidden end = "forbidden" // this machine's own rules forbid it
	brokenOff end = "broken"    // something else, our proxy or the end of our time among it
	cutShort  end = "cut_short" // connected, and our time was over before the greeting
)

// call is one connection to a server, for its greeting.
type call struct {
	place
	at       netip.AddrPort
	end      end
	local    netip.Addr // our end of the connection
	reply    smtp.Reply // the greeting
	waited   time.Duration
	answered time.Time // when the greeting came
	err      error
}

// callAll calls every place that has an address of the family, all at once.
func (e *examination) callAll(ctx context.Context, family Family, places []place) []call {
	var out []call
	for _, p := range places {
		if at, ok := e.at(p, family); ok {
			out = append(out, call{place: p, at: at})
		}
	}
	var wait sync.WaitGroup
	for i := range out {
		wait.Go(func() { e.call(ctx, &out[i]) })
	}
	wait.Wait()
	return out
}

// call connects, reads the greeting and says QUIT, which is allowed before
// EHLO (RFC 5321 s4.1.4).
func (e *examination) call(ctx context.Context, c *call) {
	limit, cancel := context.WithTimeout(ctx, e.Connect)
	defer cancel()
	conn, err := e.Dial(limit, "tcp", c.at.String())
	if err != nil {
		c.end, c.err = endOf(ctx, err), err
		return
	}
	c.local = local(conn)
	options := smtp.Options{IOTimeout: e.IO}
	if e.Trace != nil {
		options.Trace = func(line smtp.Entry) { e.Trace(c.host, c.at, line) }
	}
	client := smtp.NewClient(conn, &options)
	defer client.Close()
	start := time.Now()
	c.reply, c.err = client.Greet(ctx)
	c.waited, c.answered = time.Since(start), e.Now()
	switch {
	case c.err == nil:
		c.end = greeted
		client.Quit(ctx)
	case ctx.Err() != nil:
		c.end = cutShort
	default:
		c.end = mute
	}
}

// endOf reads why a connection did not come about. What ends with the whole
// examination is no time-out of the server's.
func endOf(ctx context.Context, err error) end {
	var timeout interface{ Timeout() bool }
	switch {
	case ctx.Err() != nil, errors.Is(err, probe.ErrProxy), errors.Is(err, probe.ErrNotAllowed):
		return brokenOff
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ECONNRESET):
		return refused
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL):
		return noRoute
	case errors.Is(err, syscall.EPERM), errors.Is(err, syscall.EACCES):
		return forbidden
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, syscall.ETIMEDOUT),
		errors.As(err, &timeout) && timeout.Timeout():
		return unheard
	}
	return brokenOff
}

// String is the call as evidence: one line.
func (c call) String() string {
	where := c.at.String()
	if c.host != "" {
		where = c.host + " " + where
	}
	if c.err != nil {
		return fmt.Sprintf("%s: %s", where, clip(innermost(c.err)))
	}
	return fmt.Sprintf("%s: %d %s", where, c.reply.Code, clip(strings.Join(c.reply.Lines, " / ")))
}

// innermost is an error without the address, which is said already.
func innermost(err error) string {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Err != nil {
		return op.Err.Error()
	}
	return err.Error()
}

// maxEvidence is how many octets of others' words are shown.
const maxEvidence = 200

func clip(text string) string {
	if len(text) <= maxEvidence {
		return text
	}
	return strings.ToValidUTF8(text[:maxEvidence], "") + "..."
}
