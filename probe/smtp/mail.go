package smtp

import "context"

// Mail opens a transaction (RFC 5321 s3.3). The empty sender is the null
// sender, `<>`. Parameters come as they go on the wire: "SIZE=1000", "SMTPUTF8".
func (c *Client) Mail(ctx context.Context, sender string, params ...string) (Reply, error) {
	return c.Do(ctx, MailCommand(sender, params...))
}

// Rcpt names a recipient. The recipient stands without angle brackets, its
// local part quoted where it needs to be.
func (c *Client) Rcpt(ctx context.Context, recipient string, params ...string) (Reply, error) {
	return c.Do(ctx, RcptCommand(recipient, params...))
}

// Reset says RSET: it undoes the transaction (RFC 5321 s4.1.1.5).
func (c *Client) Reset(ctx context.Context) (Reply, error) { return c.Do(ctx, RsetCommand()) }
