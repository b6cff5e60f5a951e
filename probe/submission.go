package probe

import (
	"context"
	"strings"

	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
)

// submitAuth asks a submission server to take mail for elsewhere from somebody
// who has not logged in: it must refuse (RFC 6409 s4.3). Many do so only at RCPT.
func (t *trier) submitAuth(ctx context.Context) Trial {
	session, failed := t.open(ctx, "")
	if session == nil {
		return failed
	}
	defer session.Close()
	stage := smtp.Mail
	r, err := session.client.Do(ctx, smtp.MailCommand(t.sender()))
	if err == nil && r.Class() == 2 {
		stage = smtp.Rcpt
		r, err = session.client.Do(ctx, smtp.RcptCommand(t.local+"@"+t.domain))
	}
	if err != nil {
		return broke(err)
	}
	meaning, _ := reply.Classify(stage, t.plan.Provider, r)
	switch {
	case r.Class() == 2:
		return settled(No, "", r)
	case meaning == reply.AuthRequired, r.Class() == 5 && (meaning == reply.RelayDenied || accessDenied(r)):
		return settled(Yes, "", r)
	case session.doubt(stage, r) != "":
		return settled(Inconclusive, session.doubt(stage, r), r)
	default:
		return settled(Inconclusive, "it refuses for another reason", r)
	}
}

// accessDenied knows Postfix's submission port, which refuses a client that has
// not logged in as it would refuse one that is blocked, but names no list.
func accessDenied(r smtp.Reply) bool {
	return strings.HasSuffix(strings.TrimSuffix(r.Text(), "."), "Client host rejected: Access denied")
}
