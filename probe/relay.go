package probe

import (
	"context"
	"strings"

	"github.com/mxvet/mxvet/probe/smtp"
)

// relay asks a server to take mail for elsewhere, in the forms by which servers
// have been talked into it. RCPT is as far as it goes. A form that ends in the
// server's own name proves something only where the server does not take
// whatever stands before that name, so an acceptance is held against a mailbox
// that cannot exist there.
func (t *trier) relay(ctx context.Context) Relay {
	if err := t.rest(ctx); err != nil {
		return Relay{Answer: Inconclusive, Why: err.Error()}
	}
	session, failed := t.open(ctx, "")
	if session == nil {
		return Relay{Answer: Inconclusive, Why: failed.Why}
	}
	defer session.Close()
	r := &relaying{session: session, controls: map[string]bool{}, unknown: map[kin]bool{}}
	for _, one := range envelopes(&t.plan, t.sender(), t.local, t.domain) {
		if !r.unknown[one.kin] && !r.one(ctx, one) {
			break
		}
	}
	return r.verdict()
}

// relaying is one relay test going on.
type relaying struct {
	session  *Session
	tries    []RelayTry
	controls map[string]bool // mailboxes that cannot exist, and whether they were taken
	unknown  map[kin]bool    // forms that the server takes for faults of syntax

	proven  bool   // a form was taken that only an open relay takes
	asked   bool   // a form came as far as RCPT
	ended   string // why it was not asked to the end
	doubts  string // the first reply to RCPT that was about us, or about now
	unsent  string // the first such to MAIL
	catches bool   // forms were taken that any mailbox is
}

// one puts an envelope; false where the conversation is over.
func (r *relaying) one(ctx context.Context, one envelope) bool {
	stage, answer, ok := r.put(ctx, one.from, one.to)
	if answer.Code != 0 {
		r.tries = append(r.tries, RelayTry{From: one.from, To: one.to, Reply: said(answer)})
		r.asked = r.asked || stage == smtp.Rcpt
		r.unknown[one.kin] = one.kin != "" && (answer.Code == 501 || answer.Code == 555)
		r.weigh(stage, answer)
	}
	if ok && stage == smtp.Rcpt && answer.Class() == 2 {
		return r.accepted(ctx, one)
	}
	return ok
}

// weigh keeps the first doubt. One about a sender that was not taken counts only
// where none was.
func (r *relaying) weigh(stage smtp.Stage, answer smtp.Reply) {
	doubt := r.session.doubt(stage, answer)
	if doubt == "" {
		return
	}
	into := &r.doubts
	if stage == smtp.Mail {
		into = &r.unsent
	}
	if *into == "" {
		*into = doubt + ": " + evidence(answer.Text())
	}
}

// put is RSET, MAIL and RCPT, and the reply that tells: that to RCPT, or to MAIL
// where the sender was not taken.
func (r *relaying) put(ctx context.Context, from, to string) (smtp.Stage, smtp.Reply, bool) {
	s := r.session
	var commands []smtp.Command
	if s.open {
		commands = append(commands, smtp.RsetCommand())
	}
	mail := len(commands)
	commands = append(commands, smtp.MailCommand(from), smtp.RcptCommand(to))
	replies, err := s.client.Group(ctx, commands, func(i int, reply smtp.Reply) bool { return i == mail && reply.Class() != 2 })
	s.open = true
	if err == nil {
		err = s.client.Err() // 421
	}
	if err != nil {
		r.ended = broke(err).Why
	}
	switch {
	case len(replies) > mail && replies[mail].Class() != 2:
		return smtp.Mail, replies[mail], err == nil
	case len(replies) > mail+1:
		return smtp.Rcpt, replies[mail+1], err == nil
	default:
		return smtp.Rcpt, smtp.Reply{}, false
	}
}

// accepted weighs a form that was taken.
func (r *relaying) accepted(ctx context.Context, one envelope) bool {
	if one.control == "" {
		r.proven = true
		return true
	}
	taken, known := r.controls[one.control]
	if !known {
		_, answer, ok := r.put(ctx, one.from, one.control)
		if !ok {
			return false
		}
		taken = answer.Class() == 2
		r.controls[one.control] = taken
	}
	r.proven = r.proven || !taken
	r.catches = r.catches || taken
	return true
}

func (r *relaying) verdict() Relay {
	out := Relay{Tries: r.tries}
	switch {
	case r.proven:
		out.Answer = Yes
	case r.ended != "":
		out.Answer, out.Why = Inconclusive, "it was not asked to the end: "+r.ended
	case r.doubts != "":
		out.Answer, out.Why = Inconclusive, r.doubts
	case !r.asked && r.unsent != "":
		out.Answer, out.Why = Inconclusive, r.unsent
	case !r.asked:
		out.Answer, out.Why = Inconclusive, "it took no sender"
	case r.catches:
		out.Answer, out.Why = No, "what it took in its own name it takes whatever the mailbox"
	default:
		out.Answer = No
	}
	return out
}

// inBrackets is an address literal (RFC 5321 s4.1.3).
func inBrackets(ip string) string {
	if strings.Contains(ip, ":") {
		return "[IPv6:" + ip + "]"
	}
	return "[" + ip + "]"
}
