package smtp

import (
	"context"
	"io"
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

// Send sends one message: MAIL, RCPT for each recipient, DATA if at least one
// was accepted, and RSET where the transaction would stay open. Refusals are
// data. MAIL says SIZE, BODY, SMTPUTF8, RET and ENVID, and RCPT says NOTIFY,
// each where the server offers it; what it does not offer is left out, but for
// SMTPUTF8, without which nothing is sent (ErrNoUTF8).
//
// With an error comes what is known of the delivery. An envelope without
// recipients is a *NotSentError with ErrArgument, and so is one bad address
// with its own. More recipients than the server bears get their 452 (RFC 5321
// s4.5.3.1.10): to send them another is the caller's part.
func (c *Client) Send(ctx context.Context, envelope Envelope, message io.Reader) (Delivery, error) {
	delivery := newDelivery(envelope)
	commands, err := c.transaction(envelope, &delivery)
	if err != nil {
		return delivery, err
	}
	replies, err := c.Group(ctx, commands, func(i int, reply Reply) bool { return i == 0 && reply.Class() != 2 })
	accepted := delivery.envelope(replies)
	if err == nil {
		err = c.Err() // the last reply was a 421
	}
	switch {
	case err != nil:
		return delivery, err
	case len(accepted) == 0:
		c.leave(ctx, delivery.Mail)
		return delivery, nil
	}
	replies, delivery.Sent, err = c.data(ctx, message)
	delivery.data(accepted, replies, delivery.Sent && c.options.LMTP)
	if err != nil {
		return delivery, err
	}
	if !delivery.Sent && c.Err() == nil {
		c.leave(ctx, delivery.Mail)
	}
	return delivery, c.Err()
}

// leave undoes a transaction that MAIL opened. Whether that works is the next
// command's concern: of this message all is known.
func (c *Client) leave(ctx context.Context, mail Reply) {
	if mail.Class() == 2 {
		c.Reset(ctx)
	}
}

func newDelivery(envelope Envelope) Delivery {
	delivery := Delivery{Recipients: make([]Recipient, len(envelope.To))}
	for i, address := range envelope.To {
		delivery.Recipients[i].Address = address
	}
	return delivery
}

// envelope takes the replies to MAIL and to each RCPT, as many as came, and
// returns the indexes of the recipients accepted. Behind a refused MAIL those to
// RCPT say nothing: it is the last word on all.
func (d *Delivery) envelope(replies []Reply) (accepted []int) {
	if len(replies) == 0 {
		return nil
	}
	d.Mail = replies[0]
	if d.Mail.Class() != 2 {
		for i := range d.Recipients {
			d.Recipients[i].Stage, d.Recipients[i].Reply = Mail, d.Mail
		}
		return nil
	}
	for i, reply := range replies[1:] {
		d.Recipients[i].Stage, d.Recipients[i].Reply = Rcpt, reply
		if reply.Class() == 2 {
			accepted = append(accepted, i)
		}
	}
	return accepted
}

// data takes the replies to DATA or to the message's end: one for all, or, over
// LMTP, as many as came of one for each.
func (d *Delivery) data(accepted []int, replies []Reply, each bool) {
	for n, i := range accepted {
		if !each {
			n = 0
		}
		if n < len(replies) {
			d.Recipients[i].Stage, d.Recipients[i].Reply = Data, replies[n]
		}
	}
}
