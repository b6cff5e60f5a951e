package resolver

import (
	"context"
	"slices"
	"time"
)

// fly asks the servers on behalf of all callers that wait for q, and keeps the
// answer. The time in which it waits for a free slot is not part of its limit.
func (r *Resolver) fly(q question) Answer {
	closed := Answer{Status: Timeout, Expires: time.Now(), Detail: errClosed.Error()}
	if !r.enter() {
		return closed
	}
	defer r.running.Done()
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-r.life.Done():
		return closed
	}
	// A flight before this one may have landed after our caller had looked.
	if answer, ok := r.cache.get(q.key(), time.Now()); ok {
		return answer
	}
	answer := r.resolve(q)
	r.cache.put(q.key(), answer, time.Now())
	return answer
}

// resolve asks for q, and goes on asking where a server stopped in the middle
// of a CNAME chain.
func (r *Resolver) resolve(q question) Answer {
	limit := r.flightLimit()
	ctx, cancel := context.WithTimeoutCause(r.life, limit, noAnswer(limit))
	defer cancel()

	found := r.rounds(ctx, q, chain{q.name})
	secure, trusted := found.Secure, found.Trusted
	for found.more {
		kept := found.keep
		next, _ := newQuestion(found.walked.end(), q.kind) // a name out of a message fits into one
		found = r.rounds(ctx, next, found.walked)
		found.keep = min(found.keep, kept)
		secure, trusted = secure && found.Secure, trusted && found.Trusted
	}
	answer := found.Answer
	answer.Aliases = found.walked.aliases()
	answer.Secure, answer.Trusted = secure && answer.Status.Final(), trusted
	answer.Expires = time.Now().Add(found.keep)
	return answer
}

// noAnswer and noReply are the causes of an end by time: of a question, and of
// one try. Their words are made only where somebody reads them.
type (
	noAnswer time.Duration
	noReply  time.Duration
)

func (limit noAnswer) Error() string { return "no answer in " + time.Duration(limit).String() }
func (limit noReply) Error() string  { return "no reply in " + time.Duration(limit).String() }

// flightLimit is the time for all tries, doubled for replies that have to be
// fetched again over TCP or without EDNS.
func (r *Resolver) flightLimit() time.Duration {
	return 2 * r.config.Timeout * time.Duration(r.config.Tries*len(r.servers))
}

// rounds asks one server after the other until one knows. A server that failed
// or refused is not asked again: it keeps failures for a while, too (RFC 9520).
// One that kept silent is, as datagrams get lost.
func (r *Resolver) rounds(ctx context.Context, q question, walked chain) finding {
	var best finding
	spoke := make([]bool, len(r.servers))
	for range r.config.Tries {
		first := int(r.first.Load())
		for i := range r.servers {
			at := (first + i) % len(r.servers)
			if spoke[at] {
				continue
			}
			found := r.ask(ctx, r.servers[at], q, walked)
			if found.Status.Final() || found.more {
				return found
			}
			spoke[at] = found.Status != Timeout
			if !spoke[at] {
				// Whoever comes next begins with a server that may be alive.
				r.first.CompareAndSwap(int64(at), int64((at+1)%len(r.servers)))
			}
			best = better(best, found)
		}
	}
	return best
}

// better picks the failure that says more: a server that tried and failed,
// then one that refused, then silence.
func better(a, b finding) finding {
	says := []Status{Timeout, Refused, ServFail}
	if slices.Index(says, b.Status) > slices.Index(says, a.Status) {
		return b
	}
	return a
}
