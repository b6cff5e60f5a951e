package scanner

import (
	"strings"
	"time"

	"github.com/mxvet/mxvet/probe/smtp"
)

// Replied is told how long a server took for a reply, from the command on: of a
// group that went out together each from its own, and the greeting from the
// connection. It is called from many goroutines.
type Replied func(stage smtp.Stage, took time.Duration)

// stopwatch measures the replies of one conversation, in which they come in the
// order of the commands (RFC 5321 s4.1.4, RFC 2920 s3.1).
type stopwatch struct {
	tell    Replied
	greeted bool
	waiting []asked
}

// asked is a command whose reply has not come.
type asked struct {
	stage smtp.Stage
	at    time.Duration
}

func (s *stopwatch) see(line smtp.Entry) {
	switch {
	case line.From == smtp.ClientSaid:
		s.waiting = append(s.waiting, asked{stageOf(line.Text), line.At})
	case line.From != smtp.ServerSaid || !lastOfReply(line.Text):
	case !s.greeted:
		s.greeted = true
		s.tell(smtp.Greeting, line.At)
	case len(s.waiting) > 0:
		s.tell(s.waiting[0].stage, line.At-s.waiting[0].at)
		s.waiting = s.waiting[1:]
	}
}

// lastOfReply tells the last line of a reply: three digits and no hyphen.
func lastOfReply(line string) bool { return len(line) == 3 || len(line) > 3 && line[3] != '-' }

// stageOf is the stage that a command belongs to.
func stageOf(command string) smtp.Stage {
	verb, _, _ := strings.Cut(command, " ")
	switch strings.ToUpper(verb) {
	case "EHLO", "HELO", "NOOP", "HELP":
		return smtp.Hello
	case "STARTTLS":
		return smtp.StartTLS
	case "AUTH":
		return smtp.Auth
	case "MAIL", "RSET":
		return smtp.Mail
	case "RCPT":
		return smtp.Rcpt
	case "VRFY", "EXPN":
		return smtp.Vrfy
	case "QUIT":
		return smtp.Quit
	default:
		return smtp.Data
	}
}
