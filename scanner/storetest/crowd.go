package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/mxvet/mxvet/scanner"
)

// A crowd is several claimers at a time, on whom faults are visited.
type crowd struct {
	*bench
	tries int // answers after which a piece of work is settled

	mu     sync.Mutex
	inHand map[int64]bool // work by ID
	claims map[string]int // in hand, by queue
}

var crowdClauses = []clause{
	{"many claimers at a time", func(b *bench) { b.drain(8, 1, 0) }},
	{"claimers who repeat, delay, drop and go away", func(b *bench) { b.drain(4, 3, 0.3) }},
	{"a single claimer with bad luck", func(b *bench) { b.drain(1, 2, 0.6) }},
}

// drain has claimers settle the work of some queues while the rows are read,
// and checks that each row came out once, in order and as they
// finished, with each of its answers once.
func (b *bench) drain(claimers, tries int, faults float64) {
	const domains, each = 9, 11
	c := &crowd{bench: b, tries: tries, inHand: make(map[int64]bool), claims: make(map[string]int)}
	for id := int64(1); id <= domains*each; id++ {
		b.add(mailbox(id, fmt.Sprintf("d%d.example", id%domains)))
	}
	r, finished := b.read(b.Context()), b.readFinished(b.Context())
	var crew sync.WaitGroup
	for n := range claimers {
		crew.Go(func() { c.work(rand.New(rand.NewPCG(uint64(n), 1)), faults) })
	}
	for d := range domains {
		crew.Go(func() {
			name := fmt.Sprintf("d%d.example", d)
			b.add(random(-int64(d)-1, name))
			b.assign(name, fmt.Sprintf("q%d", d%3))
		})
	}
	crew.Wait()
	var want []int64
	for id := int64(1); id <= domains*each; id++ {
		want = append(want, id)
	}
	b.soFar(r, true, want...)
	b.sameRows(finished, r)
	for _, result := range r.results {
		b.has(result.ID, tries, result.Attempts)
		b.has(-(result.ID%domains)-1, tries, result.Random)
	}
}

// work claims until nothing is left.
func (c *crowd) work(dice *rand.Rand, faults float64) {
	for {
		claim, err := c.Claim(c.Context())
		if errors.Is(err, scanner.ErrDone) {
			return
		}
		if err != nil {
			c.Error(err)
			return
		}
		c.take(claim)
		time.Sleep(time.Duration(dice.IntN(3)) * time.Second)
		for _, item := range claim.Items {
			if err := c.ask(claim, item, dice, faults); err != nil {
				c.Error(err)
			}
		}
		c.leave(claim)
		for range 1 + c.again(dice, faults) {
			if err := claim.Finish(); err != nil {
				c.Error(err)
			}
		}
	}
}

// ask gives one answer to an item, unless it is dropped: settled, put off or
// left to the claim's end.
func (c *crowd) ask(claim *scanner.Claim, item scanner.Item, dice *rand.Rand, faults float64) error {
	known := len(item.Attempts)
	if dice.Float64() < faults {
		return nil // the claimer went away before it said anything
	}
	f := fact(item.ID, known, 1)
	f.Settled = known+1 == c.tries
	var err error
	for range 1 + c.again(dice, faults) {
		switch {
		case f.Settled:
			err = errors.Join(err, claim.Progress(f))
		case dice.IntN(2) == 0:
			c.letGo(item) // others may have it before Defer returns
			err = errors.Join(err, claim.Defer(time.Now().Add(time.Duration(dice.IntN(600))*time.Second), f))
		default:
			err = errors.Join(err, claim.Progress(f))
		}
	}
	return err
}

// again is 1 where a call is to be repeated.
func (c *crowd) again(dice *rand.Rand, faults float64) int {
	if dice.Float64() < faults {
		return 1
	}
	return 0
}

// take checks that nobody else holds what was handed out.
func (c *crowd) take(claim *scanner.Claim) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.claims[claim.Queue]++; c.claims[claim.Queue] > PerQueue {
		c.Errorf("%d claims of queue %s in hand", c.claims[claim.Queue], claim.Queue)
	}
	for _, item := range claim.Items {
		if c.inHand[item.ID] {
			c.Errorf("%d is in two hands", item.ID)
		}
		c.inHand[item.ID] = true
		if len(item.Attempts) >= c.tries {
			c.Errorf("%d was handed out again with all %d answers", item.ID, len(item.Attempts))
		}
	}
}

// leave says that the claim is about to end.
func (c *crowd) leave(claim *scanner.Claim) {
	c.letGo(claim.Items...)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.claims[claim.Queue]--
}

func (c *crowd) letGo(items ...scanner.Item) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, item := range items {
		delete(c.inHand, item.ID)
	}
}
