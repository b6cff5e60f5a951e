package pace

import (
	"time"

	"golang.org/x/time/rate"
)

const (
	growthSteps = 16               // from nothing to what a flow grows back to
	seenFor     = 10 * time.Second // how long a flow without limit remembers how fast it went
)

// flow is how much of one thing a second one destination is given.
type flow struct {
	limiter *rate.Limiter
	full    rate.Limit // by the profile or the provider table; rate.Inf where they name none
	goal    rate.Limit // where growing back ends
	floor   rate.Limit // slower than this nothing makes it
	burst   int        // at full pace

	taken int // since since
	since time.Time
}

// newFlow takes a limit of 0 as none. burst is what may be saved up.
func newFlow(perSecond float64, burst int, floor rate.Limit) *flow {
	full := rate.Limit(perSecond)
	if perSecond == 0 {
		full = rate.Inf
	}
	return &flow{limiter: rate.NewLimiter(full, burst), full: full, goal: full, floor: min(floor, full), burst: burst}
}

// wait is how long until one more may be taken.
func (f *flow) wait(now time.Time) time.Duration {
	missing := 1 - f.limiter.TokensAt(now)
	if f.limiter.Limit() == rate.Inf || missing <= 0 {
		return 0
	}
	return time.Duration(missing / float64(f.limiter.Limit()) * float64(time.Second))
}

// take takes n, not more than atOnce, and says how long to wait before they are used.
func (f *flow) take(now time.Time, n int) time.Duration {
	if now.Sub(f.since) > seenFor {
		f.since, f.taken = now, 0
	}
	f.taken += n
	return f.limiter.ReserveN(now, n).DelayFrom(now)
}

// atOnce is how many may be taken together.
func (f *flow) atOnce() int { return f.limiter.Burst() }

// halve slows the flow down. One that had no limit is held to half of what it
// was seen to be.
func (f *flow) halve(now time.Time) {
	limit := f.limiter.Limit()
	if limit == rate.Inf {
		limit = rate.Limit(float64(f.taken) / max(now.Sub(f.since).Seconds(), 1))
		f.goal = max(limit, f.floor)
	}
	f.set(now, max(limit/2, f.floor))
}

// grow speeds it up by one step, up to full pace.
func (f *flow) grow(now time.Time) {
	if f.limiter.Limit() == f.full {
		return
	}
	if limit := f.limiter.Limit() + f.goal/growthSteps; limit < f.goal {
		f.set(now, limit)
	} else {
		f.goal = f.full
		f.set(now, f.full)
	}
}

// set changes the limit, and what may be saved up in proportion: a server that
// pushes back is to be spared gusts too.
func (f *flow) set(now time.Time, limit rate.Limit) {
	burst := f.burst
	if limit < f.full {
		burst = max(1, min(burst, int(float64(burst)*float64(limit/f.goal))))
	}
	f.limiter.SetLimitAt(now, limit)
	f.limiter.SetBurstAt(now, burst)
}

// idle reports whether the flow holds nothing that a new one would not.
func (f *flow) idle(now time.Time) bool {
	return f.limiter.Limit() == f.full && (f.full == rate.Inf || f.limiter.TokensAt(now) >= float64(f.burst))
}
