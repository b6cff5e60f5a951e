package scanner

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
)

const (
	greylistTries = 3               // at one address in all
	greylistDelay = 6 * time.Minute // where the server names none: postgrey's default is five
	greylistSlack = 5 * time.Second // servers count from when their clock says
)

// doorWaits are how long a server is left alone that had no room for us: until
// connections of ours or of our neighbours have ended; then until Postfix has
// forgotten, whose anvil(8) counts by the minute.
var doorWaits = [...]time.Duration{10 * time.Second, 65 * time.Second}

// slowWaits are how long an address waits that came to a limit. The first is for
// those who count by the minute; the others give the pace time to come down, so
// that there is room left when it is asked again.
var slowWaits = [...]time.Duration{65 * time.Second, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute}

// A step is a way to go, not before a time; the zero time is now.
type step struct {
	way
	at time.Time
}

// step decides how an item is asked next, as the function next does, and lets
// an address be asked again that next would leave at its answer: one that was
// greylisted or came to a limit, when its time has come; a random mailbox that was taken, by
// another name; and one that no server had room for, a little later.
func (s *Scanner) step(item Item, ways []way) (step, bool) {
	attempts, at, egress := item.Attempts, time.Time{}, ""
	due, waits := s.greylisted(attempts)
	if waits {
		egress = attempts[len(attempts)-1].Egress // greylisting knows us by our address
	} else {
		due, waits = s.slowed(attempts)
	}
	if waits {
		attempts, at = slices.DeleteFunc(slices.Clone(attempts), isPutOff), due
	}
	if item.Kind == probe.RandomKind && item.taken() == 1 && !item.refused() {
		attempts = ofSecondName(attempts)
	}
	w, ok := next(ways, attempts)
	if due, waits := turnedAway(attempts); !ok && waits {
		at = due
		w, ok = next(ways, slices.DeleteFunc(slices.Clone(attempts), isTurnedAway))
	}
	if !ok {
		return step{}, false
	}
	w.Egress = egress
	return step{way: w, at: at}, true
}

// turnedAway says when to come back to servers that had no room for us, where
// none of them has been gone to too often for that.
func turnedAway(attempts []probe.Outcome) (due time.Time, waits bool) {
	times := make(map[netip.Addr]int)
	most := 0
	for _, o := range attempts {
		if isTurnedAway(o) {
			times[o.IP]++
			most = max(most, times[o.IP])
			due = o.At
		}
	}
	if most == 0 || most > len(doorWaits) {
		return time.Time{}, false
	}
	return due.Add(doorWaits[most-1]), true
}

// isTurnedAway reports whether a server ended the conversation before there was
// a question, for being too many: "421 4.7.0 Error: too many connections".
func isTurnedAway(o probe.Outcome) bool {
	return (o.Stage == smtp.Greeting || o.Stage == smtp.Hello) && o.Meaning == reply.RateLimited && o.Code/100 == 4
}

// greylisted says when an address whose last answer was greylisting is due
// again, if within GreylistWait of its first: after the stated delay, else six
// minutes, three tries at most.
func (s *Scanner) greylisted(attempts []probe.Outcome) (due time.Time, waits bool) {
	first := slices.IndexFunc(attempts, isGreylisted)
	if first < 0 || !isGreylisted(attempts[len(attempts)-1]) {
		return time.Time{}, false
	}
	tries := 0
	for _, o := range attempts {
		if isGreylisted(o) {
			tries++
		}
	}
	last := attempts[len(attempts)-1]
	stated, _ := reply.Delay(last.Text)
	due = last.At.Add(cmp.Or(stated, greylistDelay) + greylistSlack)
	return due, tries < greylistTries && due.Sub(attempts[first].At) <= s.GreylistWait
}

// slowed says when an address is due again whose last answer was that we ask
// too much, if within GreylistWait of its first: after the stated delay, else
// at growing distances.
func (s *Scanner) slowed(attempts []probe.Outcome) (due time.Time, waits bool) {
	first := slices.IndexFunc(attempts, isSlowed)
	if first < 0 || !isSlowed(attempts[len(attempts)-1]) {
		return time.Time{}, false
	}
	tries := -1
	for _, o := range attempts {
		if isSlowed(o) {
			tries++
		}
	}
	if tries >= len(slowWaits) {
		return time.Time{}, false
	}
	last := attempts[len(attempts)-1]
	stated, _ := reply.Delay(last.Text)
	due = last.At.Add(max(stated+greylistSlack, slowWaits[tries]))
	return due, due.Sub(attempts[first].At) <= s.GreylistWait
}

// isPutOff reports whether an answer only said to come back.
func isPutOff(o probe.Outcome) bool { return isGreylisted(o) || isSlowed(o) }

func isGreylisted(o probe.Outcome) bool { return o.Meaning == reply.Greylisted && o.Code/100 == 4 }

// ofSecondName leaves out what settled the question for the first name of a
// random mailbox, so that an answer to the second one, whatever it is, settles
// it again: all that ended the search up to the acceptance, and the VRFY that
// went with it. What was learned of the servers stays.
func ofSecondName(attempts []probe.Outcome) []probe.Outcome {
	taken := slices.IndexFunc(attempts, isTaken)
	first, second := attempts[:taken], attempts[taken+1:]
	if len(second) > 0 && second[0].Stage == smtp.Vrfy {
		second = second[1:]
	}
	return slices.Concat(slices.DeleteFunc(slices.Clone(first), final), second)
}

// refused reports whether a random mailbox was refused under some name.
func (item Item) refused() bool {
	return slices.ContainsFunc(item.Attempts, func(o probe.Outcome) bool { return o.Stage == smtp.Rcpt && o.Code/100 == 5 })
}

// taken counts the names under which a random mailbox was accepted.
func (item Item) taken() (n int) {
	for _, o := range item.Attempts {
		if isTaken(o) {
			n++
		}
	}
	return n
}

func isTaken(o probe.Outcome) bool {
	return o.Stage == smtp.Rcpt && o.Meaning == reply.MailboxExists && o.Answered()
}
