package judge

import (
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
)

// catchAll reads the answers to a mailbox that cannot exist. Only a refusal
// that speaks of the mailbox says no; a failed probe says nothing.
func catchAll(random []probe.Outcome) CatchAllState {
	state := CatchAllNotRun
	for _, o := range random {
		switch {
		case atMailbox(o) && o.Meaning == reply.MailboxExists && o.Code/100 == 2:
			return CatchAllYes
		case atMailbox(o) && o.Meaning == reply.UserUnknown && o.Code >= 500:
			state = CatchAllNo
		case state == CatchAllNotRun:
			state = CatchAllInconclusive
		}
	}
	return state
}
