package scanner

import (
	"context"
	"slices"
	"time"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/scanner/judge"
)

// posted is one batch of a domain's work on its way.
type posted struct {
	batch   []Item
	of      []int // which of them each question belongs to
	granted int   // what the meter granted for it
}

// work asks what is to be done, keeping the pipe to the server full where it
// offers PIPELINING, until there is nothing left or the session has asked what
// it may. A conversation that broke is a *probe.Failure.
func (c *conversation) work() error {
	for {
		if err := c.fill(); err != nil || len(c.flight) == 0 {
			return err
		}
		if err := c.hear(); err != nil {
			return err
		}
	}
}

// fill posts as many batches as may be in flight.
func (c *conversation) fill() error {
	for len(c.todo) > 0 && !c.stopping.Load() && !c.shunned {
		items := c.todo[0]
		if c.guard.Stopped(items[0].Domain) {
			c.todo = c.todo[1:]
			if err := c.claim.Progress(spared(items)...); err != nil {
				return err
			}
			continue
		}
		room := c.roomFor(items[0].Domain)
		if room <= 0 {
			return nil
		}
		granted, until := c.meter.Reserve(c.host, min(len(items), room))
		switch {
		case granted == 0 && len(c.flight) > 0:
			return nil // what is reserved for those may come back unused
		case granted == 0:
			c.todo = c.todo[1:]
			if err := c.claim.Defer(until, unchanged(items)...); err != nil {
				return err
			}
			continue
		case !c.awaitTurn(granted):
			return nil // told to stop while waiting: Finish puts all back as it was
		}
		c.post(items, granted)
	}
	return nil
}

// roomFor is how many mailboxes of a domain may be asked about now.
func (c *conversation) roomFor(domain string) int {
	if len(c.flight) > 0 && (!c.session.Overlaps() || !c.mayOverlap(domain)) {
		return 0
	}
	if c.limits.RcptDomainMax > 0 && !c.domains[domain] && len(c.domains) >= c.limits.RcptDomainMax || c.limits.MailMax > 0 && c.session.Mails() >= c.limits.MailMax {
		c.window.Enough()
	}
	return min(c.window.Room(), c.batch())
}

// mayOverlap reports whether a domain may be asked on before its last batch is
// answered: not where the harvest guard wants to see those answers first.
func (c *conversation) mayOverlap(domain string) bool {
	switch profile := c.profile(); {
	case profile.FirstWindow == 0:
		return false
	case profile.HarvestAfter == 0:
		return true
	default:
		return !slices.ContainsFunc(c.flight, func(p posted) bool { return p.batch[0].Domain == domain })
	}
}

func (c *conversation) post(items []Item, granted int) {
	batch, rest := pick(items, granted)
	if len(rest) > 0 {
		c.todo[0] = rest
	} else {
		c.todo = c.todo[1:]
	}
	questions, of := c.questions(batch)
	c.domains[batch[0].Domain] = true
	c.window.Named(granted)
	c.flight = append(c.flight, posted{batch, of, granted})
	c.session.Post(c.hard, questions)
}

// hear takes the answers to the oldest batch in flight, and keeps them. What is
// still to be asked in this session goes back to what is to be done.
func (c *conversation) hear() error {
	p := c.flight[0]
	c.flight = c.flight[1:]
	ctx, cancel := context.WithDeadline(c.hard, c.begun.Add(c.timeout()))
	defer cancel()
	defer func() { c.begun = time.Now() }()
	outcomes, broke := c.session.Next(ctx)
	c.window.Closed(p.granted)
	c.learnRoom(outcomes)
	c.forgetOurOwn(outcomes)
	c.impatient(outcomes, broke)
	c.keepPace(outcomes)
	for i, o := range outcomes {
		if o.Stage != "" {
			p.batch[p.of[i]].Attempts = append(p.batch[p.of[i]].Attempts, o)
		}
	}
	c.meter.Settle(c.host, p.granted, c.heard(p.batch, outcomes))
	more, unasked, err := c.keep(p, outcomes, broke == nil)
	if err != nil {
		return err
	}
	if len(more) > 0 {
		c.todo = append(c.todo, more)
	}
	if broke != nil {
		c.ground(unasked)
	}
	return broke
}

// ground takes back what is in flight when the conversation broke.
func (c *conversation) ground(unasked []Item) {
	c.inHand = slices.Clone(unasked)
	for _, p := range c.flight {
		c.meter.Settle(c.host, p.granted, 0)
		c.inHand = append(c.inHand, p.batch...)
	}
	c.flight = nil
}

// forgetOurOwn drops the outcome of a question that we broke off ourselves: it
// says nothing of the server.
func (c *conversation) forgetOurOwn(outcomes []probe.Outcome) {
	if c.hard.Err() == nil {
		return
	}
	for i, o := range outcomes {
		if !o.Answered() {
			outcomes[i] = probe.Outcome{}
		}
	}
}

// batch is how many mailboxes go into one transaction: not more than the server
// has room for (RFC 9422 s4.2 where it says so), nor than the harvest guard
// wants to see before it decides.
func (c *conversation) batch() int {
	room := min(batchSize, c.meter.Gust(c.host))
	if bears, _ := c.patience().Of(c.host.IP); bears.Recipients > 0 {
		room = min(room, bears.Recipients)
	}
	if c.limits.RcptMax > 0 {
		room = min(room, c.limits.RcptMax)
	}
	if after := c.profile().HarvestAfter; after > 0 {
		return min(after, room)
	}
	return room
}

