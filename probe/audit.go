package probe

import (
	"context"

	"github.com/mxvet/mxvet/probe/smtp"
)

// postmaster is the one mailbox that every server has to have (RFC 5321 s4.5.1),
// so that asking for it reveals nobody.
const postmaster = "postmaster"

// audit asks what the plan names, in the conversation that is open anyway.
func (s *Session) audit(ctx context.Context) *Failure {
	asked := s.plan.Audit
	if asked.Vrfy && s.client.Extensions().Has(smtp.ExtVRFY) {
		if failure := s.put(&s.server.Vrfy, smtp.Vrfy, func() (smtp.Reply, error) { return s.client.Vrfy(ctx, postmaster) }); failure != nil {
			return failure
		}
	}
	if asked.Expn {
		if failure := s.put(&s.server.Expn, smtp.Vrfy, func() (smtp.Reply, error) { return s.client.Expand(ctx, postmaster) }); failure != nil {
			return failure
		}
	}
	if asked.Help {
		return s.put(&s.server.Help, smtp.Hello, func() (smtp.Reply, error) { return s.client.Help(ctx, "") })
	}
	return nil
}

// put asks one thing and keeps the answer. A 421 is an answer as well as the end.
func (s *Session) put(into **Said, stage smtp.Stage, ask func() (smtp.Reply, error)) *Failure {
	s.commands++
	reply, err := ask()
	if err != nil {
		return s.fail(stage, nil, err)
	}
	s.oddities |= reply.Oddities
	if *into = said(reply); s.client.Err() != nil {
		return s.fail(stage, &reply, nil)
	}
	return nil
}
