package cli

import (
	"cmp"
	"strings"
	"time"

	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/scanner"
)

// sendTLS is what --tls comes to.
type sendTLS struct {
	off, require, verify, implicit bool
}

// check reads the flags that can be wrong.
func (c *sendCommand) check() error {
	c.concurrency, c.perIP, c.ioTimeout = 1, 1, cmp.Or(c.replyTimeout, time.Second)
	var engine scanner.Scanner
	if err := c.talk.check(&engine); err != nil {
		return err
	}
	c.roots = engine.Roots
	for _, check := range []func() error{c.checkAddresses, c.checkTLS, c.checkLetter, c.checkReports} {
		if err := check(); err != nil {
			return err
		}
	}
	if c.format == "jsonl" { // one object a line is what it is
		c.format = "json"
	}
	if c.format != "text" && c.format != "json" {
		return usage("--format %s: there is no such format", c.format).hint("text or json")
	}
	return nil
}

func (c *sendCommand) checkAddresses() error {
	switch {
	case c.checkLogin && c.server == "" && len(c.to) == 0:
		return usage("no server to log in to").hint("name it: --server mail.example.org")
	case !c.checkLogin && c.from == "":
		return usage("nobody to send from").hint("mxvet send --from you@your.domain --to ann@example.org; <> is the null sender")
	case !c.checkLogin && len(c.to) == 0:
		return usage("nobody to send to").hint("mxvet send --from you@your.domain --to ann@example.org")
	}
	if c.from != "" && c.from != "<>" {
		sender, err := address.Parse(c.from)
		if err != nil {
			return usage("--from %s: %v", c.from, err).hint("give an address of yours that takes mail")
		}
		c.sender = sender
	}
	for _, text := range c.to {
		recipient, err := address.Parse(text)
		if err != nil {
			return usage("--to %s: %v", text, err).hint("one address for each --to")
		}
		c.recipients = append(c.recipients, recipient)
	}
	return nil
}

func (c *sendCommand) checkTLS() error {
	for word := range strings.SplitSeq(c.security, ",") {
		switch word {
		case "auto":
		case "require":
			c.tls.require = true
		case "verify":
			c.tls.require, c.tls.verify = true, true
		case "off":
			c.tls.off = true
		case "implicit":
			c.tls.implicit = true
		default:
			return usage("--tls %s: there is no such use of TLS", word).hint("auto, require, verify, off, implicit, or implicit,verify")
		}
	}
	if c.tls.off && c.security != "off" {
		return usage("--tls %s: off and the rest exclude each other", c.security).hint("auto, require, verify, off, implicit, or implicit,verify")
	}
	if c.lmtp && c.server == "" {
		return usage("--lmtp: the MX of a domain does not speak LMTP").hint("name the mail store: --server host:port")
	}
	return nil
}

func (c *sendCommand) checkLetter() error {
	ready := c.message != ""
	if ready && (c.subject != "" || c.body != "" || len(c.attach) > 0) {
		return usage("--message is sent as it is: --subject, --body and --attach do not go with it").hint("leave --message out, and the message is made of the others")
	}
	if c.message == "-" && c.passwordFile == "-" {
		return usage("standard input cannot be both the message and the password").hint("put the password into a file, or into MXVET_PASSWORD")
	}
	return nil
}

func (c *sendCommand) checkReports() error {
	known := map[string]smtp.Notify{"never": smtp.Never, "success": smtp.OnSuccess, "failure": smtp.OnFailure, "delay": smtp.OnDelay}
	for _, word := range c.notify {
		event, ok := known[word]
		if !ok || word == "never" && len(c.notify) > 1 {
			return usage("--notify %s: not something to be told of", strings.Join(c.notify, ",")).hint("never, or any of success, failure and delay")
		}
		c.events = append(c.events, event)
	}
	switch c.returned {
	case "", "full", "headers":
		return nil
	}
	return usage("--return %s: there is no such part", c.returned).hint("full or headers")
}
