package pace

import (
	"net/netip"
	"sync"
	"time"
)

// Bears is what a server is known to bear of one session; 0 where it has shown
// no limit. It is kept as JSON.
type Bears struct {
	Refusals   int `json:"refusals,omitempty"`   // replies that refuse
	Answers    int `json:"answers,omitempty"`    // replies about recipients, whatever they say
	Recipients int `json:"recipients,omitempty"` // in one message
}

// Under is the stricter of both.
func (b Bears) Under(other Bears) Bears {
	return Bears{stricter(b.Refusals, other.Refusals), stricter(b.Answers, other.Answers), stricter(b.Recipients, other.Recipients)}
}

func stricter(a, b int) int {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// Patience is what is known of the patience of each server. It is learned as
// TCP learns what a network bears (slow start: RFC 5681 s3.1), but that a lost
// session costs more than a lost packet: what a server did not bear once is not
// tried again. Its methods may be called from any goroutine. Make one with
// NewPatience.
type Patience struct {
	profile Profile

	mu    sync.Mutex
	bears map[netip.Addr]Bears
	early map[netip.Addr]int // sessions in a row that ended too soon to say why
}

// NewPatience returns a Patience that knows nobody.
func NewPatience(profile Profile) *Patience {
	return &Patience{profile: profile, bears: make(map[netip.Addr]Bears), early: make(map[netip.Addr]int)}
}

// Of is what is known of a server; known is false where nobody said anything.
func (p *Patience) Of(ip netip.Addr) (bears Bears, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	bears, known = p.bears[ip.Unmap()]
	return bears, known
}

// Learn adds to what is known of a server, whatever is stricter, and returns
// all of it; changed is whether it was news.
func (p *Patience) Learn(ip netip.Addr, bears Bears) (all Bears, changed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	old := p.bears[ip.Unmap()]
	all = old.Under(bears)
	p.bears[ip.Unmap()] = all
	return all, all != old
}

const (
	mostOut     = 1000                   // recipients named and not answered, in one session
	fewest      = 4                      // refusals, before which impatience has other reasons
	fewAnswers  = 10                     // the same of answers
	tooEarly    = 3                      // times in a row that other reasons are believed
	stutter     = 500 * time.Millisecond // what networks do by themselves
	markedly    = 4                      // times slower
	slowInARow  = 2                      // replies: one may be a lost packet
	longestSlow = 30 * time.Second       // spent on those
)

// Window is how much one session may risk. It is used by one goroutine.
type Window struct {
	size     int // recipients that may be out; 0 is no limit
	limit    Bears
	out      int  // named and not answered
	full     bool // to within an eighth, and not half of it answered since
	refused  int
	answered int

	pace   time.Duration // longest wait for one of the first replies
	slow   int           // replies in a row that were markedly slower
	bore   int           // refusals before those
	waited time.Duration // for those
	over   bool
}

// Open begins a session with a server. Under a profile with a first window
// Postfix, which slows down after 10 errors and hangs up after 20 by default
// (smtpd_soft_error_limit, smtpd_hard_error_limit), is never asked for more
// than its patience where the profile is that careful.
func (p *Patience) Open(ip netip.Addr, postfix bool) *Window {
	bears, _ := p.Of(ip)
	w := &Window{size: p.profile.FirstWindow, limit: bears}
	if postfix && p.profile.FirstWindow > 0 && p.profile.FirstWindow < postfixSlows {
		w.limit = w.limit.Under(Bears{Refusals: p.profile.FirstWindow})
	}
	return w
}

const postfixSlows = 10

// Room is how many recipients may be named now. A window that is full to within
// an eighth stays shut until half of it is answered, so that they go together.
func (w *Window) Room() int {
	if w.Spent() {
		return 0
	}
	room := w.left()
	if w.size > 0 {
		if w.full = w.full && w.out > w.size/2; w.full {
			return 0
		}
		room = min(room, w.size-w.out)
	}
	return max(room, 0)
}

// Spent reports whether the session has asked what it may. The last eighth of
// what is borne is left: a new session is quicker than one mailbox at a time.
func (w *Window) Spent() bool {
	left := w.left()
	return w.over || left <= 0 && w.out == 0 || w.out == 0 && w.limit.Refusals > 0 && left*8 <= w.limit.Refusals
}

// left is what may still be named by what the server is known to bear.
func (w *Window) left() int {
	left := mostOut - w.out
	if w.limit.Refusals > 0 {
		left = min(left, w.limit.Refusals-w.refused-w.out)
	}
	if w.limit.Answers > 0 {
		left = min(left, w.limit.Answers-w.answered-w.out)
	}
	return left
}

// Named notes that recipients were named.
func (w *Window) Named(n int) {
	w.out += n
	w.full = w.full || (w.size-w.out)*8 < w.size
}

// Closed notes that n of those named have their answers, or will have none.
func (w *Window) Closed(n int) { w.out -= n }

// Waited notes how long a reply took that was not about a recipient.
func (w *Window) Waited(wait time.Duration) {
	if w.answered < fewest {
		w.pace = max(w.pace, wait)
	}
}

// Heard notes a reply about a recipient that was waited for so long. Where the
// replies have become markedly slower nothing more is named; what is out is
// waited for, since a server that makes us wait has us on its books until it has
// gone through it, but not for ever: then Heard reports false.
func (w *Window) Heard(refused bool, wait time.Duration) (goOn bool) {
	switch {
	case w.answered < fewest:
		w.pace = max(w.pace, wait)
	case w.refused >= fewest && wait > markedly*w.pace+stutter:
		if w.slow++; w.slow == 1 {
			w.bore = w.refused
		}
		w.waited += wait
	case refused && !w.over: // others may not be made to wait
		w.slow = 0
	}
	w.answered++
	if refused {
		w.refused++
	}
	if w.size > 0 && w.slow == 0 {
		w.size = min(w.size+1, mostOut)
	}
	w.over = w.over || w.slow >= slowInARow
	return w.waited < longestSlow
}

// Enough ends the session for a reason of ours: nothing more is to be named.
func (w *Window) Enough() { w.over = true }

// Slow is what the server bore before it slowed down.
func (w *Window) Slow() (bears Bears, did bool) {
	if w.slow < slowInARow {
		return Bears{}, false
	}
	return Bears{Refusals: max(w.bore-1, 1)}, true
}

// Bore notes that a session goes on.
func (p *Patience) Bore(ip netip.Addr, w *Window) {
	if w.refused < fewest {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.early, ip.Unmap())
}

// Broke is what a server bore, where it ended a session while it was being
// asked, and that can have been for its patience. Where it cannot, did is false:
// soon after the beginning, until it has become a habit.
func (p *Patience) Broke(ip netip.Addr, w *Window) (bears Bears, did bool) {
	w.over = true
	switch {
	case w.refused >= fewest:
		return Bears{Refusals: w.refused - 1}, true
	case w.answered >= fewAnswers:
		return Bears{Answers: w.answered - 1}, true
	case w.answered == 0:
		return Bears{}, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.early[ip.Unmap()]++; p.early[ip.Unmap()] < tooEarly {
		return Bears{}, false
	}
	bears.Answers = max(w.answered-1, 1)
	if w.refused > 0 {
		bears.Refusals = max(w.refused-1, 1)
	}
	return bears, true
}
