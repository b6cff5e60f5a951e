package probe

import (
	"context"
	"time"

	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
)

// Question is one mailbox to ask about. Kind VrfyKind asks with VRFY, the
// others with RCPT.
type Question struct {
	Kind    Kind
	Mailbox address.Address
	Vrfy    bool // ask with VRFY, whatever the Kind
}

// Ask puts questions about mailboxes of one domain, in one MAIL transaction,
// and returns an Outcome for each in order. Where PIPELINING is offered they
// go out together. It is Post and Next in one.
//
// A refused sender, at MAIL or at RCPT, is asked once more with the plan's
// next one before it counts, and that one stays in use. A refusal of MAIL
// answers every question of its transaction.
//
// Where the conversation breaks, a 421 to the last command included, the error
// is a *Failure; the question it broke at has an Outcome with the reply or the
// cause, and the Outcomes of those behind it are zero: they were not asked. So
// are all where the session was over before.
func (s *Session) Ask(ctx context.Context, questions []Question) ([]Outcome, error) {
	s.Post(ctx, questions)
	return s.Next(ctx)
}

// withoutUTF8 is the fact that a question cannot be put to this server.
func (s *Session) withoutUTF8(question Question) Outcome {
	o := s.outcome(smtp.Hello)
	o.Kind, o.Meaning, o.Rule = question.Kind, reply.Unsupported, RuleNoSMTPUTF8
	o.Text = "SMTPUTF8 is not among the extensions offered"
	return o
}

// rcpt asks the questions at the indices which, with one sender after another.
func (s *Session) rcpt(ctx context.Context, questions []Question, which []int, outcomes []Outcome) error {
	for len(which) > 0 {
		err := s.transaction(ctx, questions, which, outcomes)
		if err != nil {
			return err
		}
		which = refusedSender(which, outcomes)
		if len(which) == 0 || s.sender+1 >= len(s.plan.Senders) {
			return nil
		}
		s.sender++
		for _, i := range which {
			outcomes[i] = Outcome{}
		}
	}
	return nil
}

// refusedSender keeps the questions whose answer was about the sender.
func refusedSender(which []int, outcomes []Outcome) []int {
	var out []int
	for _, i := range which {
		if outcomes[i].Meaning == reply.SenderRejected {
			out = append(out, i)
		}
	}
	return out
}

// transaction asks in one transaction and waits for the answers.
func (s *Session) transaction(ctx context.Context, questions []Question, which []int, outcomes []Outcome) error {
	commands, mail := s.transactionFor(questions, which)
	start := time.Now()
	heard := func(i int, r smtp.Reply) bool {
		waited := time.Since(start)
		start = time.Now()
		return s.enough(commands[i].Stage, r, waited) || i == mail && r.Class() != 2
	}
	replies, err := s.client.Group(ctx, commands, heard)
	s.commands += s.sent(len(commands), len(replies))
	switch {
	case err == nil && s.ended:
		err = ErrEnough
	case err == nil:
		err = s.client.Err() // 421 to the last of them
	}
	return s.heard(questions, which, outcomes, replies, mail, err)
}

// transactionFor is RSET where a transaction is open, MAIL, and RCPT for each
// question; mail is the index of MAIL.
func (s *Session) transactionFor(questions []Question, which []int) (commands []smtp.Command, mail int) {
	commands = make([]smtp.Command, 0, len(which)+2)
	if s.open {
		commands = append(commands, smtp.RsetCommand())
	}
	mail = len(commands)
	commands = append(commands, s.mailCommand(questions, which))
	for _, i := range which {
		commands = append(commands, smtp.RcptCommand(questions[i].Mailbox.String()))
	}
	s.open = true
	s.mails++
	return commands, mail
}

