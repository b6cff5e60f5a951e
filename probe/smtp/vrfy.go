package smtp

import "context"

// Vrfy asks whether a mailbox or user exists (RFC 5321 s3.5). 252 means that
// the server will not say.
func (c *Client) Vrfy(ctx context.Context, who string, params ...string) (Reply, error) {
	return c.Do(ctx, command(Vrfy, "VRFY", argument(who), params...))
}

// Expand says EXPN: it asks for the members of a list (RFC 5321 s3.5).
func (c *Client) Expand(ctx context.Context, list string, params ...string) (Reply, error) {
	return c.Do(ctx, command(Vrfy, "EXPN", argument(list), params...))
}

// Noop asks for a reply and nothing else (RFC 5321 s4.1.1.9).
func (c *Client) Noop(ctx context.Context) (Reply, error) {
	return c.Do(ctx, Command{Stage: Hello, Line: "NOOP"})
}

// Help asks what the server is willing to say of a command, or of itself where
// topic is empty (RFC 5321 s4.1.1.8).
func (c *Client) Help(ctx context.Context, topic string) (Reply, error) {
	if topic == "" {
		return c.Do(ctx, Command{Stage: Hello, Line: "HELP"})
	}
	return c.Do(ctx, command(Hello, "HELP", argument(topic)))
}
