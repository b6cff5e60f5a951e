package job

import (
	"time"

	"github.com/mxvet/mxvet/scanner"
)

// keeper is the scanner.Keeper of one claim. That work is claimed stands in
// memory only: when the process dies, nobody has it in hand.
type keeper struct {
	store *Store
	queue *queue
	taken []int64       // as handed out
	held  map[int64]int // what is still in the claimer's hands, with the number of its attempts; nil at the end
}

// Progress keeps facts in one transaction.
func (k *keeper) Progress(facts ...scanner.Fact) error {
	if len(facts) == 0 {
		return nil
	}
	all, err := encodeFacts(facts)
	if err != nil {
		return err
	}
	return k.store.change(true, func() error {
		held, err := k.keep(all)
		if err != nil {
			return err
		}
		wanted := k.store.stopped || len(k.store.readers) > 0
		for _, fact := range held {
			if _, mine := k.held[fact.Work]; !mine || !fact.Settled {
				continue
			}
			k.letGo(fact.Work)
			k.store.unsettled--
			k.store.tell(fact.Work)
			wanted = wanted || k.store.heads[fact.Work]
		}
		if wanted || k.store.unsettled == 0 {
			k.store.wake()
		}
		return nil
	})
}

// keep adds attempts that are new, and returns the facts of work that is in
// this claim.
func (k *keeper) keep(all []news) (held []news, err error) {
	var rows []attempt
	var settled []int64
	for _, fact := range all {
		known, mine := k.held[fact.Work]
		if !mine {
			continue
		}
		held = append(held, fact)
		if old := known - fact.First; old >= 0 && old < len(fact.outcomes) {
			for _, text := range fact.outcomes[old:] {
				rows = append(rows, attempt{fact.Work, known, text})
				known++
			}
			k.held[fact.Work] = known
		}
		switch {
		case fact.Fate != "":
			if _, err := k.store.file.exec("UPDATE work SET fate = ?, settled = max(settled, ?) WHERE id = ?", string(fact.Fate), fact.Settled, fact.Work); err != nil {
				return nil, err
			}
		case fact.Settled:
			settled = append(settled, fact.Work)
		}
	}
	if err := k.store.file.addAttempts(rows); err != nil {
		return nil, err
	}
	return held, k.store.file.settle(settled)
}

func (k *keeper) letGo(work int64) {
	delete(k.held, work)
	delete(k.store.claimed, work)
}

// Defer keeps facts and when the work is due, in one transaction.
func (k *keeper) Defer(until time.Time, facts ...scanner.Fact) error {
	if len(facts) == 0 {
		return nil
	}
	all, err := encodeFacts(facts)
	if err != nil {
		return err
	}
	return k.store.change(true, func() error {
		held, err := k.keep(all)
		if err != nil {
			return err
		}
		due := until.UnixNano()
		for _, fact := range held {
			if _, mine := k.held[fact.Work]; !mine {
				continue
			}
			k.letGo(fact.Work)
			k.store.putOff(deferred{due: due, work: fact.Work, queue: k.queue})
			if until.After(time.Now()) { // else it is due after a restart too
				if _, err := k.store.file.exec("UPDATE work SET due = ? WHERE id = ?", due, fact.Work); err != nil {
					return err
				}
			}
		}
		k.store.wake()
		return nil
	})
}

// Finish ends the claim.
func (k *keeper) Finish() error {
	s := k.store
	s.mu.Lock()
	defer s.mu.Unlock()
	if k.held == nil {
		return nil
	}
	for _, work := range k.taken {
		if _, held := k.held[work]; held {
			delete(s.claimed, work)
			s.enqueue(k.queue, work)
		}
	}
	k.held = nil
	k.queue.Claims--
	s.ready.Fix(k.queue, s.perQueue)
	s.wake()
	return s.err
}