// spared are facts about work that its domain's guard keeps from being asked;
// the random mailbox goes with it.
func spared(items []Item) []Fact {
	facts := unchanged(items)
	for i := range facts {
		facts[i].Fate, facts[i].Settled = judge.FateHarvest, true
	}
	return facts
}

// pick takes the first n, with the random mailbox as the last of them where it
// is among the items and there is room beside a real one: the real ones come
// first where a server grows impatient.
func pick(items []Item, n int) (batch, rest []Item) {
	random := -1
	for i, item := range items {
		if item.Kind == probe.RandomKind {
			random = i
		}
	}
	if random < 0 || (n < 2 && len(items) > 1) {
		return items[:n:n], items[n:]
	}
	batch = make([]Item, 0, n)
	for i, item := range items {
		switch {
		case i == random:
		case len(batch) < n-1:
			batch = append(batch, item)
		default:
			rest = append(rest, item)
		}
	}
	return append(batch, items[random]), rest
}

// questions are what a batch comes to by the run's method; of says which item
// each belongs to.
func (c *conversation) questions(batch []Item) (questions []probe.Question, of []int) {
	method := c.method()
	for i, item := range batch {
		mailbox := *item.Mailbox
		if item.Kind == probe.RandomKind && item.taken() > 0 {
			mailbox.Local = unlike(mailbox.Local)
		}
		if method != ByVRFY {
			questions, of = append(questions, probe.Question{Kind: item.Kind, Mailbox: mailbox}), append(of, i)
		}
		if method == ByVRFY || method == ByBoth {
			kind := item.Kind
			if kind == probe.AddressKind {
				kind = probe.VrfyKind
			}
			questions, of = append(questions, probe.Question{Kind: kind, Mailbox: mailbox, Vrfy: true}), append(of, i)
		}
	}
	return questions, of
}

// heard counts the answers for those who keep count, and returns how many
// were of unknown mailboxes.
func (c *conversation) heard(batch []Item, outcomes []probe.Outcome) (unknown int) {
	domain := batch[0].Domain
	shunned, answers := 0, 0
	for _, o := range outcomes {
		if !o.Answered() {
			continue
		}
		c.answered = true
		switch {
		case aboutUs(o):
			answers, shunned = answers+1, shunned+1
			c.refusal = &o
		case breaksOff(o): // 421 after twenty refusals is no welcome
		default:
			answers++
			c.welcome = true
		}
		c.watch.Asked.Add(1)
		if o.Meaning == reply.UserUnknown {
			unknown++
		}
		if c.guards(o) {
			c.guard.Heard(domain, o.Meaning == reply.UserUnknown)
		}
	}
	c.shunned = answers > 0 && shunned == answers
	return unknown
}

// guards reports whether an answer is one of those by which the guard knows a
// domain: one for each mailbox of the list.
func (s *Scanner) guards(o probe.Outcome) bool {
	return o.Kind == probe.AddressKind || o.Kind == probe.VrfyKind && s.method() == ByVRFY
}

// keep stores the outcomes. Work that has nothing more to ask is settled; what
// this session can still be asked is returned; what is to be asked another way
// or later is put back; and what the session broke off before is unasked, and
// stays in hand.
func (c *conversation) keep(p posted, outcomes []probe.Outcome, whole bool) (more, unasked []Item, err error) {
	batch, of := p.batch, p.of
	fresh := make([]int, len(batch)) // new attempts of each item
	for i, o := range outcomes {
		if o.Stage != "" {
			fresh[of[i]]++
			whole = whole && o.Code != 421
		}
	}
	routes := make(map[string][]way, 1)
	var kept []Fact
	later := make(map[time.Time][]Fact)
	for i, item := range batch {
		if fresh[i] == 0 {
			unasked = append(unasked, item)
			continue
		}
		first := len(item.Attempts) - fresh[i]
		fact := Fact{Work: item.ID, First: first, Attempts: item.Attempts[first:]}
		step, fate, again, err := c.next(item, routes)
		switch {
		case err != nil:
			return nil, nil, err
		case !again:
			fact.Settled, fact.Fate = true, fate
			kept = append(kept, fact)
		case whole && step.at.IsZero() && step.way == c.way:
			kept, more = append(kept, fact), append(more, item)
		default:
			later[step.at] = append(later[step.at], fact)
		}
	}
	if err := c.claim.Progress(kept...); err != nil {
		return nil, nil, err
	}
	for at, facts := range later {
		if err := c.claim.Defer(at, facts...); err != nil {
			return nil, nil, err
		}
	}
	return more, unasked, nil
}

// brokeOff puts back what a session that broke did not answer. A session that
// answered nothing at all is an attempt at everything it was to ask; one that
// answered something has done so only at the question it broke at, which has
// its outcome. Where we were told to stop, what was being asked is cut off.
func (c *conversation) brokeOff(items []Item, failure *probe.Failure) error {
	switch {
	case c.hard.Err() != nil:
		facts := unchanged(c.inHand)
		for i := range facts {
			facts[i].Fate = judge.FateCutOff
		}
		return c.claim.Progress(facts...)
	case c.answered:
		return nil // they are asked in another session
	default:
		return c.claim.Defer(time.Now(), learned(items, failure.Outcome)...)
	}
}
