package pace

import (
	"math"
	"time"

	"golang.org/x/time/rate"
)

const (
	growEvery   = 30 * time.Second      // one step of recovery at most, and only on good answers
	settles     = time.Second           // replies of the same moment push back once
	shortestGap = 50 * time.Millisecond // between those who are told to come back
	longestLine = time.Minute           // nobody is told to come back later for want of room

	firstRest   = 2 * time.Second // after a push, twice as long after each further one
	longestRest = time.Minute     // what Postfix's anvil(8) counts over

	slowestConnections = rate.Limit(1) / 60 // a second: one a minute
	slowestRecipients  = rate.Limit(1) / 5

	recipientsAtOnce = 100 // what every server must take in one transaction (RFC 5321 s4.5.3.1.8)
)

// lane is what is counted for one destination, an IP address or a provider as
// a whole, and how far it has slowed us down.
type lane struct {
	full        Limits
	allowed     float64 // conversations at a time by now; 0 is no limit
	open        int
	connections *flow
	recipients  *flow

	shut   time.Time     // nothing is begun before
	slowed time.Time     // when it last pushed back
	pushes int           // and how often, less the times that it bore us since
	grown  time.Time     // when it was last given more
	took   time.Duration // what a conversation takes, about
	begun  time.Time     // when the last one began
	line   time.Time     // when the last one who found no room was told to come back
	freed  chan struct{} // closed when a conversation ends; nil where nobody waits
}

func newLane(limits Limits) *lane {
	return &lane{
		full:        limits,
		allowed:     float64(limits.Conversations),
		connections: newFlow(limits.Connections, max(limits.Conversations, 1), slowestConnections),
		recipients:  newFlow(limits.Recipients, recipientsAtOnce, slowestRecipients),
	}
}

// room is how many conversations may be open at a time by now.
func (l *lane) room() int {
	if l.allowed == 0 {
		return math.MaxInt
	}
	return max(int(l.allowed), 1)
}

// closed says how long nothing may be begun; crowded is for want of room, which
// ends when somebody leaves.
func (l *lane) closed(now time.Time) (wait time.Duration, crowded bool) {
	wait = max(l.shut.Sub(now), l.connections.wait(now))
	return max(wait, 0), l.open >= l.room()
}

func (l *lane) enter(now time.Time) {
	l.open++
	l.begun = now
	l.connections.take(now, 1)
}

// leave ends a conversation that began at a time. One that the server turned away
// says nothing of how long they take.
func (l *lane) leave(now, since time.Time) {
	l.open--
	if took := now.Sub(since); l.slowed.Before(since) || l.slowed.IsZero() {
		if l.took == 0 {
			l.took = took
		}
		l.took += (took - l.took) / 4
	}
	if l.freed != nil {
		close(l.freed)
		l.freed = nil
	}
}

// comeBack gives those who find no room times as far apart as conversations end,
// so that they do not all return to one free place. It errs on the early side:
// who comes too soon is sent away again, who comes too late leaves it empty.
func (l *lane) comeBack(now time.Time, wait time.Duration) time.Time {
	gap := shortestGap
	if l.room() < math.MaxInt {
		gap = max(gap, max(l.took, now.Sub(l.begun))*3/4/time.Duration(l.room()))
	}
	if l.line.Before(now.Add(wait)) {
		l.line = now.Add(wait)
		if wait > 0 {
			return l.line
		}
	}
	l.line = l.line.Add(gap)
	if latest := now.Add(wait + longestLine); l.line.After(latest) {
		l.line = latest
	}
	return l.line
}

// slow halves everything, and shuts the lane for a while: as long as the server
// said, or a little longer each time.
func (l *lane) slow(now time.Time, wait time.Duration) {
	wait = max(wait, min(firstRest<<min(l.pushes, 10), longestRest))
	if until := now.Add(wait); until.After(l.shut) {
		l.shut = until
	}
	if now.Sub(l.slowed) < settles {
		return
	}
	l.slowed = now
	l.pushes++
	if l.allowed == 0 {
		l.allowed = float64(max(l.open, 1))
	}
	l.allowed = max(l.allowed/2, 1)
	l.connections.halve(now)
	l.recipients.halve(now)
}

// bore gives a lane that was slowed a little more.
func (l *lane) bore(now time.Time) {
	if l.slowed.IsZero() || now.Sub(l.slowed) < growEvery || now.Sub(l.grown) < growEvery {
		return
	}
	l.grown = now
	l.pushes = max(l.pushes-1, 0)
	l.connections.grow(now)
	l.recipients.grow(now)
	switch limit := float64(l.full.Conversations); {
	case limit > 0:
		l.allowed = min(l.allowed+1, limit)
	case l.connections.limiter.Limit() == rate.Inf:
		l.allowed = 0
	case l.allowed > 0:
		l.allowed++
	}
	if l.atFullPace() {
		l.slowed, l.pushes = time.Time{}, 0
	}
}

func (l *lane) atFullPace() bool {
	return l.allowed == float64(l.full.Conversations) && l.connections.limiter.Limit() == l.connections.full && l.recipients.limiter.Limit() == l.recipients.full
}

// idle reports whether a new lane would do as well.
func (l *lane) idle(now time.Time) bool {
	return l.open == 0 && l.atFullPace() && !l.shut.After(now) && l.connections.idle(now) && l.recipients.idle(now)
}
