package smtp

import "context"

// Greet waits for the last line of the server's greeting. A `220-` alone is not
// it: postscreen says one, waits six seconds, and drops who speaks meanwhile
// (RFC 5321 s3.1, s4.3.1). After a 554 the server still waits for QUIT.
func (c *Client) Greet(ctx context.Context) (Reply, error) {
	if err := c.ready(ctx, "(greeting)", !c.greeted); err != nil {
		return Reply{}, err
	}
	reply, err := c.receive(ctx, Greeting)
	if err != nil {
		return Reply{}, err
	}
	c.greeted = true
	c.heed(Greeting, reply)
	return reply, nil
}
