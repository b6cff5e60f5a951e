package smtp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// Data sends a message to the recipients named before (RFC 5321 s4.1.1.4). It
// returns one reply, to DATA where that was refused, else to the dot that ends
// the message; over LMTP one for each recipient accepted before, in their order
// (RFC 2033 s4.2), unless DATA was refused.
//
// Lines end in CRLF on the wire, whatever they ended in (CRLF, LF, CR), the last
// one too; a dot at a line's start is doubled (s4.5.2). Nothing else is changed.
// The message is streamed, with 32 KiB of it in memory. Its first 16 KiB stand
// in transcript and trace.
//
// DATA waits for its reply 2 minutes or Options.IOTimeout where set, each block
// 3 minutes to be taken, and the end 10 minutes for its reply (s4.5.3.2): a
// client that gives up sooner has the message delivered twice. The context
// bounds them all, but cannot interrupt the message's Read.
//
// A server that hangs up over the message is a *BrokenError of stage data, its
// Partial the server's last words. Where reading the message fails, the server
// has half of it and must not be told that it ends there: the conversation is
// broken, with Cause Unread.
func (c *Client) Data(ctx context.Context, message io.Reader) ([]Reply, error) {
	replies, _, err := c.data(ctx, message)
	return replies, err
}

// data is Data. It also says whether the whole message was sent.
func (c *Client) data(ctx context.Context, message io.Reader) (replies []Reply, sent bool, err error) {
	reply, err := c.Do(ctx, Command{Stage: Data, Line: "DATA"})
	switch {
	case err != nil:
		return nil, false, err
	case reply.Class() >= 4:
		return []Reply{reply}, false, nil
	case reply.Code != 354:
		line := fmt.Sprintf("%d %s", reply.Code, reply.Text())
		return nil, false, c.fail(Data, &ProtocolError{Problem: "DATA is answered with neither 354 nor a refusal", Line: line})
	}
	if err := c.pour(ctx, message); err != nil {
		return nil, false, err
	}
	replies, err = c.verdicts(ctx)
	c.message, c.accepted = false, 0
	return replies, true, err
}

// pour sends the message and the dot that ends it.
func (c *Client) pour(ctx context.Context, message io.Reader) error {
	blocks := &blocks{ctx: ctx, client: c, show: maxShown}
	dot := newDotter(blocks)
	if _, err := io.Copy(dot, message); err != nil {
		return c.fail(Data, &unreadError{err}) // unless the conversation broke first
	}
	if err := dot.line(); err != nil {
		return err
	}
	blocks.shown()
	_, err := blocks.Write([]byte(".\r\n"))
	return err
}

// verdicts reads what the server says to the end of the message.
func (c *Client) verdicts(ctx context.Context) ([]Reply, error) {
	count := 1
	if c.options.LMTP {
		count = max(1, c.accepted)
	}
	c.reader.left = budget + perReply*(count-1)
	replies := make([]Reply, 0, count)
	for i := range count {
		reply, err := c.await(ctx, Data, endTimeout)
		if err != nil {
			return replies, err
		}
		replies = append(replies, reply)
		if err := c.heed(Data, reply); err != nil && i < count-1 {
			return replies, err
		}
	}
	return replies, nil
}

// blocks is the connection as the message is written to it, a block at a time.
type blocks struct {
	ctx    context.Context // of one call to Data
	client *Client
	show   int    // octets that may still be shown
	line   []byte // shown when it ends
	hidden int    // octets not shown
}

func (b *blocks) Write(octets []byte) (int, error) {
	b.tell(octets)
	for rest := octets; len(rest) > 0; {
		block := rest[:min(blockSize, len(rest))]
		if err := b.client.block(b.ctx, block); err != nil {
			return 0, err
		}
		rest = rest[len(block):]
	}
	return len(octets), nil
}

func (c *Client) block(ctx context.Context, octets []byte) error {
	return c.within(ctx, Data, blockTimeout, func() error {
		_, err := c.conn.Write(octets)
		if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		return c.lastWords(err)
	})
}

// lastWords is what the server said before it hung up over a message: 421, or
// a 552 that could not wait. Where it said nothing, it is what the connection says.
func (c *Client) lastWords(err error) error {
	reply, mute := c.reader.reply()
	switch {
	case mute != nil:
		return err
	case reply.Code == 421:
		return &ClosingError{reply}
	}
	return &cutError{err, fmt.Sprintf("%d %s", reply.Code, tidy(reply))}
}

// unreadError is the message's own.
type unreadError struct{ error }

func (e *unreadError) Unwrap() error { return e.error }
