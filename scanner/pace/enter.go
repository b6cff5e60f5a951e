package pace

import (
	"context"
	"sync"
	"time"
)

// TryEnter begins a conversation with host if it may begin now; the caller
// calls leave when the server has closed it. Where it may not, leave is nil
// and until is when to come back: that may have to be said more than once.
func (m *Meter) TryEnter(host Host) (leave func(), until time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	leave, wait, full := m.enter(now, host)
	switch {
	case leave != nil:
		return leave, time.Time{}
	case full != nil:
		return nil, full.comeBack(now, wait)
	default:
		return nil, m.lanes(now, host)[0].comeBack(now, wait)
	}
}

// Enter waits until a conversation with host may begin. The caller calls leave
// when it is over. The error is ctx's.
func (m *Meter) Enter(ctx context.Context, host Host) (leave func(), err error) {
	for {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		m.mu.Lock()
		leave, wait, full := m.enter(time.Now(), host)
		var freed chan struct{}
		if full != nil {
			if full.freed == nil {
				full.freed = make(chan struct{})
			}
			freed = full.freed
		}
		m.mu.Unlock()
		if leave != nil {
			return leave, nil
		}
		pause(ctx, wait, freed)
	}
}

// pause waits for a time, where there is one, or else until freed, or until ctx ends.
func pause(ctx context.Context, wait time.Duration, freed <-chan struct{}) {
	var due <-chan time.Time
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		due, freed = timer.C, nil
	}
	select {
	case <-due:
	case <-freed:
	case <-ctx.Done():
	}
}

// enter takes a place in all of a host's lanes, or in none: then it says how
// long they are shut, and which of them has no room.
func (m *Meter) enter(now time.Time, host Host) (leave func(), wait time.Duration, full *lane) {
	lanes := m.lanes(now, host)
	for _, l := range lanes {
		shut, crowded := l.closed(now)
		wait = max(wait, shut)
		if crowded {
			full = l
		}
	}
	if wait > 0 || full != nil {
		return nil, wait, full
	}
	for _, l := range lanes {
		l.enter(now)
	}
	return sync.OnceFunc(func() { m.leave(host, lanes, now) }), 0, nil
}

func (m *Meter) leave(host Host, lanes []*lane, since time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	for i, key := range host.lanes() {
		lanes[i].leave(now, since)
		if lanes[i].idle(now) {
			delete(m.at, key)
		}
	}
}

// Open is how many conversations with a host's address are open, the caller's
// among them.
func (m *Meter) Open(host Host) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.lanes(time.Now(), host)[0].open
}

// Recipients waits until n more recipients may be named to host. The error is
// ctx's.
func (m *Meter) Recipients(ctx context.Context, host Host, n int) error {
	for n > 0 {
		m.mu.Lock()
		now := time.Now()
		lanes := m.lanes(now, host)
		some := n
		for _, l := range lanes {
			some = min(some, l.recipients.atOnce())
		}
		wait := time.Duration(0)
		for _, l := range lanes {
			wait = max(wait, l.recipients.take(now, some))
		}
		m.mu.Unlock()
		n -= some
		if wait > 0 {
			pause(ctx, wait, nil)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	return nil
}

// Gust is how many recipients host is named in one go by now: few where it has
// pushed back.
func (m *Meter) Gust(host Host) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	gust := recipientsAtOnce
	for _, l := range m.lanes(time.Now(), host) {
		gust = min(gust, l.recipients.atOnce())
	}
	return gust
}

// PushedBack notes that host wants less of us: conversations, new connections
// and recipients are halved for it, or for the provider that it belongs to.
// Where it said for how long to stay away, wait is that; else 0.
func (m *Meter) PushedBack(host Host, wait time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	lanes := m.lanes(now, host)
	lanes[len(lanes)-1].slow(now, wait)
}

// Bore notes that host answered as we asked it. What was taken away comes back
// by small steps.
func (m *Meter) Bore(host Host) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	lanes := m.lanes(now, host)
	lanes[len(lanes)-1].bore(now)
}
