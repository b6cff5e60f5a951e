package probe

import (
	"context"
	"time"

	"github.com/mxvet/mxvet/probe/smtp"
)

// Session is one conversation with one server. It never dials again. Its
// methods are called from one goroutine at a time; end it with Close.
type Session struct {
	plan   Plan
	client *smtp.Client
	server Server

	sender   int      // index into the plan's senders of the one in use
	open     bool     // a transaction is open and needs RSET before the next
	secure   bool     // what is said now is said inside TLS
	answered int      // questions that got a reply
	commands int      // commands sent, greeting and handshakes excluded
	mails    int      // MAIL among them
	rounds   []*round // posted, and not asked for by Next
	watch    func(smtp.Stage, smtp.Reply, time.Duration) bool
	ended    bool          // by who watches
	oddities smtp.Oddities // of all replies
}

// Failure says at which point a conversation ended, with everything that was
// learned before. It is the error of Open and Ask.
type Failure struct {
	Outcome Outcome // stage, reply or cause; no Kind
	Server  Server
	Err     error
}

func (f *Failure) Error() string {
	return "probe: " + string(f.Outcome.Stage) + ": " + f.Outcome.Text
}

func (f *Failure) Unwrap() error { return f.Err }

// Server is what has been learned of the server so far.
func (s *Session) Server() Server {
	server := s.server
	server.Injected = evidence(string(s.client.Injected()))
	server.Oddities = s.oddities.Words()
	server.Software = Software(&server)
	if state, ok := s.client.TLSState(); ok {
		server.TLS = s.plan.Known.Describe(state, server.TLSName, s.plan.Roots, time.Now())
	}
	return server
}

// Answered is how many questions got a reply in this session.
func (s *Session) Answered() int { return s.answered }

// Commands is how many commands were sent in this session.
func (s *Session) Commands() int { return s.commands }

// Mails is how many transactions were begun in this session.
func (s *Session) Mails() int { return s.mails }

// Limits is what the server said it bears of each session (RFC 9422); 0 where
// it did not say.
func (s *Session) Limits() smtp.Limits {
	limits, _ := s.client.Extensions().Limits()
	return limits
}

// Introduction is what the server said of itself: the text of its greeting, and
// of the first line after EHLO.
func (s *Session) Introduction() string {
	text := ""
	if s.server.Greeting != nil {
		text = s.server.Greeting.Text
	}
	for _, hello := range [...]*Hello{s.server.Plain, s.server.Encrypted} {
		if hello != nil {
			text += "\n" + hello.Hello
		}
	}
	return text
}

// Close says QUIT, where there is still somebody to say it to, and hangs up.
func (s *Session) Close() {
	if s.client.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.plan.quitTimeout())
	defer cancel()
	s.commands++
	s.client.Quit(ctx)
}

// fail ends the session: s.fail(smtp.Hello, &reply, nil) for an unwelcome
// reply, s.fail(stage, nil, err) for a conversation that broke. A server that
// refuses us is still waiting for QUIT (RFC 5321 s3.1, s4.1.1.10).
func (s *Session) fail(stage smtp.Stage, reply *smtp.Reply, err error) *Failure {
	outcome := s.outcome(stage)
	if reply != nil {
		s.oddities |= reply.Oddities
		s.read(&outcome, *reply)
	} else {
		s.broken(&outcome, err)
	}
	if s.server.StartTLS == Inconclusive && s.server.TLSWhy == "" {
		s.server.TLSWhy = "the conversation ended before: " + outcome.Text
	}
	failure := &Failure{Outcome: outcome, Err: err}
	failure.Server = s.Server()
	failure.Server.Failure = &outcome
	s.Close()
	return failure
}
