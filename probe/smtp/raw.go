package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"strings"
	"time"
)

// Say sends octets as they stand, in one write, and reads nothing: for trying
// what a server makes of lines that no client should send. What is said so does
// not count as a command. Next reads the replies.
func (c *Client) Say(ctx context.Context, stage Stage, octets string) error {
	if err := c.ready(ctx, octets, c.greeted && !c.message); err != nil {
		return err
	}
	for line := range strings.Lines(octets) {
		c.record.said(strings.TrimRight(line, "\r\n"))
	}
	return c.within(ctx, stage, c.limit(stage), func() error {
		_, err := c.conn.Write([]byte(octets))
		return err
	})
}

// Next reads the reply to something said. A 421 comes back as data, and the next
// call fails with Cause Closing.
func (c *Client) Next(ctx context.Context, stage Stage) (Reply, error) {
	if err := c.ready(ctx, "(a reply)", c.greeted); err != nil {
		return Reply{}, err
	}
	reply, err := c.receive(ctx, stage)
	if err == nil {
		c.heed(stage, reply)
	}
	return reply, err
}

// Hears waits until the server begins to say something, no longer than the limit.
// A silence does not break the conversation.
func (c *Client) Hears(ctx context.Context, stage Stage, limit time.Duration) (bool, error) {
	if err := c.ready(ctx, "(a reply)", c.greeted); err != nil {
		return false, err
	}
	armed, release := arm(ctx, c.raw, &TimeoutError{Stage: stage, Limit: limit})
	_, err := c.reader.buffer.Peek(1)
	if err != nil {
		err = translate(armed, err)
	}
	release()
	if err == nil {
		return true, nil
	}
	if _, late := errors.AsType[*TimeoutError](err); late && ctx.Err() == nil {
		return false, nil
	}
	return false, c.fail(stage, err)
}

// Secure shakes hands after a 220 that Next has read. It is StartTLS without its
// command.
func (c *Client) Secure(ctx context.Context, config *tls.Config) error {
	const line = "(TLS handshake)"
	if err := c.ready(ctx, line, c.greeted && !c.message && c.tls == nil); err != nil {
		return err
	}
	if config == nil {
		return c.notSent(line, ErrConfig)
	}
	return c.handshake(ctx, c.seize(), config)
}
