package probe

import (
	"context"
	"time"

	"github.com/mxvet/mxvet/probe/smtp"
)

// patience is how long a server is given to answer a line that is perhaps none.
const patience = 5 * time.Second

// bareLF sends a NOOP that ends in LF without CR, which is no end of a line
// (RFC 5321 s2.3.8). A server that answers takes it for one; where it does so in
// messages too, mail can be smuggled past the next server's eyes (CVE-2023-51764,
// CVE-2023-51765, CVE-2023-51766). One that does not is given the rest of the
// line, to see that it is still there.
func (t *trier) bareLF(ctx context.Context) Trial {
	session, failed := t.open(ctx, Clear)
	if session == nil {
		return failed
	}
	defer session.Close()
	client := session.client
	if err := client.Say(ctx, smtp.Hello, "NOOP\n"); err != nil {
		return broke(err)
	}
	answers, err := client.Hears(ctx, smtp.Hello, patience)
	if err != nil {
		return broke(err)
	}
	if !answers {
		return t.restOfLine(ctx, session)
	}
	r, err := client.Next(ctx, smtp.Hello)
	switch {
	case err != nil:
		return broke(err)
	case session.doubt(smtp.Hello, r) != "":
		return settled(Inconclusive, session.doubt(smtp.Hello, r), r)
	case r.Class() != 2:
		return settled(No, "it refuses the line", r)
	default:
		return settled(Yes, "", r)
	}
}

func (t *trier) restOfLine(ctx context.Context, session *Session) Trial {
	r, err := t.exchange(ctx, session.client, smtp.Hello, "\r\n")
	if err != nil {
		return broke(err)
	}
	if doubt := session.doubt(smtp.Hello, r); doubt != "" {
		return settled(Inconclusive, doubt, r)
	}
	return settled(No, "it waited for CR and LF", r)
}
