package scanner

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// Budget names a bound that ended a run before all was asked.
type Budget string

const (
	DurationBudget      Budget = "max_duration"
	ConversationsBudget Budget = "max_conversations"
)

// errSpent ends a run whose time is up.
var errSpent = errors.New("the time of the run is spent")

// purse is what a run may still spend.
type purse struct {
	conversations atomic.Int64 // begun
	spent         atomic.Bool  // one more was wanted
}

// timed ends the context of a run after MaxDuration. Being out of time is no
// deadline of a question: what was not reached is not_checked.
func (s *Scanner) timed(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.MaxDuration <= 0 {
		return ctx, func() {}
	}
	limited, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(s.MaxDuration, func() { cancel(errSpent) })
	return limited, func() { timer.Stop(); cancel(nil) }
}

// afford pays for one conversation. Where there is nothing left no more work is
// handed out; what is in hand goes on to its end.
func (r *run) afford() bool {
	if r.MaxConversations <= 0 || r.purse.conversations.Add(1) <= r.MaxConversations {
		return true
	}
	r.purse.spent.Store(true)
	r.store.Stop()
	return false
}

// budget is the bound that ended the run, if any.
func (r *run) budget(ctx context.Context) Budget {
	switch {
	case errors.Is(context.Cause(ctx), errSpent):
		return DurationBudget
	case r.purse.spent.Load():
		return ConversationsBudget
	default:
		return ""
	}
}
