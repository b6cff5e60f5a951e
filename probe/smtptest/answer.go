package smtptest

import (
	"net"
	"strings"
	"time"
)

func deadline() time.Time { return time.Now().Add(idle) }

// line writes one line of a reply.
func (c *conversation) line(text string) {
	c.wire.out.WriteString(text)
	if c.server.BareLF {
		c.wire.out.WriteString("\n")
	} else {
		c.wire.out.WriteString("\r\n")
	}
}

// say writes a whole reply, its lines parted by line feeds; without
// ENHANCEDSTATUSCODES they lose their enhanced code.
func (c *conversation) say(reply string) {
	bare := c.server.without("ENHANCEDSTATUSCODES")
	for text := range strings.SplitSeq(reply, "\n") {
		if bare {
			text = withoutEnhanced(text)
		}
		c.line(text)
	}
}

// answer says a reply and counts it where it is a refusal.
func (c *conversation) answer(reply string) {
	if reply != "" && reply[0] >= '4' {
		c.fail(reply)
		return
	}
	c.slow()
	c.say(reply)
}

// fail says a refusal, and does what the character does after too many.
func (c *conversation) fail(reply string) {
	s := c.server
	c.slow()
	c.errors++
	if s.HangUpAfter > 0 && c.errors > s.HangUpAfter {
		c.hangUp()
		return
	}
	c.say(reply)
}

// slow waits before a reply once there were too many errors.
func (c *conversation) slow() {
	if c.server.TarpitAfter > 0 && c.errors >= c.server.TarpitAfter {
		c.wire.pause(c.server.Tarpit)
	}
}

// blocklisted is a refusal of the client's address in the manner of a DNS blocklist.
func blocklisted(client net.Addr) string {
	host := ipOf(client)
	return "Service unavailable; Client host [" + host + "] blocked using dnsbl.example; https://dnsbl.example/query/ip/" + host
}

// withoutEnhanced drops "5.1.1 " from "550 5.1.1 text".
func withoutEnhanced(line string) string {
	if len(line) < 4 {
		return line
	}
	code, rest, found := strings.Cut(line[4:], " ")
	if !found || len(code) < 5 || code[1] != '.' || code[0] != line[0] || strings.Trim(code, "0123456789.") != "" {
		return line
	}
	return line[:4] + rest
}
