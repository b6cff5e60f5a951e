package job

import (
	"cmp"
	"time"

	"github.com/mxvet/mxvet/scanner"
)

// queue is work that shares one pace. Of what waits only the IDs are in
// memory: eight octets a piece.
type queue = scanner.Queue[int64]

// deferred is work that waits for its time; of one time it comes back in the
// order of input.
type deferred struct {
	due   int64 // nanoseconds since 1970
	work  int64
	queue *queue
}

type deferredHeap []deferred

func (h deferredHeap) Len() int { return len(h) }
func (h deferredHeap) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(h[i].due, h[j].due), cmp.Compare(h[i].work, h[j].work)) < 0
}
func (h deferredHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *deferredHeap) Push(x any)   { *h = append(*h, x.(deferred)) }
func (h *deferredHeap) Pop() any {
	old := *h
	d := old[len(old)-1]
	*h = old[:len(old)-1]
	return d
}

// Backlog says how much work is not done. It counts none of it: it is asked
// several times a second, and everybody else waits meanwhile.
func (s *Store) Backlog() scanner.Backlog {
	s.mu.Lock()
	defer s.mu.Unlock()
	backlog := scanner.Backlog{Open: s.unsettled, Waiting: s.waiting, Deferred: len(s.later)}
	if len(s.later) > 0 {
		backlog.LastDue = time.Unix(0, s.lastDue)
	}
	return backlog
}
