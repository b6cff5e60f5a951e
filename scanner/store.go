package scanner

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner/input"
	"github.com/mxvet/mxvet/scanner/judge"
	"github.com/mxvet/mxvet/scanner/pace"
)

// Store is where work waits and facts are kept. One scanner adds work, says
// how each domain is queued, then claims it until ErrDone; results are read at
// the same time. All methods may be called from any goroutine.
//
// What a Store keeps is facts, never verdicts: results are judged as they are
// read.
type Store interface {
	// Add keeps work. Addresses come in the order of their IDs, from one
	// goroutine; random mailboxes from any, before their domain is assigned.
	Add(ctx context.Context, work ...Work) error

	// Assign says in which queue the work of a domain waits, all of it that was
	// added and will be. Work of one queue shares one pace. An empty queue
	// settles it: there is nowhere to ask.
	Assign(ctx context.Context, domain, queue string) error

	// Claim hands out work of one queue that is due, the longest queue first,
	// and waits where none is. It returns ErrDone when all work is settled or
	// Stop was called, and ctx's error when that ends.
	Claim(ctx context.Context) (*Claim, error)

	// Remember keeps what is known under key (a domain, a server) if revision
	// is the one last recalled (0 for none), and returns the new one; else
	// ErrStale.
	Remember(ctx context.Context, key string, known Known, revision int64) (int64, error)
	// Recall returns what was remembered; the zero Known and revision 0 for nothing.
	Recall(ctx context.Context, key string) (Known, int64, error)

	// Results yields the addresses in the order of their IDs, each when it and
	// its domain's random mailbox are settled, waiting as needed. After Stop it
	// waits only for claims in hand, and yields the rest as it is.
	Results(ctx context.Context) iter.Seq2[Result, error]

	// Finished is Results in no order: each address comes out as soon as it may,
	// whatever stands before it.
	Finished(ctx context.Context) iter.Seq2[Result, error]

	// Stop ends the handing out of work. Claims in hand may still bring facts.
	Stop()
}

// ErrDone is Claim's answer when nothing is left to hand out.
var ErrDone = errors.New("scanner: all work is settled")

// ErrStale is Remember's answer to a revision that is not the last.
var ErrStale = errors.New("scanner: somebody else remembered this meanwhile")

// Work is one mailbox to ask about.
type Work struct {
	ID      int64            // order of input, from 1; random mailboxes count down from -1
	Kind    probe.Kind       // AddressKind or RandomKind
	Domain  string           // A-label form, or the address literal; empty where the syntax is bad
	Mailbox *address.Address // nil where the syntax is bad
	Syntax  *address.Error   // nil where it is an address
	Input   input.Input      // the line that asked; zero for a random mailbox
	Same    int64            // ID of earlier work with the same mailbox, asked in this one's stead; 0 for none
	Fate    judge.Fate       // what was decided instead of asking
	Settled bool             // there is nothing more to ask
}

// Item is claimed work with what is already known of it.
type Item struct {
	Work
	Attempts []probe.Outcome
}

// Claim is work in one scanner's hands. Context ends when the claim is lost.
// End it with Finish, whatever happened.
type Claim struct {
	Context context.Context
	Queue   string
	Items   []Item
	Keeper
}

// Keeper takes what became of claimed work. Facts are keyed by work and
// attempt, so saying them twice changes nothing.
type Keeper interface {
	// Progress keeps facts while the conversation goes on.
	Progress(facts ...Fact) error
	// Defer keeps facts and puts the work back, to be handed out again not
	// before until.
	Defer(until time.Time, facts ...Fact) error
	// Finish ends the claim; work neither settled nor deferred goes back as it is.
	Finish() error
}

// Fact is what was learned of one piece of work.
type Fact struct {
	Work     int64
	First    int             // index of the first of Attempts among all attempts at this work
	Attempts []probe.Outcome // new ones
	Fate     judge.Fate
	Settled  bool // nothing more is to be asked
}

// Known is what is remembered of a domain or a server during a run.
type Known struct {
	Route *mx.Route      `json:"route,omitempty"` // of a domain
	Down  *probe.Outcome `json:"down,omitempty"`  // of a server that could not be talked to
	Bears pace.Bears     `json:"bears,omitzero"`  // of a server: how much of us in one session
}

// Result is all that is known of one line of input.
type Result struct {
	Work
	Attempts []probe.Outcome // the address's own, in order
	Random   []probe.Outcome // its domain's random mailbox's
	Done     bool            // settled; false only after Stop
}

// domainKey is the key under which a domain is remembered.
func domainKey(domain string) string { return "domain:" + domain }
