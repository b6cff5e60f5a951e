package judge

import (
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
)

// catchAll reads the answers to mailboxes that cannot exist. Only a refusal
// that speaks of the mailbox says no; a failed probe says nothing. A domain that
// took one such name and refused another goes by some pattern: that is neither.
func catchAll(random []probe.Outcome) CatchAllState {
	taken, refused := 0, 0
	for _, o := range random {
		switch {
		case atMailbox(o) && o.Meaning == reply.MailboxExists && o.Code/100 == 2:
			taken++
		case atMailbox(o) && o.Meaning == reply.UserUnknown && o.Code >= 500:
			refused++
		}
	}
	switch {
	case taken > 0 && refused == 0:
		return CatchAllYes
	case refused > 0 && taken == 0:
		return CatchAllNo
	case len(random) == 0:
		return CatchAllNotRun
	default:
		return CatchAllInconclusive
	}
}

// takesSome reports whether a domain took a mailbox that cannot exist and
// refused another.
func takesSome(random []probe.Outcome) bool {
	_, taken := last(random, func(o probe.Outcome) bool { return o.Meaning == reply.MailboxExists && o.Answered() })
	return taken && catchAll(random) == CatchAllInconclusive
}
