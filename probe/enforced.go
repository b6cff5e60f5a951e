package probe

import (
	"context"

	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
)

// enforced says MAIL in clear to a server that offers STARTTLS: one that insists
// answers 530 (RFC 3207 s4). Others take the mail of whoever does not encrypt,
// which is what RFC 3207 asks of a server that everybody writes to.
func (t *trier) enforced(ctx context.Context) Trial {
	session, failed := t.open(ctx, Clear)
	if session == nil {
		return failed
	}
	defer session.Close()
	if !session.client.Extensions().Has(smtp.ExtStartTLS) {
		return Trial{Answer: Inconclusive, Why: "STARTTLS is not offered"}
	}
	r, err := session.client.Do(ctx, smtp.MailCommand(t.sender()))
	if err != nil {
		return broke(err)
	}
	switch meaning, _ := reply.Classify(smtp.Mail, t.plan.Provider, r); {
	case r.Class() == 2:
		return settled(No, "", r)
	case meaning == reply.TLSRequired, r.Code == 530 && meaning != reply.AuthRequired:
		return settled(Yes, "", r)
	case session.doubt(smtp.Mail, r) != "":
		return settled(Inconclusive, session.doubt(smtp.Mail, r), r)
	case meaning == reply.AuthRequired:
		return settled(Inconclusive, "it wants a login before it says what it thinks of clear text", r)
	default:
		return settled(Inconclusive, "it refuses for another reason", r)
	}
}
