package probe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
)

// Options name what a server is tried with. Each costs one connection, and none
// goes so far that mail would be delivered: there is no DATA. Some look like an
// attack to who watches the server's log, so that each is for the user to ask for.
type Options struct {
	Enforced   bool // MAIL in clear, where STARTTLS is offered
	Injection  bool // STARTTLS with a NOOP behind it in one write
	BareLF     bool // NOOP that ends in LF without CR
	NTLM       bool // AUTH NTLM, broken off at the server's challenge
	SubmitAuth bool // MAIL and RCPT without a login, on ports 587 and 465 alone
	Relay      bool // RCPT of a mailbox elsewhere, in some 16 forms, until the first 421

	// RelayTo is the mailbox that the relay test asks for, at a domain that the
	// server has nothing to do with. Some servers refuse the default's domain,
	// RelayDefault, because it takes no mail; then a domain of the user's own
	// tells more.
	RelayTo string

	Pause time.Duration               // between two connections; 1 s where 0
	Wait  func(context.Context) error // waits instead of Pause; may be nil
}

// RelayDefault is a mailbox in a domain that is reserved for examples (RFC 2606 s3).
const RelayDefault = "mxvet-relay-test@example.org"

// Connections is how many connections the options cost at most.
func Connections(options Options) int {
	count := 0
	for _, asked := range [...]bool{options.Enforced, options.Injection, options.BareLF, options.NTLM, options.SubmitAuth, options.Relay} {
		if asked {
			count++
		}
	}
	return count
}

// Try does what the options name, each on a connection of its own opened as the
// plan says. A server that puts us off, refuses us or falls silent is
// inconclusive, with the reason. The error is about RelayTo alone.
func Try(ctx context.Context, plan Plan, options Options) (*Conduct, error) {
	t := &trier{plan: plan, options: options, found: &Conduct{}}
	t.plan.Audit = Audit{}
	to, err := address.Parse(cmp.Or(options.RelayTo, RelayDefault))
	if err == nil {
		t.local, t.domain, err = splitMailbox(to)
	}
	if err != nil {
		return nil, fmt.Errorf("probe: the relay test's recipient: %w", err)
	}
	submission := plan.Addr.Port() == 587 || plan.Addr.Port() == 465
	t.try(ctx, options.Enforced && plan.Security != Implicit, &t.found.Enforced, t.enforced)
	t.try(ctx, options.Injection && plan.Security != Implicit, &t.found.Injection, t.injection)
	t.try(ctx, options.BareLF, &t.found.BareLF, t.bareLF)
	t.try(ctx, options.SubmitAuth && submission, &t.found.SubmitAuth, t.submitAuth)
	if options.NTLM && t.rest(ctx) == nil {
		t.found.NTLM = t.ntlm(ctx)
	}
	if options.Relay {
		t.found.Relay = t.relay(ctx)
	}
	return t.found, nil
}

// trier is one call of Try.
type trier struct {
	plan    Plan
	options Options
	found   *Conduct
	begun   bool

	local, domain string // of a mailbox elsewhere
}

func (t *trier) try(ctx context.Context, asked bool, into *Trial, trial func(context.Context) Trial) {
	if !asked {
		return
	}
	if err := t.rest(ctx); err != nil {
		*into = Trial{Answer: Inconclusive, Why: err.Error()}
		return
	}
	*into = trial(ctx)
}

// rest waits before every connection but the first.
func (t *trier) rest(ctx context.Context) error {
	if !t.begun {
		t.begun = true
		return ctx.Err()
	}
	if t.options.Wait != nil {
		return t.options.Wait(ctx)
	}
	timer := time.NewTimer(cmp.Or(t.options.Pause, time.Second))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// open opens a session for a trial, or says why it cannot be tried.
func (t *trier) open(ctx context.Context, security Security) (*Session, Trial) {
	plan := t.plan
	if security != "" && plan.Security != Implicit {
		plan.Security = security
	}
	session, err := Open(ctx, plan)
	if failure, ok := errors.AsType[*Failure](err); ok {
		trial := Trial{Answer: Inconclusive, Why: "it did not come so far: " + string(failure.Outcome.Stage) + ": " + failure.Outcome.Text}
		if failure.Outcome.Answered() {
			trial.Reply = &Said{Code: failure.Outcome.Code, Text: failure.Outcome.Text}
		}
		return nil, trial
	}
	return session, Trial{}
}

// settled is a trial with an answer and the words it rests on.
func settled(answer Answer, why string, reply smtp.Reply) Trial {
	return Trial{Answer: answer, Why: why, Reply: said(reply)}
}

// broke is a trial that ended in the middle.
func broke(err error) Trial {
	if b, ok := errors.AsType[*smtp.BrokenError](err); ok {
		return Trial{Answer: Inconclusive, Why: string(b.Cause) + ": " + brokenText(b)}
	}
	return Trial{Answer: Inconclusive, Why: evidence(err.Error())}
}

// doubt says why a reply is about something else than what was tried: about us,
// or about now. It is empty for one that is to be believed.
func (s *Session) doubt(stage smtp.Stage, r smtp.Reply) string {
	meaning, _ := reply.Classify(stage, s.plan.Provider, r)
	switch {
	case r.Class() == 2:
		return ""
	case r.Code == 421:
		return "it closed the session"
	}
	switch meaning {
	case reply.Greylisted:
		return "it greylists us"
	case reply.RateLimited:
		return "it holds us to a rate"
	case reply.BlockedClient:
		return "it refuses us"
	case reply.TLSRequired:
		return "it wants TLS first"
	}
	if r.Class() == 4 {
		return "it says not now"
	}
	return ""
}

// sender is the one that trials use.
func (t *trier) sender() string {
	if len(t.plan.Senders) > 0 {
		return t.plan.Senders[0]
	}
	return ""
}
