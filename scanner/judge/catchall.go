package judge

import (
	"slices"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
)

// catchAll reads the answers to mailboxes that cannot exist. Only a refusal
// that speaks of the mailbox says no; a failed probe says nothing. A domain that
// took one such name and refused another goes by some pattern: that is neither.
//
// It is about RCPT: what VRFY says of such a mailbox is told by vrfyTells.
func catchAll(random []probe.Outcome) CatchAllState {
	random = slices.DeleteFunc(slices.Clone(random), isVrfy)
	taken, refused := 0, 0
	for _, o := range random {
		switch {
		case takes(o):
			taken++
		case knowsNobody(o):
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
	return catchAll(random) == CatchAllInconclusive && slices.ContainsFunc(random, func(o probe.Outcome) bool { return takes(o) && !isVrfy(o) })
}

// vrfyTells reports whether VRFY knows mailboxes apart: it refused the one that
// cannot exist. Some servers say 250 or 252 to everything.
func vrfyTells(random []probe.Outcome) bool {
	o, asked := last(random, isVrfy)
	return asked && knowsNobody(o)
}

func isVrfy(o probe.Outcome) bool { return o.Stage == smtp.Vrfy }

// takes reports an acceptance, knowsNobody a final refusal of the mailbox.
func takes(o probe.Outcome) bool {
	return atMailbox(o) && o.Meaning == reply.MailboxExists && o.Code/100 == 2
}

func knowsNobody(o probe.Outcome) bool {
	return atMailbox(o) && o.Meaning == reply.UserUnknown && o.Code >= 500
}
