package smtp

import (
	"cmp"
	"context"
	"time"
)

// one sends one command and reads its reply. A line of ordinary length fits the
// connection's buffers whatever the server does, so that no writer is needed
// beside the reader.
func (c *Client) one(ctx context.Context, command Command) (Reply, error) {
	if len(command.Line) <= lineMost && len(c.flight) == 0 && c.reader.buffer.Buffered() == 0 {
		return c.alone(ctx, command)
	}
	replies, err := c.exchange(ctx, []Command{command}, nil)
	if len(replies) == 0 {
		return Reply{}, err
	}
	return replies[0], err
}

// lineMost is the length of a command line that RFC 5321 s4.5.3.1.4 wants every
// server to take, CRLF left out.
const lineMost = 510

func (c *Client) alone(ctx context.Context, command Command) (reply Reply, err error) {
	c.said(command)
	if c.asking {
		c.reader.left = budget
	}
	err = c.within(ctx, command.Stage, c.limit(command.Stage), func() error {
		c.conn.Write(append([]byte(command.Line), "\r\n"...)) // where it fails, what was said before still counts: a 421
		return c.hear(&reply)
	})
	if err != nil {
		return Reply{}, err
	}
	if err := c.heed(command.Stage, reply); err != nil {
		return reply, nil // as the answer to the last of a group
	}
	c.follow(command, reply)
	return reply, nil
}

// hear reads one reply.
func (c *Client) hear(into *Reply) (err error) {
	if *into, err = c.reader.reply(); err != nil {
		return &cutError{err, tidy(*into)}
	}
	return nil
}

// exchange sends commands in one go and reads their replies meanwhile.
func (c *Client) exchange(ctx context.Context, commands []Command, replies []Reply) ([]Reply, error) {
	c.post(commands)
	for range commands {
		reply, err := c.collect(ctx)
		if reply.Code != 0 {
			replies = append(replies, reply)
		}
		if err != nil {
			return replies, err
		}
	}
	return replies, nil
}

func (c *Client) said(command Command) {
	switch {
	case command.answer && command.Line != "" && command.Line != "*":
		c.record.record(ClientSaid, redacted)
		return
	case command.answer:
		c.record.record(ClientSaid, command.Line)
		return
	}
	c.record.said(command.Line)
	switch verbOf(command.Line) {
	case "MAIL", "VRFY", "EXPN":
		c.asking = true
	}
}

func (c *Client) receive(ctx context.Context, stage Stage) (Reply, error) {
	return c.await(ctx, stage, c.limit(stage))
}

// await reads one reply. One that has arrived already needs no deadline.
func (c *Client) await(ctx context.Context, stage Stage, limit time.Duration) (Reply, error) {
	var reply Reply
	read := func() error { return c.hear(&reply) }
	var err error
	if !c.reader.whole() {
		err = c.within(ctx, stage, limit, read)
	} else if err = read(); err != nil {
		err = c.fail(stage, err)
	}
	if err != nil {
		return Reply{}, err
	}
	return reply, nil
}

func (c *Client) limit(stage Stage) time.Duration {
	limit := cmp.Or(c.options.IOTimeout, defaultIOTimeout)
	switch {
	case stage == Quit:
		return min(quitTimeout, limit)
	case stage == Data && c.options.IOTimeout == 0:
		return dataTimeout
	}
	return limit
}

// heed ends the conversation where the reply is 421 (RFC 5321 s3.8), and says so.
func (c *Client) heed(stage Stage, reply Reply) error {
	if reply.Code != 421 {
		return nil
	}
	return c.fail(stage, &ClosingError{reply})
}

// follow keeps the client in step with what a reply changed.
func (c *Client) follow(command Command, reply Reply) {
	if command.answer {
		return
	}
	switch verb := verbOf(command.Line); verb {
	case "EHLO", "HELO", "LHLO":
		c.learn(Verb(verb), reply)
	case "MAIL", "RSET":
		c.accepted = 0
	case "RCPT":
		if reply.Class() == 2 {
			c.accepted++
		}
	case "DATA":
		c.message = reply.Code == 354
	}
}
