package cli

import (
	"bytes"
	"io"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/probe/smtp"
)

// parcel is a message ready to go, and what its envelope has to say of it.
type parcel struct {
	message []byte
	id      string // its Message-ID
	size    int64  // with CRLF
	body    smtp.Body
	utf8    bool // its header has UTF-8 (RFC 6532)
}

// parcel makes the message, or completes the one that the user has.
func (c *sendCommand) parcel(env *environment) (*parcel, error) {
	l := &letter{from: c.sender, sender: c.sender != address.Address{}, to: c.recipients, subject: c.subject, body: c.body, at: time.Now(), host: c.hello}
	var err error
	p := new(parcel)
	if c.message != "" {
		ready, err := c.ready(env)
		if err != nil {
			return nil, err
		}
		p.message = l.complete(ready)
	} else {
		if l.attachments, err = c.attached(); err != nil {
			return nil, err
		}
		if p.message, err = l.compose(); err != nil {
			return nil, failed("the message cannot be made: %w", err)
		}
	}
	if p.size, p.body, err = smtp.Measure(bytes.NewReader(p.message)); err != nil {
		return nil, failed("the message cannot be measured: %w", err)
	}
	p.id, p.utf8 = idOf(p.message), hasUTF8(header(p.message))
	return p, nil
}

// header is a message as far as its first empty line.
func header(message []byte) []byte {
	at := 0
	for line := range bytes.Lines(message) {
		if len(bytes.TrimRight(line, "\r\n")) == 0 {
			break
		}
		at += len(line)
	}
	return message[:at:at] // what is appended to it goes elsewhere
}

// hasUTF8 tells a header in UTF-8 from one in ASCII, and from one of the old
// eight-bit sets, which SMTPUTF8 would not make right.
func hasUTF8(text []byte) bool {
	return utf8.Valid(text) && bytes.IndexFunc(text, func(r rune) bool { return r > '~' && r != 0x7f }) >= 0
}

// idOf reads the Message-ID; empty where it cannot be read.
func idOf(message []byte) string {
	read, err := mail.ReadMessage(bytes.NewReader(append(header(message), "\r\n"...)))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(read.Header.Get("Message-ID"))
}

// envelopeOf is the envelope of the message for some of its recipients. UTF8 is
// about their addresses and the sender's.
func (c *sendCommand) envelopeOf(p *parcel, recipients []address.Address) smtp.Envelope {
	e := smtp.Envelope{From: c.sender.String(), To: texts(recipients), Size: p.size, Body: p.body, UTF8: c.sender.NeedsSMTPUTF8(), ID: c.envelope, Notify: c.events}
	for _, recipient := range recipients {
		e.UTF8 = e.UTF8 || recipient.NeedsSMTPUTF8()
	}
	switch c.returned {
	case "full":
		e.Return = smtp.Full
	case "headers":
		e.Return = smtp.Headers
	}
	return e
}

// attached reads the files of --attach.
func (c *sendCommand) attached() ([]attachment, error) {
	var out []attachment
	for _, path := range c.attach {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, failed("--attach %s: %w", path, cause(err)).hint("look at the name, and at the folder you are in")
		}
		out = append(out, attachment{filepath.Base(path), data})
	}
	return out, nil
}

// ready reads the message of --message.
func (c *sendCommand) ready(env *environment) ([]byte, error) {
	if c.message == "-" {
		message, err := io.ReadAll(env.stdin)
		if err != nil {
			return nil, failed("--message -: %w", err)
		}
		return message, nil
	}
	message, err := os.ReadFile(c.message)
	if err != nil {
		return nil, failed("--message %s: %w", c.message, cause(err)).hint("look at the name, and at the folder you are in")
	}
	return message, nil
}
