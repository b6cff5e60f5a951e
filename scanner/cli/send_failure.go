package cli

import (
	"errors"
	"strings"

	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/report"
)

// refused is a no of the server, in its words.
func (s *sendSession) refused(what string, reply smtp.Reply) *failure {
	words := "refused"
	if reply.Class() == 4 {
		words = "refused for now"
	}
	problem := failed("%s %s: %s", what, words, quote(reply)).as(exitRefused)
	if reply.Code == 421 { // which ends the conversation, whatever it answers
		problem = failed("connection lost: %s closes it: %s", describeStop(s.at), quote(reply)).as(exitLost)
	}
	return problem.hint("mxvet explain '%s' says what that means", strings.ReplaceAll(quote(reply), "'", `'\''`))
}

// broken is why the conversation did not go on.
func (s *sendSession) broken(err error) *failure {
	if notSent, ok := errors.AsType[*smtp.NotSentError](err); ok {
		if errors.Is(err, smtp.ErrNoUTF8) {
			return failed("not sent: %w", notSent.Err).as(exitRefused).hint("an address with a local part in ASCII, and a header without UTF-8, can be sent to every server")
		}
		return failed("not sent: %w", err)
	}
	end, ok := errors.AsType[*smtp.BrokenError](err)
	switch {
	case !ok:
		return failed("%w", err)
	case end.Cause == smtp.Cancelled:
		return errInterrupted
	case end.Cause == smtp.Unread:
		return failed("the message could not be read to its end: %w", end.Err)
	case end.Cause == smtp.TLSFailed || end.Stage == smtp.TLS:
		s.row.TLSWhy = end.Err.Error()
		return failed("TLS failed: %s: %w", describeStop(s.at), end.Err).as(exitTLS).hint("--tls=off sends in clear; mxvet scan %s looks closer", s.at.at)
	}
	heard := "nothing was heard before"
	if s.last != "" {
		heard = "heard last: " + report.Printable(s.last)
	}
	return failed("connection lost: %s at %s: %s; %s%s", describeStop(s.at), end.Stage, brokenOff(end), heard, s.unfinished).as(exitLost).
		hint("try again later: a message that no reply stands behind may come twice")
}

// brokenOff is how a conversation ended, for a person.
func brokenOff(end *smtp.BrokenError) string {
	switch end.Cause {
	case smtp.Hangup:
		return "the server hung up"
	case smtp.Reset:
		return "the connection was reset"
	}
	return end.Err.Error()
}
