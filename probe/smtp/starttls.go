package smtp

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net"
)

// StartTLS asks for encryption and, where the reply is 220 and nothing else,
// shakes hands (RFC 3207 s4). A refusal (454, 501, 502 ...) is data, and the
// conversation goes on in clear text. A handshake that fails ends it, with a
// *TLSError inside the *BrokenError. After it all that was learned is
// forgotten, and Hello is to be said again (s4.2). The config is used as it is:
// it names the server and decides what to trust.
func (c *Client) StartTLS(ctx context.Context, config *tls.Config) (Reply, error) {
	const line = "STARTTLS"
	if err := c.ready(ctx, line, c.greeted && !c.message && len(c.flight) == 0 && c.tls == nil); err != nil {
		return Reply{}, err
	}
	if config == nil {
		return Reply{}, c.notSent(line, ErrConfig)
	}
	reply, err := c.one(ctx, Command{Stage: StartTLS, Line: line})
	if err != nil || reply.Code != 220 {
		return reply, err
	}
	return reply, c.handshake(ctx, c.seize(), config)
}

// ImplicitTLS shakes hands before the greeting, as port 465 wants it (RFC 8314 s3.3).
func (c *Client) ImplicitTLS(ctx context.Context, config *tls.Config) error {
	const line = "(TLS handshake)"
	if err := c.ready(ctx, line, !c.greeted && c.tls == nil); err != nil {
		return err
	}
	if config == nil {
		return c.notSent(line, ErrConfig)
	}
	return c.handshake(ctx, c.raw, config)
}

// HandOver asks for encryption and leaves the handshake to the caller: where the
// reply is 220, the connection is theirs, to read, write, set deadlines on and
// close, and the client is over, with Cause Closed. For any other reply it is
// nil and the conversation goes on.
func (c *Client) HandOver(ctx context.Context) (Reply, net.Conn, error) {
	const line = "STARTTLS"
	if err := c.ready(ctx, line, c.greeted && !c.message && c.tls == nil); err != nil {
		return Reply{}, nil, err
	}
	reply, err := c.one(ctx, Command{Stage: StartTLS, Line: line})
	if err != nil || reply.Code != 220 {
		return reply, nil, err
	}
	conn := c.seize()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken = &BrokenError{Stage: TLS, Cause: Closed, Err: net.ErrClosed}
	return reply, conn, nil
}

// seize takes what came behind the 220: a man in the middle's words, meant to be
// heard as if they came encrypted, or a broken server's. A TLS alert is neither:
// Postfix without a protocol or cipher to offer says 220 and gives up before the
// ClientHello has come. The connection returned is to shake hands on.
func (c *Client) seize() net.Conn {
	waiting, _ := c.reader.buffer.Peek(c.reader.buffer.Buffered())
	waiting = bytes.Clone(waiting)
	switch {
	case len(waiting) == 0:
	case isAlert(waiting):
		return &ahead{c.raw, waiting}
	default:
		c.injected = waiting
		c.record.record(Noted, fmt.Sprintf("%d octets behind the 220 dropped: %s", len(waiting), waiting))
	}
	return c.raw
}

// isAlert reports whether octets are one TLS alert in clear and nothing else
// (RFC 8446 s5.1, s6): type 21, any version, two octets.
func isAlert(octets []byte) bool {
	return len(octets) == 7 && octets[0] == 21 && octets[1] == 3 && octets[3] == 0 && octets[4] == 2
}

// ahead is a connection of which some octets were read already.
type ahead struct {
	net.Conn
	waiting []byte
}

func (a *ahead) Read(into []byte) (int, error) {
	if len(a.waiting) == 0 {
		return a.Conn.Read(into)
	}
	n := copy(into, a.waiting)
	a.waiting = a.waiting[n:]
	return n, nil
}

func (c *Client) handshake(ctx context.Context, raw net.Conn, config *tls.Config) error {
	conn := tls.Client(raw, config)
	err := c.within(ctx, TLS, c.limit(TLS), func() error {
		if err := conn.Handshake(); err != nil {
			return &TLSError{err}
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.conn, c.tls = conn, conn
	c.reader.buffer.Reset(conn)
	c.verb, c.extensions = "", nil
	state := conn.ConnectionState()
	c.record.record(Noted, tls.VersionName(state.Version)+" "+tls.CipherSuiteName(state.CipherSuite))
	return nil
}
