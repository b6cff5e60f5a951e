package smtptest

import "strings"

func (c *conversation) noop(string) { c.answer("250 2.0.0 Ok") }

func (c *conversation) quit(string) {
	c.answer("221 2.0.0 Bye")
	c.over = true
}

func (c *conversation) help(string) {
	c.answer("214-2.0.0 Commands: HELO EHLO MAIL RCPT DATA RSET NOOP QUIT VRFY\n214 2.0.0 End of HELP info")
}

func (c *conversation) expn(string) { c.fail("502 5.5.1 EXPN command is disabled") }

// vrfy answers for a full address, in angle brackets or not (RFC 5321 s3.5.1).
func (c *conversation) vrfy(rest string) {
	path := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(rest), "<"), ">")
	s := c.server
	switch {
	case s.Vrfy == VrfyOff:
		c.fail("502 5.5.1 VRFY command is disabled")
	case path == "":
		c.fail("501 5.5.4 Syntax: VRFY address")
	case s.Vrfy == VrfySilent:
		c.answer("252 2.0.0 " + path)
	default:
		c.reveal(path)
	}
}

func (c *conversation) reveal(path string) {
	reply := c.server.delivery(path)
	if !strings.HasPrefix(reply, "250") {
		c.answer(reply)
		return
	}
	name := c.server.mailbox(path).Name
	c.answer(strings.TrimSpace("250 2.1.5 "+name) + " <" + path + ">")
}
