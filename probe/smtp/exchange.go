package smtp

import (
	"cmp"
	"context"
	"time"
)

func (c *Client) one(ctx context.Context, command Command) (Reply, error) {
	replies, err := c.exchange(ctx, []Command{command}, nil)
	if len(replies) == 0 {
		return Reply{}, err
	}
	return replies[0], err
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
	read := func() (err error) {
		if reply, err = c.reader.reply(); err != nil {
			err = &cutError{err, tidy(reply)}
		}
		return err
	}
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
