package smtp

import (
	"context"
	"fmt"
	"net"
	"sync"
)

// Pipelines reports whether groups may be posted: the server offers PIPELINING,
// and Options.LockStep does not forbid it.
func (c *Client) Pipelines() bool {
	return c.extensions.Has(ExtPipelining) && !c.options.LockStep
}

// Post puts a group on its way and returns before it is answered: any number
// may follow each other, and their replies come from Collect in order. Only
// MAIL, RCPT and RSET can be posted, since others must end a group and be
// waited for (RFC 2920 s3.1), and only where Pipelines is true; until all is
// collected nothing else can be sent.
//
// It never waits for the server. Who posts more than the two ends' TCP windows
// hold has it wait in memory, and how much that may be is the caller's to say
// by collecting first.
func (c *Client) Post(ctx context.Context, commands []Command) error {
	for _, command := range commands {
		if err := c.ready(ctx, command.Line, c.greeted && !c.message && c.Pipelines()); err != nil {
			return err
		}
		if err := command.check(false); err != nil {
			return c.notSent(command.Line, err)
		}
	}
	if len(commands) > 0 {
		c.post(commands)
	}
	return nil
}

// InFlight is how many commands were posted whose replies are not collected.
func (c *Client) InFlight() int { return len(c.flight) }

// Collect returns the reply to the oldest command that was posted. A 421 comes
// with an error where commands behind it go unanswered; whatever breaks the
// conversation leaves nothing in flight.
func (c *Client) Collect(ctx context.Context) (Reply, error) {
	if err := c.Err(); err != nil {
		return Reply{}, c.grounded(err)
	}
	if len(c.flight) == 0 {
		return Reply{}, c.notSent("(reply)", ErrState)
	}
	return c.collect(ctx)
}

// post hands commands to the writer. Words that came before the command they
// would answer keep it back: see collect.
func (c *Client) post(commands []Command) {
	if len(c.flight) == 0 && c.reader.buffer.Buffered() > 0 {
		c.flight, c.kept = append(c.flight, commands...), true
		return
	}
	size := 0
	for _, command := range commands {
		size += len(command.Line) + 2
	}
	out := make([]byte, 0, size)
	for _, command := range commands {
		out = append(append(out, command.Line...), "\r\n"...)
		c.said(command)
	}
	switch {
	case c.asking && len(c.flight) == 0:
		c.reader.left = budget + perReply*(len(commands)-1)
	case c.asking:
		c.reader.left += perReply * len(commands)
	}
	c.flight = append(c.flight, commands...)
	c.writer.write(c.conn, out)
}

// collect reads the reply to the oldest command in flight. It reads while the
// writer writes: a server may answer the first command before it reads the
// last, and if neither side read while it writes, both would wait for ever (RFC
// 2920 s3.1).
//
// Where the group was kept back, a 421 is the answer to what would have been
// sent; for anything else question and answer are out of step, and guessing
// which belongs to which would put one mailbox's reply under another's name.
func (c *Client) collect(ctx context.Context) (Reply, error) {
	command, last := c.flight[0], len(c.flight) == 1
	reply, err := c.receive(ctx, command.Stage)
	if err != nil {
		return Reply{}, c.grounded(err)
	}
	if err := c.heed(command.Stage, reply); err != nil {
		if c.grounded(err); last {
			err = nil
		}
		return reply, err
	}
	if c.kept {
		line := fmt.Sprintf("%d %s", reply.Code, reply.Text())
		return Reply{}, c.grounded(c.fail(command.Stage, &ProtocolError{Problem: "a reply to nothing that was asked", Line: line}))
	}
	c.follow(command, reply)
	if c.flight = c.flight[1:]; !last {
		return reply, nil
	}
	c.flight = nil
	return reply, c.settle(ctx, command.Stage)
}

// grounded drops what is in flight of a conversation that is over, and waits
// for the writer, which ends when the connection does.
func (c *Client) grounded(err error) error {
	c.flight, c.kept = nil, false
	c.writer.wait()
	return err
}

// settle waits for the writer, which has nothing left to do unless the server
// answered what it did not read.
func (c *Client) settle(ctx context.Context, stage Stage) error {
	err, done := c.writer.done()
	switch {
	case !done:
		return c.within(ctx, stage, c.limit(stage), c.writer.wait)
	case err != nil:
		return c.fail(stage, err)
	default:
		return nil
	}
}

// writer writes on a goroutine of its own, which is there only while there is
// something to write: when the conversation breaks, hanging up ends it.
type writer struct {
	mu      sync.Mutex
	waiting []byte
	busy    chan struct{} // closed when nothing is left to write; nil when nothing was
	err     error         // of the last write
}

func (w *writer) write(conn net.Conn, out []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy != nil {
		w.waiting = append(w.waiting, out...)
		return
	}
	w.busy = make(chan struct{})
	go w.run(conn, out)
}

func (w *writer) run(conn net.Conn, out []byte) {
	for {
		_, err := conn.Write(out)
		w.mu.Lock()
		if err != nil || len(w.waiting) == 0 {
			w.err = err
			close(w.busy)
			w.busy, w.waiting = nil, nil
			w.mu.Unlock()
			return
		}
		out, w.waiting = w.waiting, nil
		w.mu.Unlock()
	}
}

// done returns the error of the last write, once there is nothing left to write.
func (w *writer) done() (err error, done bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err, w.busy == nil
}

// wait waits until there is nothing left to write.
func (w *writer) wait() error {
	w.mu.Lock()
	busy := w.busy
	w.mu.Unlock()
	if busy != nil {
		<-busy
	}
	err, _ := w.done()
	return err
}
