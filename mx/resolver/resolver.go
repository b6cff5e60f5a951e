// Package resolver answers: what does DNS say about this name, and how sure
// may we be of it?
//
// A program that judges mail must not mix up the ways in which DNS says no. A
// name that does not exist ends the matter; a name without the type asked for
// sends a mail router on to the next rule; a server that failed, refused or
// kept silent has said nothing about the name at all. The operating system's
// look-up functions fold these into one error, and hide whether the answer was
// validated and how long it holds. So this package is a stub resolver of its
// own: it puts the question to recursive servers that somebody else runs, and
// whatever they say is an [Answer] with one of six words as its [Status].
//
// How one question is answered:
//
//  1. The cache is asked. It keeps answers for as long as their TTL says,
//     within bounds: positive ones 10 s to 1 h, negative ones 10 s to 15 min by
//     the SOA record (RFC 2308 s5), failures 5 s (RFC 9520).
//  2. Callers with the same question wait for one flight together. The flight
//     has its own time limit: a caller that gives up does not end it.
//  3. The servers are asked in turn over UDP, beginning with the one that last
//     kept its time, with EDNS (RFC 6891) and the DO bit (RFC 3225), and over
//     TCP where the reply was truncated (RFC 7766). A server that does not
//     understand EDNS is asked once more without it.
//  4. A datagram is a reply only if the identifier, the question and the
//     socket fit (RFC 5452 s9.1). What does not fit is dropped and waiting goes
//     on, so that a guess costs its sender a packet and us nothing.
//  5. The CNAME chain is followed to its end (RFC 1034 s3.6.2); records of any
//     other name are ignored.
//
// DNSSEC: a stub takes its resolver's word, the AD bit, and that word is worth
// as much as the way it came (RFC 4035 s4.9.3, RFC 7672 s2.1.3). Secure is
// therefore set only for servers on a loopback address, or where
// Config.TrustAD says that the path is safe.
//
// Left out: recursion, DNSSEC validation of our own, DNS over TLS or HTTPS,
// search lists (names are always absolute), cookies, mixed-case questions, and
// servers that stay silent when they see EDNS.
package resolver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
)

// Resolver asks DNS servers and remembers what they said. It may be used by
// many goroutines at once.
type Resolver struct {
	config  Config
	servers []*server
	first   atomic.Int64 // index of the server that rounds begin with
	queries atomic.Int64
	slots   chan struct{} // one token for each outstanding question

	cache   *cache
	flights singleflight.Group

	life    context.Context // ends with Close
	end     context.CancelCauseFunc
	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup // flights and socket readers
}

// errClosed is why questions end with the resolver.
var errClosed = errors.New("the resolver is closed")

// New returns a Resolver that asks config.Servers. It does no I/O. The error
// says which field of config cannot be used.
func New(config Config) (*Resolver, error) {
	config, err := config.complete()
	if err != nil {
		return nil, err
	}
	r := &Resolver{
		config: config,
		slots:  make(chan struct{}, config.Concurrency),
		cache:  newCache(config.CacheEntries),
	}
	r.life, r.end = context.WithCancelCause(context.Background())
	for _, address := range config.Servers {
		r.servers = append(r.servers, r.newServer(address))
	}
	return r, nil
}

// Lookup asks for the records of one type at name, an absolute name in A-label
// form with or without its final dot.
//
// It fails only when ctx ended first, with an error that wraps
// [context.Cause]. All that DNS can say, silence too, is an Answer. Callers
// share the Answer's slices and records and must not change them.
func (r *Resolver) Lookup(ctx context.Context, name string, kind Type) (Answer, error) {
	if ctx.Err() != nil {
		return Answer{}, ended(ctx, name, kind)
	}
	q, answer := newQuestion(name, kind)
	if answer.Status != "" {
		answer.Expires = time.Now()
		return answer, nil
	}
	if answer, ok := r.cache.get(q.key(), time.Now()); ok {
		return answer, nil
	}
	flight := r.flights.DoChan(q.key(), func() (any, error) { return r.fly(q), nil })
	select {
	case <-ctx.Done():
		return Answer{}, ended(ctx, name, kind)
	case result := <-flight:
		return result.Val.(Answer), nil
	}
}

func ended(ctx context.Context, name string, kind Type) error {
	return fmt.Errorf("looking up %s of %q: %w", kind, name, context.Cause(ctx))
}

// Queries is the number of messages sent to servers so far, over UDP and TCP.
func (r *Resolver) Queries() int64 { return r.queries.Load() }

// Close ends what is under way, closes all sockets and waits for the
// goroutines behind them. Lookups that wait get a Timeout. It returns nil, and
// may be called more than once.
func (r *Resolver) Close() error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.end(errClosed)
	r.running.Wait()
	return nil
}

// enter counts a flight in, unless the resolver is closed; running.Done counts
// it out. The lock keeps Add from racing with the Wait in Close.
func (r *Resolver) enter() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.running.Add(1)
	return true
}
