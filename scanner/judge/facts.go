package judge

import (
	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/probe"
)

// Facts are all that is known of one address when it is judged.
type Facts struct {
	Syntax   *address.Error  // why it is no address; nil where it is one
	Route    *mx.Route       // nil where the domain was not looked up
	Attempts []probe.Outcome // the address's own, in order
	Random   []probe.Outcome // those of its domain's random mailbox, in order
	Fate     Fate            // what was decided instead of asking
}

// Fate is what the scanner decided about an address instead of asking it, or
// instead of waiting for the answer. A reply about the recipient outranks it,
// but for an acceptance: that tells nothing before the random mailbox's answer.
type Fate string

const (
	Asked          Fate = ""              // asked, or still to be
	FateExcluded   Fate = "excluded"      // on the user's --exclude list
	FateHarvest    Fate = "harvest_guard" // its domain was stopped
	FateCutOff     Fate = "interrupted"   // cut off in mid-conversation
	FateReluctant  Fate = "reluctant"     // its provider forbids verifying without sending
	FateNoFamily   Fate = "no_family"     // its exchangers have only addresses of a family that we do not use
	FateNotReached Fate = "not_checked"   // never asked
	FateTimedOut   Fate = "timeout"       // the caller's deadline came first
	FateKnown      Fate = "known"         // an earlier run's row is told instead: nothing is judged
)

// cutShort reports whether asking ended before its time.
func (f Fate) cutShort() bool {
	return f == FateCutOff || f == FateNotReached || f == FateTimedOut
}

// halfway is the reason where asking was cut short after the first answer.
func (f Fate) halfway() Reason {
	if f == FateTimedOut {
		return Timeout
	}
	return Interrupted
}

// reasons a Fate stands for where no reply outranks it.
func (f Fate) reason() Reason {
	switch f {
	case FateExcluded:
		return Excluded
	case FateHarvest:
		return HarvestGuard
	case FateCutOff:
		return Interrupted
	case FateNoFamily:
		return Unreachable
	case FateReluctant:
		return CannotVerify
	case FateTimedOut:
		return Timeout
	default:
		return NotChecked
	}
}
