package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/report"
)

// sendSession is one session with one server.
type sendSession struct {
	*sendCommand
	mail       *parcel // nil where nothing is to be sent
	place      dropOff
	shown      notation
	row        sendRow
	client     *smtp.Client
	at         stop   // where we are connected to
	last       string // line of the server that was heard last
	unfinished string // recipients that broke off may have the message all the same
}

func (c *sendCommand) session(env *environment, mail *parcel, place dropOff) (*sendSession, error) {
	out := env.stdout
	if c.quiet || c.format == "json" {
		out = io.Discard
	}
	shown, err := notationOf(c.transcript, out)
	if err != nil {
		return nil, err
	}
	s := &sendSession{sendCommand: c, mail: mail, place: place, shown: shown}
	s.row = sendRow{Type: "send", At: time.Now(), From: c.sender.String(), Recipients: []sendRecipient{}, Unoffered: []string{}, Transcript: []sendLine{}}
	if mail != nil {
		s.row.MessageID, s.row.Size = mail.id, mail.size
		for _, recipient := range place.recipients {
			s.row.Recipients = append(s.row.Recipients, sendRecipient{Address: recipient.String()})
		}
	}
	return s, nil
}

// hold holds the session to its end, and returns what went wrong, each in one
// line.
func (s *sendSession) hold(ctx context.Context) []*failure {
	var problems []*failure
	for _, step := range []func(context.Context) *failure{s.connect, s.implicit, s.greet, s.introduce, s.startTLS, s.logIn} {
		if problem := step(ctx); problem != nil {
			problems = append(problems, problem)
			break
		}
	}
	if len(problems) == 0 && s.mail != nil {
		problems = s.send(ctx)
	}
	if s.client != nil && s.client.Err() == nil {
		_, _ = s.client.Quit(ctx) // all is said: how it says goodbye changes nothing
	}
	s.shown.over()
	s.conclude(problems)
	return problems
}

// conclude is the word for how it ended.
func (s *sendSession) conclude(problems []*failure) {
	accepted := slices.ContainsFunc(s.row.Recipients, func(one sendRecipient) bool { return one.Accepted })
	switch {
	case len(problems) == 0 && s.mail == nil:
		s.row.Result = resultLogin
	case len(problems) == 0:
		s.row.Result = resultSent
	case accepted:
		s.row.Result = resultPartly
	default:
		s.row.Result = resultOf(problems[0].status)
	}
	if len(problems) > 0 {
		s.row.Error = problems[0].text
	}
}

// hear shows a line and keeps it.
func (s *sendSession) hear(entry smtp.Entry) {
	if entry.From == smtp.ServerSaid {
		s.last = entry.Text
	}
	if s.format == "json" {
		s.row.Transcript = append(s.row.Transcript, sendLine{entry.At.Seconds(), entry.From, strings.ToValidUTF8(entry.Text, "\uFFFD")})
	}
	s.shown.line(entry)
}

// remark says something of ours among the lines.
func (s *sendSession) remark(text string) {
	if s.format == "json" {
		s.row.Transcript = append(s.row.Transcript, sendLine{From: smtp.Noted, Text: text})
	}
	s.shown.remark(text)
}

func (s *sendSession) greet(ctx context.Context) *failure {
	reply, err := s.client.Greet(ctx)
	if err != nil {
		return s.broken(err)
	}
	s.row.Greeting = saidOf(reply)
	if reply.Class() != 2 {
		return s.refused("we are", reply)
	}
	return nil
}

// introduce says EHLO and shows what is offered, in clear or inside TLS.
func (s *sendSession) introduce(ctx context.Context) *failure {
	reply, err := s.client.Hello(ctx, s.hello)
	if err != nil {
		return s.broken(err)
	}
	if reply.Class() != 2 {
		return s.refused(fmt.Sprintf("our name %s is", s.hello), reply)
	}
	where, hello := "in clear", helloOf(s.client, reply)
	if _, encrypted := s.client.TLSState(); encrypted {
		where, s.row.Encrypted = "inside TLS", hello
	} else {
		s.row.Plain = hello
	}
	s.remark("has extension, " + where + ": " + hasExtensions(s.client.Extensions()))
	return nil
}

// hasExtensions answers for the extensions that sending makes use of.
func hasExtensions(offered smtp.Extensions) string {
	keywords := []smtp.Keyword{smtp.ExtStartTLS, smtp.ExtAuth, smtp.ExtPipelining, smtp.ExtSize, smtp.Ext8BitMIME, smtp.ExtSMTPUTF8, smtp.ExtDSN}
	answers := make([]string, len(keywords))
	for i, keyword := range keywords {
		answer := "no"
		if params, ok := offered.Params(keyword); ok {
			answer = strings.Join(append([]string{"yes"}, params...), " ")
		}
		answers[i] = fmt.Sprintf("%s %s", keyword, answer)
	}
	return strings.Join(answers, ", ")
}

// tell writes what is left to be told when a session is over.
func (s *sendSession) tell(env *environment, problems []*failure) error {
	var err error
	if s.format == "json" {
		err = s.row.writeJSON(env.stdout)
	} else {
		err = s.summary(env.stdout)
	}
	if err != nil {
		return unwritable(standardOutput, err)
	}
	return nil
}

// summary lists those who were accepted; those who were not are told of on
// standard error.
func (s *sendSession) summary(w io.Writer) error {
	if s.row.Result == resultLogin {
		_, err := fmt.Fprintf(w, "logged in as %s with %s: %d %s\n", s.row.Login.User, s.row.Login.Mechanism, s.row.Login.Reply.Code, report.Printable(s.row.Login.Reply.Text))
		return err
	}
	for _, one := range s.row.Recipients {
		if !one.Accepted {
			continue
		}
		if _, err := fmt.Fprintf(w, "accepted for %s: %d %s\n", one.Address, one.Code, report.Printable(one.Text)); err != nil {
			return err
		}
	}
	return nil
}
