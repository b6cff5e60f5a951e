package scanner

import (
	"cmp"
	"container/heap"
	"time"
)

// Queue is work that shares one pace, as a Store keeps it: T is how it knows a
// piece of work. Make one with NewQueue.
type Queue[T any] struct {
	Key     string
	Waiting []T // due, in the order it is handed out
	Claims  int // in hand
	most    int // that ever waited
	place   int // in Longest; -1 outside
}

// NewQueue returns an empty queue.
func NewQueue[T any](key string) *Queue[T] { return &Queue[T]{Key: key, place: -1} }

// leastShare is what a claim holds at least: fewer are not worth a connection.
const leastShare = 100

// Share is how much work the next claim takes: of the most that ever waited, an
// even part for each claim that may be in hand, so that every conversation has
// enough to ask over one connection and none is left to do the rest alone.
func (q *Queue[T]) Share(perQueue, atMost int) int {
	q.most = max(q.most, len(q.Waiting))
	share := max((q.most+perQueue-1)/perQueue, leastShare)
	return min(share, atMost, len(q.Waiting))
}

// Longest is a heap of the queues that can be claimed, the longest first, and
// by key where two are as long, so that a run is the same twice.
type Longest[T any] []*Queue[T]

// Fix puts q where it belongs after a change: in the heap while it has work,
// and fewer than perQueue claims.
func (h *Longest[T]) Fix(q *Queue[T], perQueue int) {
	wanted := len(q.Waiting) > 0 && q.Claims < perQueue
	switch {
	case wanted && q.place < 0:
		heap.Push(h, q)
	case wanted:
		heap.Fix(h, q.place)
	case q.place >= 0:
		heap.Remove(h, q.place)
	}
}

func (h Longest[T]) Len() int { return len(h) }

func (h Longest[T]) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(len(h[j].Waiting), len(h[i].Waiting)), cmp.Compare(h[i].Key, h[j].Key)) < 0
}

func (h Longest[T]) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

// Push is heap.Push's.
func (h *Longest[T]) Push(x any) {
	q := x.(*Queue[T])
	q.place = len(*h)
	*h = append(*h, q)
}

// Pop is heap.Pop's.
func (h *Longest[T]) Pop() any {
	old := *h
	q := old[len(old)-1]
	*h = old[:len(old)-1]
	q.place = -1
	return q
}

// queue is the memory store's.
type queue = Queue[*entry]

// deferred is work that waits for its time; of one time it comes back in the
// order of input.
type deferred struct {
	until time.Time
	entry *entry
}

type deferredHeap []deferred

func (h deferredHeap) Len() int { return len(h) }
func (h deferredHeap) Less(i, j int) bool {
	return cmp.Or(h[i].until.Compare(h[j].until), cmp.Compare(h[i].entry.ID, h[j].entry.ID)) < 0
}
func (h deferredHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *deferredHeap) Push(x any)   { *h = append(*h, x.(deferred)) }
func (h *deferredHeap) Pop() any {
	old := *h
	d := old[len(old)-1]
	*h = old[:len(old)-1]
	return d
}
