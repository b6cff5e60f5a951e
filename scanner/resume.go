package scanner

import (
	"context"
	"iter"
	"time"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/scanner/pace"
)

// Elder is a Store that may hold what an earlier process was told.
type Elder interface {
	// Answered yields the outcomes that earlier processes kept, by their times:
	// those of domains that have work left, and all since a time. The store is
	// not to be called meanwhile.
	Answered(ctx context.Context, since time.Time) iter.Seq2[Answer, error]
}

// Answer is what was said about some mailbox of a domain.
type Answer struct {
	Domain string
	probe.Outcome
}

// takeUp tells guard and meter what servers heard of us before this process
// began, so that stopping and starting again buys nobody another budget.
func (r *run) takeUp() error {
	elder, ok := r.store.(Elder)
	if !ok {
		return nil
	}
	for answer, err := range elder.Answered(r.keeping, r.now().Add(-r.profile().Window)) {
		if err != nil {
			return err
		}
		r.heardBefore(answer)
	}
	return nil
}

func (r *run) heardBefore(a Answer) {
	if !a.Answered() || a.Kind == probe.QuotedKind {
		return
	}
	unknown := a.Meaning == reply.UserUnknown
	if r.guards(a.Outcome) {
		r.guard.Heard(a.Domain, unknown)
	}
	if unknown {
		r.meter.Heard(pace.Host{Provider: mx.ProviderOf(a.Host).ID, IP: a.IP}, a.At)
	}
}
