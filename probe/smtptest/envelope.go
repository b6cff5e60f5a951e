package smtptest

import (
	"slices"
	"strconv"
	"strings"
)

// message is the transaction going on (RFC 5321 s3.3).
type message struct {
	open   bool // MAIL was accepted
	from   string
	utf8   bool // with SMTPUTF8 (RFC 6531)
	to     []string
	chunks []byte // BDAT
}

func (c *conversation) mail(rest string) {
	path, params, ok := parsePath(rest, "FROM:")
	s := c.server
	switch {
	case !c.greeted:
		c.fail("503 5.5.1 Error: send HELO/EHLO first")
	case c.message.open:
		c.fail("503 5.5.1 Error: nested MAIL command")
	case !ok:
		c.fail("501 5.5.4 Syntax: MAIL FROM:<address>")
	case s.RequireTLS && !c.secure:
		c.fail("530 5.7.0 Must issue a STARTTLS command first")
	case s.RequireAuth && c.user == "":
		c.fail("530 5.7.0 Authentication required")
	case s.Blocked == AtMail:
		c.fail("550 5.7.1 " + blocklisted(c.client))
	case s.NullSender == AtMail && path == "":
		c.fail("550 5.7.1 <>: Sender address rejected: the null sender is not accepted here")
	default:
		c.begin(path, params)
	}
}

// begin opens the transaction if its parameters are known.
func (c *conversation) begin(path string, params []string) {
	utf8 := false
	for _, param := range params {
		word, value, _ := strings.Cut(strings.ToUpper(param), "=")
		switch {
		case !c.knows(word):
			c.fail("555 5.5.4 Unsupported option: " + param)
			return
		case word == "SMTPUTF8":
			utf8 = true
		case word == "SIZE":
			if size, err := strconv.ParseInt(value, 10, 64); err == nil && size > c.sizeLimit() {
				c.fail("552 5.3.4 Message size exceeds fixed limit")
				return
			}
		}
	}
	if !utf8 && !ascii(path) {
		c.fail("553 5.6.7 Must declare SMTPUTF8 to send unicode address")
		return
	}
	c.message = message{open: true, from: path, utf8: utf8}
	c.answer("250 2.1.0 Ok")
}

// knows tells whether a MAIL parameter belongs to an extension offered.
func (c *conversation) knows(word string) bool {
	switch word {
	case "SMTPUTF8", "SIZE":
		return c.extended && c.offers(word)
	case "BODY":
		return c.extended && c.offers("8BITMIME")
	case "RET", "ENVID":
		return c.extended && c.offers("DSN")
	case "AUTH":
		return len(c.mechanisms()) > 0
	case "REQUIRETLS":
		return c.secure && named(c.server.TLSExtensions, word)
	}
	return false
}

// sizeLimit is the number behind SIZE; 0 there means no fixed limit (RFC 1870 s4).
func (c *conversation) sizeLimit() int64 {
	for _, line := range c.server.Extensions {
		if word, value, _ := strings.Cut(line, " "); strings.EqualFold(word, "SIZE") {
			if size, err := strconv.ParseInt(value, 10, 64); err == nil && size > 0 {
				return size
			}
			return 1 << 62
		}
	}
	return 10240000
}

func (c *conversation) rcpt(rest string) {
	path, params, ok := parsePath(rest, "TO:")
	s := c.server
	c.rcpts++
	switch {
	case !c.message.open:
		c.fail("503 5.5.1 Error: need MAIL command")
	case !ok || path == "":
		c.fail("501 5.5.4 Syntax: RCPT TO:<address>")
	case slices.ContainsFunc(params, func(p string) bool { return !c.offers("DSN") || !dsn(p) }):
		c.fail("555 5.5.4 Unsupported option: " + strings.Join(params, " "))
	case !c.message.utf8 && !ascii(path):
		c.fail("553 5.6.7 Must declare SMTPUTF8 to send unicode address")
	case s.RecipientLimit > 0 && c.rcpts > s.RecipientLimit:
		c.fail("421 4.7.0 " + s.name() + " Error: too many recipients, try again later")
		c.over = true
	case s.MessageLimit > 0 && len(c.message.to) >= s.MessageLimit:
		c.fail("452 4.5.3 Error: too many recipients")
	case s.Blocked == AtRcpt:
		c.fail("550 5.7.1 " + blocklisted(c.client))
	case s.NullSender == AtRcpt && c.message.from == "":
		c.fail("550 5.7.1 <>: Sender address rejected: the null sender is not accepted here")
	default:
		c.recipient(path)
	}
}

func (c *conversation) recipient(path string) {
	reply := c.server.delivery(path)
	if reply[0] == '2' {
		c.message.to = append(c.message.to, path)
	}
	if strings.HasPrefix(reply, "550 5.1.1") {
		c.server.counter.count(func(stats *Stats) { stats.Unknown++ })
	}
	c.answer(reply)
}

func (c *conversation) rset(string) {
	c.message = message{}
	c.answer("250 2.0.0 Ok")
}

func dsn(param string) bool {
	word, _, _ := strings.Cut(strings.ToUpper(param), "=")
	return word == "NOTIFY" || word == "ORCPT"
}

// parsePath reads "FROM:<path> params" (RFC 5321 s4.1.2); a quoted local part
// may hold ">" and blanks. A blank behind the colon is let pass, as Postfix does.
func parsePath(text, prefix string) (path string, params []string, ok bool) {
	if len(text) < len(prefix) || !strings.EqualFold(text[:len(prefix)], prefix) {
		return "", nil, false
	}
	text = strings.TrimLeft(text[len(prefix):], " ")
	if !strings.HasPrefix(text, "<") {
		return "", nil, false
	}
	quoted := false
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && quoted:
			i++
		case text[i] == '"':
			quoted = !quoted
		case text[i] == '>' && !quoted:
			return text[1:i], strings.Fields(text[i+1:]), true
		}
	}
	return "", nil, false
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}
