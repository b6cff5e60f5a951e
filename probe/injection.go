package probe

import (
	"context"

	"github.com/mxvet/mxvet/probe/smtp"
)

// injection sends a NOOP in clear behind STARTTLS, in one write. A server that
// keeps it over the handshake obeys it inside TLS, as it would obey whoever sits
// on the line (CVE-2011-0411 and its kin, RFC 3207 s6). It shows by counting: the
// NOOP's reply stands where that to EHLO belongs, and that to EHLO where QUIT's
// does, so that nothing depends on time.
func (t *trier) injection(ctx context.Context) Trial {
	session, failed := t.open(ctx, Clear)
	if session == nil {
		return failed
	}
	client := session.client
	defer client.Close()
	if !client.Extensions().Has(smtp.ExtStartTLS) {
		session.Close()
		return Trial{Answer: Inconclusive, Why: "STARTTLS is not offered"}
	}
	r, err := t.exchange(ctx, client, smtp.StartTLS, "STARTTLS\r\nNOOP\r\n")
	if err != nil {
		return broke(err)
	}
	switch doubt := session.doubt(smtp.StartTLS, r); {
	case doubt != "":
		return settled(Inconclusive, doubt, r)
	case r.Code != 220:
		return settled(No, "it refuses STARTTLS with something behind it", r)
	}
	if err := client.Secure(ctx, t.plan.tlsConfig()); err != nil {
		trial := broke(err)
		trial.Why = "the handshake failed, as it does where what stood behind STARTTLS is taken for a part of it: " + trial.Why
		return trial
	}
	first, err := t.exchange(ctx, client, smtp.Hello, "EHLO "+t.plan.HelloName+"\r\n")
	if err != nil {
		return broke(err)
	}
	if first.Code == 421 {
		return settled(Inconclusive, session.doubt(smtp.Hello, first), first)
	}
	second, err := t.exchange(ctx, client, smtp.Quit, "QUIT\r\n")
	switch {
	case err != nil:
		return broke(err)
	case second.Code == 221:
		return settled(No, "", first)
	case second.Code == 250:
		return settled(Yes, "", first)
	default:
		return settled(Inconclusive, "what it answers to QUIT is neither that nor a reply to EHLO", second)
	}
}

func (t *trier) exchange(ctx context.Context, client *smtp.Client, stage smtp.Stage, octets string) (smtp.Reply, error) {
	if err := client.Say(ctx, stage, octets); err != nil {
		return smtp.Reply{}, err
	}
	return client.Next(ctx, stage)
}
