package smtp

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

func (c *Client) one(ctx context.Context, command Command) (Reply, error) {
	replies, err := c.exchange(ctx, []Command{command}, nil)
	if len(replies) == 0 {
		return Reply{}, err
	}
	return replies[0], err
}

// exchange sends commands in one go and reads their replies meanwhile: a server
// may answer the first before it reads the last, and if neither side read while
// it writes, both would wait for ever (RFC 2920 s3.1).
func (c *Client) exchange(ctx context.Context, commands []Command, replies []Reply) ([]Reply, error) {
	if c.reader.buffer.Buffered() > 0 {
		return c.early(ctx, commands, replies)
	}
	sent := c.send(commands)
	for i, command := range commands {
		reply, err := c.receive(ctx, command.Stage)
		if err != nil {
			<-sent
			return replies, err
		}
		replies = append(replies, reply)
		if err := c.heed(command.Stage, reply); err != nil {
			<-sent
			if i == len(commands)-1 {
				err = nil
			}
			return replies, err
		}
		c.follow(command, reply)
	}
	return replies, c.settle(ctx, commands[len(commands)-1].Stage, sent)
}

// send writes on a goroutine of its own, which ends with the write: when the
// conversation breaks, hanging up ends that.
func (c *Client) send(commands []Command) <-chan error {
	size := 0
	for _, command := range commands {
		size += len(command.Line) + 2
	}
	out := make([]byte, 0, size)
	for _, command := range commands {
		out = append(append(out, command.Line...), "\r\n"...)
		c.said(command)
	}
	if c.asking {
		c.reader.left = budget + perReply*(len(commands)-1)
	}
	conn, sent := c.conn, make(chan error, 1)
	go func() {
		_, err := conn.Write(out)
		sent <- err
	}()
	return sent
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

// settle waits for the writer, which has nothing left to do unless the server
// answered what it did not read.
func (c *Client) settle(ctx context.Context, stage Stage, sent <-chan error) error {
	select {
	case err := <-sent:
		if err != nil {
			return c.fail(stage, err)
		}
		return nil
	default:
		return c.within(ctx, stage, c.limit(stage), func() error { return <-sent })
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

// early deals with words that came before the command they would answer. A 421
// is the answer to whatever would be sent now, which is kept back; for anything
// else question and answer are out of step, and guessing which belongs to which
// would put one mailbox's reply under another's name.
func (c *Client) early(ctx context.Context, commands []Command, replies []Reply) ([]Reply, error) {
	stage := commands[0].Stage
	reply, err := c.receive(ctx, stage)
	if err != nil {
		return replies, err
	}
	err = c.heed(stage, reply)
	if err == nil {
		line := fmt.Sprintf("%d %s", reply.Code, reply.Text())
		return replies, c.fail(stage, &ProtocolError{Problem: "a reply to nothing that was asked", Line: line})
	}
	if replies = append(replies, reply); len(commands) == 1 {
		err = nil
	}
	return replies, err
}
