package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// Cause is how a conversation broke.
type Cause string

const (
	Timeout   Cause = "timeout"   // no answer within a command's limit or the context's deadline
	Cancelled Cause = "cancelled" // the caller's context was cancelled
	Hangup    Cause = "hangup"    // the server closed without a word (EOF)
	Reset     Cause = "reset"     // the connection was reset: a crash, or a firewall
	Closing   Cause = "closing"   // the server said 421
	Protocol  Cause = "protocol"  // what came is not SMTP, or not in step, or too much
	TLSFailed Cause = "tls"       // the handshake failed
	Closed    Cause = "closed"    // Quit or Close was called before
	Unread    Cause = "unread"    // the message to be sent could not be read to its end
	Network   Cause = "network"   // anything else the connection reports
)

// BrokenError says that the conversation is over.
type BrokenError struct {
	Stage   Stage  // what was being said
	Cause   Cause  // how it ended
	Err     error  // io.ErrUnexpectedEOF, *TimeoutError, *ClosingError, *ProtocolError, *TLSError, a context's cause or the connection's own error
	Partial string // text of the reply that was cut off, its lines joined by line feeds; or the reply, with its code, that came in the middle of a message
}

func (e *BrokenError) Error() string {
	text := fmt.Sprintf("smtp: %s: %s: %v", e.Stage, e.Cause, e.Err)
	if e.Partial != "" {
		text += fmt.Sprintf(" after %.200q", e.Partial)
	}
	return text
}

func (e *BrokenError) Unwrap() error { return e.Err }

// TimeoutError names the limit that passed. It is context.DeadlineExceeded to
// errors.Is.
type TimeoutError struct {
	Stage Stage         // what was waited for
	Limit time.Duration // the command's limit; 0 where the context's own deadline came first
	Err   error         // the context's cause, where it has one of its own
}

func (e *TimeoutError) Error() string {
	if e.Limit == 0 {
		return "the time for the whole conversation is over"
	}
	text := fmt.Sprintf("no answer within %v", e.Limit)
	if section, least := timer(e.Stage); least > e.Limit {
		text += fmt.Sprintf(" (RFC 5321 s%s would wait %v)", section, least)
	}
	return text
}

func (e *TimeoutError) Unwrap() error { return e.Err }

// Is makes every limit a deadline.
func (e *TimeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// Timeout makes a *TimeoutError look like the net package's.
func (e *TimeoutError) Timeout() bool { return true }

// timer is what RFC 5321 s4.5.3.2 asks of a client that delivers mail: 4.5.3.2.1
// to .3 have limits of their own; the rest of a command's timers are not named.
func timer(stage Stage) (section string, least time.Duration) {
	switch stage {
	case Greeting:
		return "4.5.3.2.1", 5 * time.Minute
	case Mail:
		return "4.5.3.2.2", 5 * time.Minute
	case Rcpt:
		return "4.5.3.2.3", 5 * time.Minute
	case Data:
		return "4.5.3.2.4", 2 * time.Minute
	}
	return "", 0
}

// ClosingError carries the 421 with which the server closed (RFC 5321 s3.8).
type ClosingError struct{ Reply Reply }

func (e *ClosingError) Error() string {
	return fmt.Sprintf("the server closed the session: %d %.200q", e.Reply.Code, e.Reply.Text())
}

// ProtocolError says what of the server's words is not SMTP.
type ProtocolError struct {
	Problem string // one clause
	Line    string // the line it is about, at most 4 KiB; empty where none is to blame
}

func (e *ProtocolError) Error() string {
	if e.Line == "" {
		return e.Problem
	}
	return fmt.Sprintf("%s: %.200q", e.Problem, e.Line)
}

// TLSError is a handshake that failed, for whatever reason.
type TLSError struct{ Err error }

func (e *TLSError) Error() string { return fmt.Sprintf("TLS handshake: %v", e.Err) }
func (e *TLSError) Unwrap() error { return e.Err }

// NotSentError says that a command was not sent; the conversation is whole.
type NotSentError struct {
	Line string // the command, without secrets
	Err  error  // ErrUnsafe, ErrLong, ErrArgument, ErrPath, ErrGrouping, ErrState, ErrConfig or a context's cause
}

func (e *NotSentError) Error() string {
	return fmt.Sprintf("smtp: %.100q not sent: %v", e.Line, e.Err)
}
func (e *NotSentError) Unwrap() error { return e.Err }

var (
	ErrUnsafe   = errors.New("a command may not hold CR, LF or NUL")
	ErrLong     = errors.New("the command line is too long (RFC 5321 s4.5.3.1.4)")
	ErrArgument = errors.New("an argument is missing, or one parameter would be two")
	ErrPath     = errors.New("a path may not hold angle brackets or spaces outside quotes")
	ErrGrouping = errors.New("this command may only come last in a group (RFC 2920 s3.1)")
	ErrState    = errors.New("out of order")
	ErrConfig   = errors.New("no TLS configuration")
)

// causeOf tells the ends apart. An error that a context or a limit brought
// about is already translated when it comes here.
func causeOf(err error) Cause {
	if _, ok := errors.AsType[*TimeoutError](err); ok {
		return Timeout
	}
	if _, ok := errors.AsType[*cancelError](err); ok {
		return Cancelled
	}
	if _, ok := errors.AsType[*unreadError](err); ok {
		return Unread
	}
	if _, ok := errors.AsType[*ProtocolError](err); ok {
		return Protocol
	}
	if _, ok := errors.AsType[*ClosingError](err); ok {
		return Closing
	}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.ErrClosedPipe), errors.Is(err, syscall.EPIPE):
		return Hangup
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.ECONNABORTED):
		return Reset
	case errors.Is(err, net.ErrClosed):
		return Closed
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, syscall.ETIMEDOUT):
		return Timeout
	}
	if _, ok := errors.AsType[*TLSError](err); ok {
		return TLSFailed
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return TLSFailed
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "remote error" {
		return TLSFailed // crypto/tls's name for an alert, here one after the handshake
	}
	return Network
}

// cancelError is the cause of a context that ended by something other than its
// deadline.
type cancelError struct{ cause error }

func (e *cancelError) Error() string        { return e.cause.Error() }
func (e *cancelError) Unwrap() error        { return e.cause }
func (e *cancelError) Is(target error) bool { return target == context.Canceled }

// tidy joins what is left of a reply that was cut off.
func tidy(reply Reply) string { return strings.TrimRight(reply.Text(), "\n") }

// cutError carries the words of a reply that was not finished.
type cutError struct {
	error
	partial string
}

func (e *cutError) Unwrap() error { return e.error }