// heard makes replies to a transaction into outcomes. The error is that of a
// conversation which broke.
func (s *Session) heard(questions []Question, which []int, outcomes []Outcome, replies []smtp.Reply, mail int, err error) error {
	asked := which
	if len(replies) > mail && replies[mail].Class() == 2 {
		asked = s.answers(questions, which, replies[mail+1:], outcomes)
	} else if len(replies) > mail {
		asked = nil
		for _, i := range which {
			outcomes[i] = s.answer(smtp.Mail, questions[i], replies[mail])
		}
	}
	if err == nil {
		return nil
	}
	if said421(replies) || len(asked) == 0 || s.ended {
		return s.lost(nil, err)
	}
	outcomes[asked[0]] = s.brokeAt(smtp.Rcpt, questions[asked[0]], err)
	return s.lost(&outcomes[asked[0]], err)
}

// sent is how many commands of a group reached the wire: all where they went
// together, else those that got a reply.
func (s *Session) sent(commands, replies int) int {
	if s.client.Pipelines() {
		return commands
	}
	return replies
}

// answers puts the replies to RCPT where they belong and returns the questions
// that got none.
func (s *Session) answers(questions []Question, which []int, replies []smtp.Reply, outcomes []Outcome) []int {
	for n, reply := range replies {
		outcomes[which[n]] = s.answer(smtp.Rcpt, questions[which[n]], reply)
	}
	return which[len(replies):]
}

// said421 reports whether the conversation ended with a reply, so that the
// question it answered is the one it broke at.
func said421(replies []smtp.Reply) bool {
	return len(replies) > 0 && replies[len(replies)-1].Code == 421
}

func (s *Session) mailCommand(questions []Question, which []int) smtp.Command {
	var params []string
	for _, i := range which {
		if params = utf8Params(questions[i]); params != nil {
			break
		}
	}
	return smtp.MailCommand(s.senderInUse(), params...)
}

// utf8Params announces a mailbox beyond ASCII, to MAIL (RFC 6531 s3.4) as well
// as to VRFY (s3.7.4.2).
func utf8Params(question Question) []string {
	if question.Mailbox.NeedsSMTPUTF8() {
		return []string{string(smtp.ExtSMTPUTF8)}
	}
	return nil
}

func (s *Session) senderInUse() string {
	if s.sender < len(s.plan.Senders) {
		return s.plan.Senders[s.sender]
	}
	return ""
}

// vrfy asks one at a time: VRFY may only stand last in a group (RFC 2920 s3.1).
func (s *Session) vrfy(ctx context.Context, questions []Question, which []int, outcomes []Outcome) error {
	for _, i := range which {
		s.commands++
		start := time.Now()
		r, err := s.client.Vrfy(ctx, questions[i].Mailbox.String(), utf8Params(questions[i])...)
		if err != nil {
			outcomes[i] = s.brokeAt(smtp.Vrfy, questions[i], err)
			return s.lost(&outcomes[i], err)
		}
		outcomes[i] = s.answer(smtp.Vrfy, questions[i], r)
		if s.enough(smtp.Vrfy, r, time.Since(start)) {
			return s.lost(nil, ErrEnough)
		}
		if err := s.client.Err(); err != nil { // 421
			return s.lost(nil, err)
		}
	}
	return nil
}

func (s *Session) answer(stage smtp.Stage, question Question, r smtp.Reply) Outcome {
	s.answered++
	s.oddities |= r.Oddities
	o := s.about(stage, question)
	s.read(&o, r)
	return o
}

func (s *Session) brokeAt(stage smtp.Stage, question Question, err error) Outcome {
	o := s.about(stage, question)
	s.broken(&o, err)
	return o
}

// about is a blank fact about a question put at a stage.
func (s *Session) about(stage smtp.Stage, question Question) Outcome {
	o := s.outcome(stage)
	o.Kind = question.Kind
	if stage != smtp.Vrfy {
		o.Sender = s.senderInUse()
	}
	return o
}

// lost is the error of a conversation that broke while asking, at the question
// whose outcome is given, if at one.
func (s *Session) lost(at *Outcome, err error) error {
	failure := s.fail(smtp.Rcpt, nil, err)
	if at != nil {
		failure.Outcome = *at
	}
	return failure
}
