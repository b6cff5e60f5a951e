package probe

import (
	"context"
	"slices"

	"github.com/mxvet/mxvet/probe/smtp"
)

// round is questions of one transaction, from Post to Next.
type round struct {
	questions []Question
	outcomes  []Outcome
	rcpt      []int // indices of those asked with RCPT
	vrfy      []int // and with VRFY
	posted    bool
	sender    int // index of the sender it was posted with
	commands  int // posted, and not collected
	mail      int // index of MAIL among them
	replies   []smtp.Reply
	err       error // that ended the collecting
	missed    bool  // the conversation was over before it
}

// Overlaps reports whether what is posted goes out before what was posted
// earlier is answered, as PIPELINING allows (RFC 2920): the pipe between us and
// the server is then never empty. Where it is false, a round waits for its Next.
func (s *Session) Overlaps() bool { return s.client.Pipelines() }

// Post puts questions as Ask does, without waiting for their answers: those
// come from Next, one call for each Post in their order. It may keep the
// questions until then. VRFY ends a group (RFC 2920 s3.1), and is put when its
// turn has come, as is everything behind it.
//
// What breaks the conversation is told by Next.
func (s *Session) Post(ctx context.Context, questions []Question) {
	r := &round{questions: questions, outcomes: make([]Outcome, len(questions)), rcpt: make([]int, 0, len(questions))}
	for i, question := range questions {
		switch {
		case question.Mailbox.NeedsSMTPUTF8() && !s.client.Extensions().Has(smtp.ExtSMTPUTF8):
			r.outcomes[i] = s.withoutUTF8(question)
		case question.Vrfy || question.Kind == VrfyKind:
			r.vrfy = append(r.vrfy, i)
		default:
			r.rcpt = append(r.rcpt, i)
		}
	}
	inTurn := !slices.ContainsFunc(s.rounds, func(before *round) bool { return !before.posted })
	if inTurn && s.Overlaps() && len(r.rcpt) > 0 && len(r.vrfy) == 0 {
		s.post(ctx, r)
	}
	s.rounds = append(s.rounds, r)
}

func (s *Session) post(ctx context.Context, r *round) {
	open := s.open
	commands, mail := s.transactionFor(r.questions, r.rcpt)
	if s.client.Post(ctx, commands) != nil {
		s.open = open
		return // Next meets the same error in its turn
	}
	r.posted, r.sender, r.commands, r.mail = true, s.sender, len(commands), mail
	s.commands += len(commands)
}

// Next returns what came of the oldest questions that were posted, as Ask does.
// After an error those posted behind them were not asked, as far as we know.
func (s *Session) Next(ctx context.Context) ([]Outcome, error) {
	r := s.rounds[0]
	s.rounds = s.rounds[1:]
	if err := s.finish(ctx, r); err != nil {
		return r.outcomes, err
	}
	return r.outcomes, s.vrfy(ctx, r.questions, r.vrfy, r.outcomes)
}

// finish gives a round's RCPTs their answers.
func (s *Session) finish(ctx context.Context, r *round) error {
	if r.posted {
		s.collect(ctx, r)
	} else {
		r.missed = s.client.Err() != nil
	}
	switch {
	case r.missed:
		return s.lost(nil, s.client.Err())
	case !r.posted:
		return s.rcpt(ctx, r.questions, r.rcpt, r.outcomes)
	}
	if err := s.heard(r.questions, r.rcpt, r.outcomes, r.replies, r.mail, r.err); err != nil {
		return err
	}
	refused := refusedSender(r.rcpt, r.outcomes)
	if len(refused) == 0 || r.sender == s.sender && s.sender+1 >= len(s.plan.Senders) {
		return nil
	}
	return s.withNextSender(ctx, r, refused)
}

// collect reads the replies to what was posted.
func (s *Session) collect(ctx context.Context, r *round) {
	if r.missed = r.missed || r.commands > 0 && r.err == nil && s.client.Err() != nil; r.missed {
		return
	}
	for ; r.commands > 0 && r.err == nil; r.commands-- {
		var reply smtp.Reply
		if reply, r.err = s.client.Collect(ctx); reply.Code != 0 {
			r.replies = append(r.replies, reply)
		}
	}
	if r.err == nil && r.commands == 0 && s.client.InFlight() == 0 {
		r.err = s.client.Err() // 421 to the last of them
	}
}

// withNextSender asks questions again whose sender was refused, once what is in
// flight behind them, with the same sender, has its replies.
func (s *Session) withNextSender(ctx context.Context, r *round, refused []int) error {
	for _, behind := range s.rounds {
		if behind.posted {
			s.collect(ctx, behind)
		}
	}
	for _, i := range refused {
		r.outcomes[i] = Outcome{}
	}
	if err := s.client.Err(); err != nil {
		return s.lost(nil, err)
	}
	if r.sender == s.sender {
		s.sender++
	}
	return s.rcpt(ctx, r.questions, refused, r.outcomes)
}
