package scanner

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/scanner/judge"
	"github.com/mxvet/mxvet/scanner/pace"
)

// batchSize is how many recipients one transaction names at most: what every
// server must bear (RFC 5321 s4.5.3.1.8).
const batchSize = 100

// conversation is a claim being worked on over one session.
type conversation struct {
	*run
	claim    *Claim
	way      way
	out      *exit // our own end of it
	host     pace.Host
	session  *probe.Session
	window   *pace.Window // what it may risk
	limits   smtp.Limits  // what the server said it bears
	domains  map[string]bool
	begun    time.Time      // when it was dialled, or the batch before was answered
	todo     [][]Item       // each of one domain
	flight   []posted       // what is being asked
	inHand   []Item         // what was, when the conversation broke
	answered bool           // the session answered at least one question
	refusal  *probe.Outcome // the last answer that was about us
	welcome  bool           // some answer was not
	shunned  bool           // all answers to the last batch were
}

// converse works on a claim: it chooses the way that most of its work goes,
// puts the rest back, and asks. Whatever is to be asked again goes back to the
// store with what was learned, and comes round as new work.
func (r *run) converse(claim *Claim) error {
	err := r.advance(claim)
	return errors.Join(err, claim.Finish())
}

func (r *run) advance(claim *Claim) error {
	w, items, err := r.choose(claim)
	if err != nil || len(items) == 0 {
		return err
	}
	ctx, cancel := context.WithCancel(claim.Context)
	defer cancel()
	defer context.AfterFunc(r.hard, cancel)()
	host := hostOf(w)
	for len(items) > 0 {
		out, leave, until := r.begin(w, host)
		if leave == nil {
			return claim.Defer(until, unchanged(items)...) // whoever waits for one server keeps no place that others want
		}
		c := &conversation{run: r, claim: claim, way: w, out: out, host: host, domains: make(map[string]bool)}
		items, err = c.talk(ctx, items)
		leave()
		if err != nil {
			return err
		}
	}
	return nil
}

// choose settles the work that has nothing more to ask and picks the way that
// most of the rest is to go; what goes another way is put back at once.
func (r *run) choose(claim *Claim) (way, []Item, error) {
	byWay := make(map[way][]Item)
	var order []way
	var settled []Fact
	routes := make(map[string][]way)
	for _, item := range claim.Items {
		step, fate, ok, err := r.next(item, routes)
		if err != nil {
			return way{}, nil, err
		}
		w := step.way
		if !ok {
			settled = append(settled, Fact{Work: item.ID, First: len(item.Attempts), Fate: fate, Settled: true})
			continue
		}
		if step.at.After(time.Now()) {
			if err := claim.Defer(step.at, unchanged([]Item{item})...); err != nil {
				return way{}, nil, err
			}
			continue
		}
		if byWay[w] == nil {
			order = append(order, w)
		}
		byWay[w] = append(byWay[w], item)
	}
	if err := claim.Progress(settled...); err != nil || len(order) == 0 {
		return way{}, nil, err
	}
	order, err := r.spare(claim, order, byWay)
	if err != nil || len(order) == 0 {
		return way{}, nil, err
	}
	best := slices.MaxFunc(order, func(a, b way) int { return len(byWay[a]) - len(byWay[b]) })
	for _, w := range order {
		if w == best {
			continue
		}
		if err := claim.Defer(time.Now(), unchanged(byWay[w])...); err != nil {
			return way{}, nil, err
		}
	}
	return best, byWay[best], nil
}

// next decides how an item is to be asked; ok is false where it is not, and
// fate says why where there would be something to ask.
func (r *run) next(item Item, routes map[string][]way) (s step, fate judge.Fate, ok bool, err error) {
	ways, looked := routes[item.Domain]
	if !looked {
		known, _, err := r.store.Recall(r.keeping, domainKey(item.Domain))
		if err != nil {
			return step{}, "", false, err
		}
		if known.Route != nil {
			ways = r.ways(known.Route)
		}
		routes[item.Domain] = ways
	}
	s, ok = r.step(item, ways)
	switch {
	case !ok:
		return step{}, "", false, nil
	case r.guard.Stopped(item.Domain):
		return step{}, judge.FateHarvest, false, nil
	case !r.ProbeReluctant && mx.ProviderOf(s.Host).Policy == mx.Reluctant:
		return step{}, judge.FateReluctant, false, nil
	default:
		return s, "", true, nil
	}
}

