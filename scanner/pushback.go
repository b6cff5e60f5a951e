package scanner

import (
	"strings"
	"time"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
)

// pushedBack reports whether an outcome asks us to do less at this server: 421,
// a 4xx that speaks of rates, x.7.x behind 450 and 451, a connection that was
// refused or closed without a word.
func pushedBack(o probe.Outcome) bool {
	switch {
	case o.Stage == smtp.Connect, o.Stage == smtp.Greeting && !o.Answered():
		return o.Cause == probe.ConnRefused || o.Cause == smtp.Hangup || o.Cause == smtp.Reset
	case o.Code/100 != 4, aboutUs(o), isGreylisted(o), ofOneOnly(o):
		return false
	case o.Code == 421, o.Meaning == reply.RateLimited:
		return true
	default:
		return (o.Code == 450 || o.Code == 451) && strings.HasPrefix(o.Enhanced, "4.7.")
	}
}

// ofOneOnly reports whether a limit is that of one transaction, or of one
// mailbox that others are filling: it says nothing of our pace.
func ofOneOnly(o probe.Outcome) bool {
	switch o.Rule {
	case reply.TooManyRecipients, reply.TooManyRecipientsCode, reply.OneDomainATime, reply.ReceivingRate, reply.ReceivingRateCode:
		return true
	default:
		return false
	}
}

// isSlowed reports whether a question came to a limit of how much is asked, and
// may be answered at a slower pace.
func isSlowed(o probe.Outcome) bool {
	return asking(o) && o.Code/100 == 4 && o.Meaning == reply.RateLimited && o.Code != 421 && !ofOneOnly(o)
}

// keepPace tells the meter how the server took a batch.
func (c *conversation) keepPace(outcomes []probe.Outcome) {
	pushed, answered, wait := false, false, time.Duration(0)
	for _, o := range outcomes {
		answered = answered || o.Answered()
		if pushedBack(o) {
			pushed, wait = true, max(wait, c.stated(o))
		}
	}
	switch {
	case pushed:
		c.meter.PushedBack(c.host, wait)
		c.window.Enough() // whatever more is asked now counts against us
	case answered:
		c.meter.Bore(c.host)
	}
}

// stated is for how long a server says that it is to be left alone, as far as
// the run waits for anybody; 0 where it does not say.
func (s *Scanner) stated(o probe.Outcome) time.Duration {
	if !o.Answered() {
		return 0
	}
	wait, _ := reply.Delay(o.Text)
	return min(wait, max(s.GreylistWait, doorWaits[len(doorWaits)-1]))
}

// awaitTurn waits until so many recipients may be named; false where the run
// ended meanwhile. The time is ours, and not taken from the server's.
func (c *conversation) awaitTurn(granted int) bool {
	began := time.Now()
	if c.meter.Recipients(c.hard, c.host, granted) != nil {
		c.meter.Settle(c.host, granted, 0)
		return false
	}
	c.begun = c.begun.Add(time.Since(began))
	return true
}

// crowdedOut reports whether a server shut the door on us while it was talking
// to us at another: that is a limit on connections, and no answer to those who
// stood before it. It ends with the other conversations.
func (c *conversation) crowdedOut(o probe.Outcome) bool {
	shut := o.Stage == smtp.Connect && o.Cause == probe.ConnRefused || o.Stage == smtp.Greeting && (o.Cause == smtp.Hangup || o.Cause == smtp.Reset)
	return shut && c.meter.Open(c.host) > 1
}
