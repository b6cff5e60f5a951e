package smtp

import "context"

// Hello names the client with EHLO, and with HELO only where the server does
// not understand EHLO or refuses it: 500, 501, 502, 503, 504 or 550 (RFC 5321
// s3.2, s4.1.4). A 421, another 4xx or a 554 is about the client, not about
// EHLO, and HELO would change nothing. The reply is that of the command sent
// last. On success the extensions are known.
//
// The name is the client's own full host name or an address literal,
// [192.0.2.1] or [IPv6:2001:db8::1] (s4.1.4).
func (c *Client) Hello(ctx context.Context, name string) (Reply, error) {
	if c.options.LMTP {
		return c.hello(ctx, LHLO, name)
	}
	reply, err := c.hello(ctx, EHLO, name)
	if err != nil || !refusesEHLO(reply.Code) {
		return reply, err
	}
	return c.hello(ctx, HELO, name)
}

func (c *Client) hello(ctx context.Context, verb Verb, name string) (Reply, error) {
	return c.Do(ctx, command(Hello, string(verb), word(name)))
}

func refusesEHLO(code int) bool {
	switch code {
	case 500, 501, 502, 503, 504, 550:
		return true
	}
	return false
}

// learn takes from a reply to EHLO, HELO or LHLO what the server offers. One
// that was refused leaves the session as it was (RFC 5321 s4.1.4).
func (c *Client) learn(verb Verb, reply Reply) {
	if reply.Class() != 2 {
		return
	}
	c.verb, c.extensions = verb, Extensions{}
	if verb != HELO {
		c.extensions = ParseExtensions(reply.Lines)
	}
}