// unchanged are facts that say nothing new, for work that is only put back.
func unchanged(items []Item) []Fact {
	facts := make([]Fact, len(items))
	for i, item := range items {
		facts[i] = Fact{Work: item.ID, First: len(item.Attempts)}
	}
	return facts
}

// learned are facts that give every item the same new outcome.
func learned(items []Item, outcome probe.Outcome) []Fact {
	facts := make([]Fact, len(items))
	for i, item := range items {
		outcome.Kind = item.Kind
		facts[i] = Fact{Work: item.ID, First: len(item.Attempts), Attempts: []probe.Outcome{outcome}}
	}
	return facts
}

// talk holds one session and asks as much as it bears. What is left then that
// another session may be asked at once is returned; the rest Finish puts back.
// The context is for its opening: what was opened may go on for the grace.
func (c *conversation) talk(ctx context.Context, items []Item) (left []Item, err error) {
	c.watch.Open.Add(1)
	defer c.watch.Open.Add(-1)
	failure := c.open(ctx)
	switch {
	case failure != nil && ctx.Err() != nil:
		return nil, nil // it was we who broke it off: Finish puts all back as it was
	case failure != nil && c.exits.heed(c.out, c.host.IP, failure):
		return nil, c.claim.Defer(time.Now(), unchanged(items)...)
	case failure != nil:
		return nil, c.failed(items, failure)
	}
	defer c.remember()
	defer func() { c.watch.Commands.Add(int64(c.session.Commands())) }()
	defer c.session.Close()
	if err := c.openWindow(); err != nil {
		return nil, err
	}

	// What broke a session before is asked last, so that it costs the others nothing.
	// Where that is all of them alike, it may have been the first: it goes last.
	if len(items[0].Attempts) > 0 {
		slices.Reverse(items)
	}
	slices.SortStableFunc(items, func(a, b Item) int { return len(a.Attempts) - len(b.Attempts) })
	c.todo = byDomain(items)
	err = c.work()
	if failure, ok := errors.AsType[*probe.Failure](err); ok {
		err = c.brokeOff(items, failure)
	}
	if err != nil || !c.answered || c.shunned || c.stopping.Load() {
		return nil, err
	}
	return slices.Concat(append(c.todo, c.inHand)...), nil
}

// byDomain groups items, the domains in the order of first mention: a
// transaction serves one domain only.
func byDomain(items []Item) [][]Item {
	index := make(map[string]int)
	var groups [][]Item
	for _, item := range items {
		i, ok := index[item.Domain]
		if !ok {
			i = len(groups)
			index[item.Domain] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], item)
	}
	return groups
}

func (c *conversation) open(ctx context.Context) *probe.Failure {
	if c.stopping.Load() {
		return &probe.Failure{}
	}
	c.watch.Conversations.Add(1)
	c.begun = time.Now()
	limited, cancel := context.WithTimeout(ctx, c.timeout())
	defer cancel()
	plan := c.Scanner.plan(c.way, c.out)
	c.patience()
	plan.Sessions = c.room.sessions
	session, err := probe.Open(limited, plan)
	if err != nil {
		failure, _ := errors.AsType[*probe.Failure](err)
		return failure
	}
	c.horizon.seen()
	c.exits.heed(c.out, c.host.IP, nil)
	c.session = session
	return nil
}

// failed puts back what could not be asked, with the reason; where it was we
// who stopped, as it was.
func (c *conversation) failed(items []Item, failure *probe.Failure) error {
	if c.stopping.Load() {
		return nil
	}
	c.judgeFailure(failure.Outcome)
	if c.crowdedOut(failure.Outcome) {
		return c.claim.Defer(time.Now(), unchanged(items)...)
	}
	c.logger().Debug("conversation failed", "host", c.way.Host, "ip", c.way.Addr, "stage", failure.Outcome.Stage, "text", failure.Outcome.Text)
	if aboutUs(failure.Outcome) {
		items = items[:min(len(items), batchSize)] // one refusal is not the last word for all the others
	}
	return c.claim.Defer(time.Now(), learned(items, failure.Outcome)...)
}
