package smtp

import (
	"context"
	"errors"
	"io"
)

// Data sends a message to the recipients named before (RFC 5321 s4.1.1.4). It
// returns one reply, to DATA where that was refused, else to the dot that ends
// the message; over LMTP one for each recipient accepted before, in their order
// (RFC 2033 s4.2), unless DATA was refused.
//
// Lines end in CRLF on the wire, whatever they ended in (CRLF, LF, CR), the last
// one too; a dot at a line's start is doubled (s4.5.2). Nothing else is changed.
// The message is streamed, with 32 KiB of it in memory.
//
// DATA waits for its reply 2 minutes or Options.IOTimeout where set, each block
// 3 minutes to be taken, and the end 10 minutes for its reply (s4.5.3.2): a
// client that gives up sooner has the message delivered twice.
//
// Where reading the message fails, the server has half a message: the
// conversation is broken, with Cause Unread.
func (c *Client) Data(ctx context.Context, message io.Reader) ([]Reply, error) {
	return nil, errors.ErrUnsupported
}
