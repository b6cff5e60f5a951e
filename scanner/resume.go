package scanner

import (
	"context"
	"iter"
	"time"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/scanner/pace"
)

// Elder is a Store that may hold what an earlier process was told.
type Elder interface {
	// Answered yields the outcomes that earlier processes kept, by their times:
	// those of domains that have work left, all that refuse us, and all since a
	// time. The store is not to be called meanwhile.
	Answered(ctx context.Context, since time.Time) iter.Seq2[Answer, error]
}

// Answer is what was said about some mailbox of a domain.
type Answer struct {
	Domain string
	probe.Outcome
}

// takeUp tells guard, meter and breaker what servers heard and said of us before
// this process began, so that stopping and starting again buys nobody another
// budget, and no refusal is tried again.
func (r *run) takeUp() error {
	elder, ok := r.store.(Elder)
	if !ok {
		return nil
	}
	past := &refusals{breaker: r.breaker, last: make(map[pace.Host]time.Time)}
	for answer, err := range elder.Answered(r.keeping, r.now().Add(-r.profile().Window)) {
		if err != nil {
			return err
		}
		past.heard(answer.Outcome)
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

// refusals makes out of stored outcomes, in the order of their times, what the
// breaker heard in those days. Which outcomes were of one conversation is not
// stored: those of one moment are taken for it, so that rather too few
// conversations are counted than too many.
type refusals struct {
	breaker *pace.Breaker[probe.Outcome]
	last    map[pace.Host]time.Time // when a host last refused us
}

// oneMoment is how far apart the answers of one conversation may be, where
// commands go one at a time and the server takes its time for each.
const oneMoment = 30 * time.Second

func (f *refusals) heard(o probe.Outcome) {
	host := pace.Host{Provider: mx.ProviderOf(o.Host).ID, IP: o.IP.Unmap()}
	switch {
	case o.Kind == probe.QuotedKind: // nothing is quoted before the breaker has tripped
		f.breaker.Trip(host, o)
	case aboutUs(o):
		if f.another(host, o) {
			f.breaker.Refused(host, o)
		}
	case o.Stage == smtp.Connect && o.Cause == smtp.Timeout:
		if f.another(host, o) {
			f.breaker.Silent(host)
		}
	case o.Answered() && asking(o) && !breaksOff(o):
		delete(f.last, host)
		f.breaker.Welcomed(host)
	}
}

// another reports whether an outcome is of another conversation than the last
// of its kind. All that a conversation could not ask for has its end, with the
// very same time.
func (f *refusals) another(host pace.Host, o probe.Outcome) bool {
	apart := time.Nanosecond
	if asking(o) {
		apart = oneMoment
	}
	last, found := f.last[host]
	if found && o.At.Sub(last) < apart {
		return false
	}
	f.last[host] = o.At
	return true
}
