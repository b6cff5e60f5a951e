package smtptest

import (
	"slices"
	"strings"
)

func (c *conversation) helo(name string) {
	if strings.TrimSpace(name) == "" {
		c.fail("501 5.5.4 Syntax: HELO hostname")
		return
	}
	c.greeted, c.extended, c.message = true, false, message{}
	c.answer("250 " + c.server.name())
}

func (c *conversation) ehlo(name string) {
	if strings.TrimSpace(name) == "" {
		c.fail("501 5.5.4 Syntax: EHLO hostname")
		return
	}
	c.greeted, c.extended, c.message = true, true, message{}
	c.slow()
	lines := append([]string{c.server.name()}, c.extensions()...)
	for i, line := range lines {
		separator := "-"
		if i == len(lines)-1 {
			separator = " "
		}
		c.line("250" + separator + line)
	}
}

// extensions returns what EHLO offers now, one line each.
func (c *conversation) extensions() []string {
	s := c.server
	var lines []string
	for _, line := range [...]string{"PIPELINING", "SIZE 10240000", "VRFY", "ETRN", "STARTTLS", "ENHANCEDSTATUSCODES", "8BITMIME", "DSN", "SMTPUTF8", "CHUNKING"} {
		if keyword := keyword(line); c.offers(keyword) && !named(s.Extensions, keyword) {
			lines = append(lines, line)
		}
	}
	if mechanisms := c.mechanisms(); len(mechanisms) > 0 {
		lines = append(lines, "AUTH "+strings.Join(mechanisms, " "))
		if s.LegacyAuth {
			lines = append(lines, "AUTH="+strings.Join(mechanisms, " "))
		}
	}
	lines = append(lines, s.Extensions...)
	if c.secure {
		lines = append(lines, s.TLSExtensions...)
	}
	return lines
}

// offers tells whether one of the ordinary keywords is offered now.
func (c *conversation) offers(keyword string) bool {
	s := c.server
	if s.without(keyword) {
		return false
	}
	switch keyword {
	case "PIPELINING":
		return s.Pipelining == Pipelined || s.Pipelining == Lying
	case "STARTTLS":
		// Not offered inside TLS, RFC 3207 s4.2.
		return !c.secure && s.StartTLS != TLSNone
	case "VRFY":
		return s.Vrfy != VrfyOff
	}
	return true
}

func (c *conversation) mechanisms() []string {
	if c.secure {
		return c.server.AuthTLS
	}
	return c.server.Auth
}

// keyword is the first word of an EHLO line.
func keyword(line string) string {
	word, _, _ := strings.Cut(line, " ")
	return word
}

func named(lines []string, word string) bool {
	return slices.ContainsFunc(lines, func(line string) bool { return strings.EqualFold(keyword(line), word) })
}
