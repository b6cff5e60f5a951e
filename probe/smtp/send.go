package smtp

import (
	"context"
	"errors"
	"io"
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

// Delivery is what became of a message.
type Delivery struct {
	Mail       Reply       // to MAIL; zero where the conversation broke before
	Recipients []Recipient // one for each of Envelope.To, in its order
	Unoffered  []string    // parameters not said because the server does not offer their extension: "BODY=8BITMIME"
	Sent       bool        // all of the message was sent: where no reply came, the server may have it all the same
}

// Recipient is the last word on one recipient.
type Recipient struct {
	Address string
	Stage   Stage // what it answers: mail, rcpt or data; empty where the conversation broke before
	Reply   Reply
}

// Accepted reports whether the server took the message for this recipient.
func (r Recipient) Accepted() bool { return r.Stage == Data && r.Reply.Class() == 2 }

// ErrNoUTF8 is why a *NotSentError kept back an envelope that needs SMTPUTF8.
var ErrNoUTF8 = errors.New("the envelope needs SMTPUTF8, which the server does not offer (RFC 6531 s3.1)")

// Send sends one message: MAIL, RCPT for each recipient, DATA if at least one
// was accepted, and RSET where the transaction would stay open. Refusals are
// data. MAIL says SIZE, BODY, SMTPUTF8, RET and ENVID, and RCPT says NOTIFY,
// each where the server offers it; what it does not offer is left out, but for
// SMTPUTF8, without which nothing is sent (ErrNoUTF8).
//
// With an error comes what is known of the delivery.
func (c *Client) Send(ctx context.Context, envelope Envelope, message io.Reader) (Delivery, error) {
	return Delivery{}, errors.ErrUnsupported
}

// Measure reads a message to its end. Size counts its octets with CRLF line ends
// and without doubled dots, as SIZE wants it (RFC 1870 s5).
func Measure(message io.Reader) (size int64, body Body, err error) {
	return 0, SevenBit, errors.ErrUnsupported
}
