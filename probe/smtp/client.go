package smtp

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"
)

// Options are what a conversation may differ in. The zero value is good.
type Options struct {
	IOTimeout  time.Duration // for one command, from sending to the last line of its reply; 45 s where 0, 2 min for DATA
	Transcript *Transcript   // keeps what is said; nil keeps nothing
	Trace      func(Entry)   // told of each line as it is said, on the caller's goroutine; may be nil
	LMTP       bool          // say LHLO instead of EHLO and HELO (RFC 2033)
	LockStep   bool          // send one command at a time, whatever the server offers

	PlaintextAuth bool // log in with PLAIN, LOGIN and the like without TLS too
}

// Verb is the command that opened the session.
type Verb string

const (
	EHLO Verb = "EHLO"
	HELO Verb = "HELO"
	LHLO Verb = "LHLO"
)

// Client holds one SMTP conversation. It serves one goroutine at a time, except
// that Close may come from any.
type Client struct {
	raw     net.Conn  // for deadlines and for hanging up
	conn    net.Conn  // raw, or TLS on it
	tls     *tls.Conn // nil in clear text
	reader  reader
	writer  writer
	record  recorder
	options Options

	greeted    bool
	asking     bool      // MAIL, VRFY or EXPN was sent: from now on each group has its own budget
	message    bool      // 354 was heard: the server takes whatever comes for a message
	flight     []Command // sent, and not answered
	kept       bool      // what is in flight was not sent: the server spoke first
	accepted   int       // recipients of this transaction
	verb       Verb
	extensions Extensions
	injected   []byte

	mu     sync.Mutex
	broken *BrokenError
}

// NewClient makes a client for a connection that was just opened. It reads and
// writes nothing. The connection's deadlines are the client's from now on.
// Nil options are fine.
func NewClient(conn net.Conn, options *Options) *Client {
	c := &Client{raw: conn, conn: conn}
	if options != nil {
		c.options = *options
	}
	c.record = recorder{start: time.Now(), transcript: c.options.Transcript, trace: c.options.Trace}
	c.reader = reader{buffer: bufio.NewReaderSize(conn, maxLine), left: budget, keep: maxLine}
	if c.record.on() {
		c.reader.heard = c.record.heard
	}
	return c
}

// Verb is the command that Hello succeeded with; empty before.
func (c *Client) Verb() Verb { return c.verb }

// Extensions is what the server offered last: nil before Hello and after
// StartTLS, empty after HELO. The caller may keep it but not change it.
func (c *Client) Extensions() Extensions { return c.extensions }

// Extension returns a keyword's parameters, and whether it was offered.
func (c *Client) Extension(keyword Keyword) (params []string, ok bool) {
	return c.extensions.Params(keyword)
}

// TLSState describes the encryption, if there is any.
func (c *Client) TLSState() (tls.ConnectionState, bool) {
	if c.tls == nil {
		return tls.ConnectionState{}, false
	}
	return c.tls.ConnectionState(), true
}

// Injected is what the server had sent behind its 220 to STARTTLS, at most
// 4 KiB of it; nil for nothing. It was kept from TLS and from the reader of
// replies (RFC 3207 s6, CVE-2011-0411).
func (c *Client) Injected() []byte { return c.injected }

// Redact says whether what is said from now on is secret: commands and
// challenges then appear in transcript and trace as "[redacted]". The arguments
// of an AUTH command and the text of a 334 reply never appear there.
func (c *Client) Redact(on bool) { c.record.secret = on }

// Close hangs up without QUIT. It may be called twice, and by any goroutine:
// a call that waits for the server then fails with Cause Closed.
func (c *Client) Close() error {
	c.fail(Quit, net.ErrClosed)
	return nil
}

// Err is the error with which the conversation broke; nil while it is whole.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken == nil {
		return nil
	}
	return c.broken
}

// fail ends the conversation. The first reason stands. It hangs up without
// TLS's goodbye, which could wait for a server that does not read.
func (c *Client) fail(stage Stage, err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil {
		return c.broken
	}
	c.broken = &BrokenError{Stage: stage, Cause: causeOf(err), Err: err}
	if cut, ok := err.(*cutError); ok {
		c.broken.Err, c.broken.Partial = cut.error, cut.partial
	}
	c.raw.Close()
	return c.broken
}

// ready says why a command cannot be sent now: the conversation is broken, the
// context is over, or the command is out of order.
func (c *Client) ready(ctx context.Context, line string, inOrder bool) error {
	if err := c.Err(); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return c.notSent(line, ended(ctx))
	}
	if !inOrder {
		return c.notSent(line, ErrState)
	}
	return nil
}

func (c *Client) notSent(line string, err error) error {
	return &NotSentError{Line: c.record.redact(line), Err: err}
}
