package scanner

import (
	"context"
	"time"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/scanner/judge"
)

// ask puts one batch of a domain's work to the session, keeps what was
// answered, and returns what of the domain is still to be asked in this
// session. A conversation that broke is a *probe.Failure.
func (c *conversation) ask(items []Item) (rest []Item, err error) {
	if c.guard.Stopped(items[0].Domain) {
		return nil, c.claim.Progress(spared(items)...)
	}
	granted, until := c.meter.Reserve(c.host, min(len(items), c.batch()))
	if granted == 0 {
		return nil, c.claim.Defer(until, unchanged(items)...)
	}
	batch, rest := pick(items, granted)

	if !c.awaitTurn(granted) {
		return nil, nil // told to stop while waiting: Finish puts all back as it was
	}
	ctx, cancel := context.WithDeadline(c.hard, c.begun.Add(c.timeout()))
	defer cancel()
	defer func() { c.begun = time.Now() }()
	questions, of := c.questions(batch)
	c.inHand = batch
	outcomes, broke := c.session.Ask(ctx, questions)
	c.room.learn(c.host.IP, outcomes)
	c.forgetOurOwn(outcomes)
	c.keepPace(outcomes)
	for i, o := range outcomes {
		if o.Stage != "" {
			batch[of[i]].Attempts = append(batch[of[i]].Attempts, o)
		}
	}
	c.meter.Settle(c.host, granted, c.heard(batch, outcomes))
	more, err := c.keep(batch, outcomes, of, broke == nil)
	if err != nil {
		return nil, err
	}
	return append(rest, more...), broke
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
// has room for, nor than the harvest guard wants to see before it decides.
func (c *conversation) batch() int {
	room := min(c.room.of(c.host.IP, batchSize), c.meter.Gust(c.host))
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
// or later is put back; and what the session broke off before stays in hand:
// brokeOff sees to it.
func (c *conversation) keep(batch []Item, outcomes []probe.Outcome, of []int, whole bool) (more []Item, err error) {
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
			continue
		}
		first := len(item.Attempts) - fresh[i]
		fact := Fact{Work: item.ID, First: first, Attempts: item.Attempts[first:]}
		step, fate, again, err := c.next(item, routes)
		switch {
		case err != nil:
			return nil, err
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
		return nil, err
	}
	for at, facts := range later {
		if err := c.claim.Defer(at, facts...); err != nil {
			return nil, err
		}
	}
	return more, nil
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
		return nil // Finish puts them back as they are
	default:
		return c.claim.Defer(time.Now(), learned(items, failure.Outcome)...)
	}
}
