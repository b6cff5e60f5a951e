package smtp

import (
	"context"
	"net"
)

// Quit says goodbye, waits for the reply no longer than 5 s, and closes. Many
// servers close without one; that error needs no attention.
func (c *Client) Quit(ctx context.Context) (Reply, error) {
	reply, err := c.Do(ctx, Command{Stage: Quit, Line: "QUIT"})
	if c.Err() == nil {
		c.part(ctx)
	}
	return reply, err
}

// part closes with TLS's goodbye, where there is TLS: some servers log its
// absence as a fault of the client.
func (c *Client) part(ctx context.Context) {
	if c.tls != nil {
		c.within(ctx, Quit, quitTimeout, func() error { c.tls.CloseWrite(); return nil })
	}
	c.fail(Quit, net.ErrClosed)
}
