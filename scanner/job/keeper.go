package job

import (
	"container/heap"
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
	return k.store.change(true, func() error {
		for _, fact := range facts {
			held, err := k.keep(fact)
			if err != nil {
				return err
			}
			if held && fact.Settled {
				k.letGo(fact.Work)
				k.store.unsettled--
				k.store.tell(fact.Work)
				defer k.store.wake()
			}
		}
		return nil
	})
}

// keep adds attempts that are new, and says whether the work is in this claim.
func (k *keeper) keep(fact scanner.Fact) (held bool, err error) {
	known, held := k.held[fact.Work]
	if !held {
		return false, nil
	}
	f := k.store.file
	if old := known - fact.First; old >= 0 && old < len(fact.Attempts) {
		for _, o := range fact.Attempts[old:] {
			text, err := encodeOutcome(o)
			if err != nil {
				return true, err
			}
			if _, err := f.exec("INSERT OR IGNORE INTO attempts (work, n, outcome) VALUES (?, ?, ?)", fact.Work, known, text); err != nil {
				return true, err
			}
			known++
		}
		k.held[fact.Work] = known
	}
	if fact.Fate != "" || fact.Settled {
		_, err = f.exec("UPDATE work SET fate = iif(?1 <> '', ?1, fate), settled = max(settled, ?2) WHERE id = ?3", string(fact.Fate), fact.Settled, fact.Work)
	}
	return true, err
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
	return k.store.change(true, func() error {
		due := until.UnixNano()
		for _, fact := range facts {
			held, err := k.keep(fact)
			if err != nil {
				return err
			}
			if !held {
				continue
			}
			k.letGo(fact.Work)
			heap.Push(&k.store.later, deferred{due: due, work: fact.Work, queue: k.queue})
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
