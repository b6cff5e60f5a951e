package cli

import (
	"context"
	"errors"
	"fmt"
)

// Exit statuses.
const (
	exitDone        = 0   // the work was done
	exitFailed      = 1   // it could not be done
	exitUsage       = 2   // the command line is wrong
	exitFound       = 3   // what --fail-on named was found
	exitRefused     = 4   // send: the server said no
	exitLogin       = 5   // send: the login failed
	exitTLS         = 6   // send: TLS failed, or was not what was asked for
	exitLost        = 7   // send: no connection, or it was lost
	exitInterrupted = 130 // cut short; all finished work is kept
)

// failure is an error with an exit status and, for a person, what to do.
type failure struct {
	status int
	text   string
	advice string
	err    error
}

func (f *failure) Error() string { return f.text }
func (f *failure) Hint() string  { return f.advice }
func (f *failure) Unwrap() error { return f.err }

// hint adds what to try.
func (f *failure) hint(format string, args ...any) *failure {
	f.advice = fmt.Sprintf(format, args...)
	return f
}

// usage is an error in the command line.
func usage(format string, args ...any) *failure {
	return &failure{status: exitUsage, text: fmt.Sprintf(format, args...)}
}

// failed is work that could not be done.
func failed(format string, args ...any) *failure {
	err := fmt.Errorf(format, args...)
	return &failure{status: exitFailed, text: err.Error(), err: errors.Unwrap(err)}
}

// as gives a failure another status.
func (f *failure) as(status int) *failure {
	f.status = status
	return f
}

// errSilent ends with a status of its own and without a word: all is said.
var errSilent = errors.New("")

// errFound is the end of a run that found what --fail-on names.
var errFound = &failure{status: exitFound, err: errSilent}

// errInterrupted is the end of a run that the user cut short.
var errInterrupted = &failure{status: exitInterrupted, err: errSilent}

func status(ctx context.Context, err error) int {
	if err == nil {
		return exitDone
	}
	var f *failure
	if errors.As(err, &f) {
		return f.status
	}
	if ctx.Err() != nil {
		return exitInterrupted
	}
	return exitFailed
}
