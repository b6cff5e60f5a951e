package smtp

import (
	"context"
)

// Do sends one command and returns its reply. STARTTLS and BDAT are refused
// with ErrState, for what follows them is not a command. A 421 comes back as
// data, and the next call fails with Cause Closing.
func (c *Client) Do(ctx context.Context, command Command) (Reply, error) {
	if err := c.may(ctx, command, true); err != nil {
		return Reply{}, err
	}
	return c.one(ctx, command)
}

// Group sends commands and returns their replies in order. Where the server
// offers PIPELINING all go in one round trip (RFC 2920), else one goes after
// the other's reply.
//
// until, which may be nil, is asked after each reply, by its index, whether
// what is left is still worth sending: after a refused MAIL the RCPTs are not.
// When it returns true, one by one, Group stops there without an error; with
// PIPELINING all was sent, and all replies are read whatever it says.
//
// When the conversation breaks, the replies that did arrive come with the
// error. A 421 is the last of them; it is no error where it answers the last
// command. Commands not fit to be sent, or in the wrong place (s3.1: all but
// MAIL, RCPT, RSET and their dead sisters only last), are a *NotSentError
// before anything is sent.
func (c *Client) Group(ctx context.Context, commands []Command, until func(i int, reply Reply) bool) ([]Reply, error) {
	if until == nil {
		until = func(int, Reply) bool { return false }
	}
	for i, command := range commands {
		if err := c.may(ctx, command, i == len(commands)-1); err != nil {
			return nil, err
		}
	}
	replies := make([]Reply, 0, len(commands))
	if c.Pipelines() && len(commands) > 0 {
		replies, err := c.exchange(ctx, commands, replies)
		for i, reply := range replies {
			until(i, reply)
		}
		return replies, err
	}
	for i, command := range commands {
		reply, err := c.Do(ctx, command)
		if err != nil {
			return replies, err
		}
		if replies = append(replies, reply); until(i, reply) {
			break
		}
	}
	return replies, nil
}

func (c *Client) may(ctx context.Context, command Command, last bool) error {
	verb := verbOf(command.Line)
	if err := c.ready(ctx, command.Line, c.greeted && !c.message && len(c.flight) == 0 && verb != "STARTTLS" && verb != "BDAT"); err != nil {
		return err
	}
	if err := command.check(last); err != nil {
		return c.notSent(command.Line, err)
	}
	return nil
}
