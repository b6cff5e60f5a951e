package probe

import (
	"context"
	"errors"
	"slices"
	"time"

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

// Watch has watch told of each reply that is heard while asking, with its stage
// and how long it was waited for: next to nothing where it came with the one
// before. Where watch returns false, the session ends there: what is not
// answered by then is not asked, and Ask and Next return a *Failure for
// ErrEnough.
func (s *Session) Watch(watch func(stage smtp.Stage, reply smtp.Reply, waited time.Duration) (goOn bool)) {
	s.watch = watch
}

// ErrEnough is why a session ended that Watch ended.
var ErrEnough = errors.New("broken off by us: the server has become too slow")

// enough tells who watches of a reply, and ends the session where they want it.
func (s *Session) enough(stage smtp.Stage, reply smtp.Reply, waited time.Duration) bool {
	if s.watch == nil || reply.Code == 0 || s.watch(stage, reply, waited) {
		return false
	}
	s.ended = true
	s.client.Close()
	return true
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
	sender := s.sender
	s.sender = r.sender // the outcomes name it
	err := s.heard(r.questions, r.rcpt, r.outcomes, r.replies, r.mail, r.err)
	s.sender = sender
	if err != nil {
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
		start := time.Now()
		if reply, r.err = s.client.Collect(ctx); reply.Code != 0 {
			r.replies = append(r.replies, reply)
		}
		if s.enough(r.stage(), reply, time.Since(start)) && r.err == nil {
			r.err = ErrEnough
		}
	}
	if r.err == nil && r.commands == 0 && s.client.InFlight() == 0 {
		r.err = s.client.Err() // 421 to the last of them
	}
}

// stage is that of the reply which was just collected.
func (r *round) stage() smtp.Stage {
	if len(r.replies) > r.mail+1 {
		return smtp.Rcpt
	}
	return smtp.Mail
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
