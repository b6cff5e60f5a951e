package job

import (
	"cmp"
	"container/heap"
)

// queue is work that shares one pace. Of what waits only the IDs are in
// memory: eight octets a piece.
type queue struct {
	key     string
	waiting []int64
	claims  int // in hand
	place   int // in the heap; -1 outside
}

// queueHeap has the longest queue first, and by key where two are as long, so
// that a run is the same twice.
type queueHeap []*queue

// fix puts q where it belongs: in the heap while it has work and room.
func (h *queueHeap) fix(q *queue, perQueue int) {
	wanted := len(q.waiting) > 0 && q.claims < perQueue
	switch {
	case wanted && q.place < 0:
		heap.Push(h, q)
	case wanted:
		heap.Fix(h, q.place)
	case q.place >= 0:
		heap.Remove(h, q.place)
	}
}

func (h queueHeap) Len() int { return len(h) }

func (h queueHeap) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(len(h[j].waiting), len(h[i].waiting)), cmp.Compare(h[i].key, h[j].key)) < 0
}

func (h queueHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

func (h *queueHeap) Push(x any) {
	q := x.(*queue)
	q.place = len(*h)
	*h = append(*h, q)
}

func (h *queueHeap) Pop() any {
	old := *h
	q := old[len(old)-1]
	*h = old[:len(old)-1]
	q.place = -1
	return q
}

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
