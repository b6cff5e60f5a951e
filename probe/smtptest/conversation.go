package smtptest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"
)

// conversation is one client's connection to a Server.
type conversation struct {
	server *Server
	wire   *wire
	client net.Addr
	rcpts  int // RCPT heard
	errors int // commands refused
	over   bool

	crowded  bool // the client has more connections open than are borne
	refused  bool // the greeting was not 220: nothing but QUIT is served
	greeted  bool // EHLO or HELO was said
	extended bool // it was EHLO
	secure   bool // TLS
	user     string
	began    bool // the first command of this group was heard (Lying, Refused)
	message  message
}

// handler returns what a verb does; nil for one the server does not know.
func handler(verb string) func(*conversation, string) {
	switch verb {
	case "EHLO", "LHLO":
		return (*conversation).ehlo
	case "HELO":
		return (*conversation).helo
	case "MAIL":
		return (*conversation).mail
	case "RCPT":
		return (*conversation).rcpt
	case "DATA":
		return (*conversation).data
	case "BDAT":
		return (*conversation).bdat
	case "RSET":
		return (*conversation).rset
	case "NOOP":
		return (*conversation).noop
	case "VRFY":
		return (*conversation).vrfy
	case "EXPN":
		return (*conversation).expn
	case "HELP":
		return (*conversation).help
	case "STARTTLS":
		return (*conversation).startTLS
	case "AUTH":
		return (*conversation).auth
	case "QUIT":
		return (*conversation).quit
	}
	return nil
}

// heard takes one line, or the reason why there is none; false ends the conversation.
func (c *conversation) heard(line string, err error) bool {
	if errors.Is(err, bufio.ErrBufferFull) {
		c.say("500 5.5.2 Error: line too long")
		return true
	}
	if errors.Is(err, errBareLF) {
		c.say("521 5.5.2 " + c.server.name() + " Error: bare <LF> received")
		c.over = true
		return true
	}
	if err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			c.say("421 4.4.2 " + c.server.name() + " Error: timeout exceeded")
		}
		return false
	}
	verb, rest, _ := strings.Cut(line, " ")
	verb = strings.ToUpper(verb)
	handle := handler(verb)
	if greeting := verb == "EHLO" || verb == "HELO"; c.server.LMTP && greeting || !c.server.LMTP && verb == "LHLO" {
		handle = nil
	}
	if handle == nil {
		verb = "?"
	}
	c.server.counter.command(verb)
	if c.outOfStep(verb) {
		return true
	}
	c.obey(verb, rest, handle)
	return true
}

func (c *conversation) obey(verb, rest string, handle func(*conversation, string)) {
	instead, has := c.server.Replies[verb]
	switch {
	case c.refused && verb != "QUIT":
		c.fail("503 5.5.1 Error: only QUIT is served here")
	case has:
		c.answer(instead)
		c.over = c.over || verb == "QUIT" || strings.HasPrefix(instead, "421")
	case handle == nil:
		c.fail("500 5.5.2 Error: command not recognized")
	default:
		handle(c, rest)
	}
}

// outOfStep deals with a command that came in one packet with others, where
// the server does not do as RFC 2920 has it; true when it was dealt with.
func (c *conversation) outOfStep(verb string) bool {
	behind := c.began
	c.began = c.wire.in.Buffered() > 0
	if !behind && !c.began {
		return false
	}
	switch c.server.Pipelining {
	case Lying:
		return behind
	case Refused:
		if behind {
			c.fail("503 5.5.1 Error: pipelining was not offered")
		}
		return behind
	case Synchronization:
		c.say("554 SMTP synchronization error")
		c.over = true
		return true
	}
	return false
}

// greet says hello, or whatever the character says instead.
func (c *conversation) greet() {
	s := c.server
	spoke := c.wire.pause(s.RTT + s.Silence) // the first round trip was waited for in serve
	switch {
	case c.crowded:
		c.over = true
		c.say("421 4.7.0 " + s.name() + " Error: too many connections from " + ipOf(c.client))
	case s.Blocked == AtConnect:
		c.refused = true
		c.say("554 5.7.1 " + blocklisted(c.client))
		return
	case s.Greeting != "":
		c.refused = !strings.HasPrefix(s.Greeting, "220")
		c.over = strings.HasPrefix(s.Greeting, "421")
		c.say(s.Greeting)
	case s.Teaser > 0:
		c.line("220-" + s.name() + " ESMTP")
		spoke = c.wire.pause(s.Teaser) || spoke
		if spoke {
			c.say("521 5.5.1 Protocol error")
			c.over = true
		} else {
			c.say("220 " + s.name() + " ESMTP")
		}
	default:
		c.say("220 " + s.name() + " ESMTP")
	}
	if spoke {
		s.counter.count(func(stats *Stats) { stats.EarlyTalkers++ })
	}
}

// handshake turns the connection into a TLS one.
func (c *conversation) handshake() bool {
	config, err := c.server.config()
	if err != nil {
		return false
	}
	// Whatever stands read ahead is plain text from before TLS and is dropped
	// (RFC 3207 s6), by all but the injectable.
	waiting, _ := c.wire.in.Peek(c.wire.in.Buffered())
	waiting = bytes.Clone(waiting)
	conn := tls.Server(c.wire.Conn, config)
	inside := newWire(conn, c.server.Character)
	if c.server.Injectable {
		inside.in = bufio.NewReaderSize(io.MultiReader(bytes.NewReader(waiting), inside), ahead)
	}
	conn.SetReadDeadline(deadline())
	if conn.Handshake() != nil {
		return false
	}
	c.server.counter.count(func(stats *Stats) { stats.Handshakes++ })
	c.wire, c.secure, c.began = inside, true, false
	c.greeted, c.extended, c.user, c.message = false, false, "", message{}
	return true
}
