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
	lines := append([]string{c.server.name()}, c.server.Offers(c.secure)...)
	for i, line := range lines {
		separator := "-"
		if i == len(lines)-1 {
			separator = " "
		}
		c.line("250" + separator + line)
	}
}

// Offers returns what EHLO offers in clear text or inside TLS: its lines after
// the first, keywords with their parameters.
func (ch Character) Offers(encrypted bool) []string {
	var lines []string
	for _, line := range [...]string{"PIPELINING", "SIZE 10240000", "VRFY", "ETRN", "STARTTLS", "ENHANCEDSTATUSCODES", "8BITMIME", "DSN", "SMTPUTF8", "CHUNKING"} {
		if keyword := keyword(line); ch.offers(keyword, encrypted) && !named(ch.Extensions, keyword) {
			lines = append(lines, line)
		}
	}
	mechanisms := ch.Auth
	if encrypted {
		mechanisms = ch.AuthTLS
	}
	if len(mechanisms) > 0 {
		lines = append(lines, "AUTH "+strings.Join(mechanisms, " "))
		if ch.LegacyAuth {
			lines = append(lines, "AUTH="+strings.Join(mechanisms, " "))
		}
	}
	lines = append(lines, ch.Extensions...)
	if encrypted {
		lines = append(lines, ch.TLSExtensions...)
	}
	return lines
}

// offers tells whether one of the ordinary keywords is offered.
func (ch Character) offers(keyword string, encrypted bool) bool {
	if ch.without(keyword) {
		return false
	}
	switch keyword {
	case "PIPELINING":
		return ch.Pipelining == Pipelined || ch.Pipelining == Lying
	case "STARTTLS":
		// Not offered inside TLS, RFC 3207 s4.2.
		return !encrypted && ch.StartTLS != TLSNone
	case "VRFY":
		return ch.Vrfy != VrfyOff
	}
	return true
}

func (ch Character) without(keyword string) bool { return named(ch.Without, keyword) }

func (c *conversation) offers(keyword string) bool { return c.server.offers(keyword, c.secure) }

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

func (c *conversation) offersMechanism(name string) bool {
	return slices.Contains(c.mechanisms(), name)
}

func named(lines []string, word string) bool {
	return slices.ContainsFunc(lines, func(line string) bool { return strings.EqualFold(keyword(line), word) })
}
