package smtp

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"
)

const (
	defaultIOTimeout = 45 * time.Second
	quitTimeout      = 5 * time.Second // what a goodbye is worth

	// RFC 5321 s4.5.3.2.4 to .6, the least that a client is to wait.
	dataTimeout  = 2 * time.Minute
	blockTimeout = 3 * time.Minute
	endTimeout   = 10 * time.Minute
)

// within runs talk, which reads or writes, under the context and the limit of
// one command. It is the only place where time meets the connection. When talk
// fails the conversation is broken, and the error says so.
func (c *Client) within(ctx context.Context, stage Stage, limit time.Duration, talk func() error) error {
	ctx, release := arm(ctx, c.raw, &TimeoutError{Stage: stage, Limit: limit})
	err := talk()
	if err != nil {
		err = translate(ctx, err)
	}
	release()
	if err != nil {
		return c.fail(stage, err)
	}
	return nil
}

// arm makes every pending read and write of conn end when the context does or
// the limit passes. The connection has no deadline before or after: release
// waits for a deadline that is just being set before it clears it, so that
// none outlives its command.
func arm(ctx context.Context, conn net.Conn, limit *TimeoutError) (context.Context, func()) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit.Limit, limit)
	fired := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		conn.SetDeadline(time.Unix(1, 0))
		close(fired)
	})
	return ctx, func() {
		if !stop() {
			<-fired
			conn.SetDeadline(time.Time{})
		}
		cancel()
	}
}

// translate says why a read or write ended: io.EOF in the middle of a
// conversation is unexpected, and a passed deadline has a reason of its own.
func translate(ctx context.Context, err error) error {
	switch err := err.(type) {
	case *cutError:
		return &cutError{translate(ctx, err.error), err.partial}
	case *TLSError:
		return &TLSError{translate(ctx, err.Err)}
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() != nil:
		return ended(ctx)
	case errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	}
	return err
}

// ended is the cause of a context that is over.
func ended(ctx context.Context) error {
	cause := context.Cause(ctx)
	if _, ok := errors.AsType[*TimeoutError](cause); ok {
		return cause
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &TimeoutError{Err: cause}
	}
	return &cancelError{cause}
}
