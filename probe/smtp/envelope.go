package smtp

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Envelope says from whom to whom, and how.
type Envelope struct {
	From string   // empty for the null sender
	To   []string // without angle brackets, local parts quoted where they need to be

	Size int64 // of the message with CRLF line ends, as Measure counts; 0 where not known
	Body Body  // whether the message has octets above 127
	UTF8 bool  // addresses or header fields have them (RFC 6531)

	// What to be told about delivery (RFC 3461).

	Return Return   // how much of the message comes back with a failure
	ID     string   // our name for this envelope, as it is to be read
	Notify []Notify // when to be told: never alone, or any of the others
}

// Body is what MAIL says of a message's octets (RFC 6152).
type Body string

const (
	SevenBit     Body = "7BIT"
	EightBitMIME Body = "8BITMIME"
)

// Return is what comes back with a report of failure (RFC 3461 s4.3).
type Return string

const (
	Full    Return = "FULL"
	Headers Return = "HDRS"
)

// Notify is an event to be told of (RFC 3461 s4.1).
type Notify string

const (
	Never     Notify = "NEVER"
	OnSuccess Notify = "SUCCESS"
	OnFailure Notify = "FAILURE"
	OnDelay   Notify = "DELAY"
)

// ErrNoUTF8 is why a *NotSentError kept back an envelope that needs SMTPUTF8.
var ErrNoUTF8 = errors.New("the envelope needs SMTPUTF8, which the server does not offer (RFC 6531 s3.1)")

// transaction makes the commands of an envelope, their parameters as far as the
// server offers them.
func (c *Client) transaction(envelope Envelope, delivery *Delivery) ([]Command, error) {
	if len(envelope.To) == 0 {
		return nil, c.notSent("RCPT", ErrArgument)
	}
	offered := func(keyword Keyword, params []string) []string {
		if c.extensions.Has(keyword) {
			return params
		}
		delivery.Unoffered = append(delivery.Unoffered, params...)
		return nil
	}
	var params []string
	if envelope.Size > 0 {
		params = append(params, offered(ExtSize, []string{"SIZE=" + strconv.FormatInt(envelope.Size, 10)})...)
	}
	if envelope.Body != "" {
		params = append(params, offered(Ext8BitMIME, []string{"BODY=" + string(envelope.Body)})...)
	}
	if envelope.needsUTF8() {
		if !c.extensions.Has(ExtSMTPUTF8) {
			return nil, c.notSent(MailCommand(envelope.From).Line, ErrNoUTF8)
		}
		params = append(params, "SMTPUTF8")
	}
	params = append(params, offered(ExtDSN, envelope.report())...)
	notify := offered(ExtDSN, envelope.notify())
	commands := []Command{MailCommand(envelope.From, params...)}
	for _, recipient := range envelope.To {
		commands = append(commands, RcptCommand(recipient, notify...))
	}
	return commands, nil
}

func (e Envelope) needsUTF8() bool {
	needs := e.UTF8 || !ascii(e.From)
	for _, recipient := range e.To {
		needs = needs || !ascii(recipient)
	}
	return needs
}

// report is what MAIL says of the reports wanted.
func (e Envelope) report() []string {
	var params []string
	if e.Return != "" {
		params = append(params, "RET="+string(e.Return))
	}
	if e.ID != "" {
		params = append(params, "ENVID="+xtext(e.ID))
	}
	return params
}

// notify is what RCPT says of them.
func (e Envelope) notify() []string {
	if len(e.Notify) == 0 {
		return nil
	}
	words := make([]string, len(e.Notify))
	for i, word := range e.Notify {
		words[i] = string(word)
	}
	return []string{"NOTIFY=" + strings.Join(words, ",")}
}

// xtext writes what is not printable, "+" and "=" as "+" and two digits (RFC 3461 s4).
func xtext(text string) string {
	var out strings.Builder
	for _, c := range []byte(text) {
		if c < '!' || c > '~' || c == '+' || c == '=' {
			fmt.Fprintf(&out, "+%02X", c)
		} else {
			out.WriteByte(c)
		}
	}
	return out.String()
}

func ascii(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r >= 0x80 }) < 0
}
