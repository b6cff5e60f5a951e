package scanner

import (
	"container/heap"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestQueueHeap: whatever is done to queues, the heap holds those with work
// and room, the longest first and by name where two are as long.
func TestQueueHeap(t *testing.T) {
	const perQueue = 2
	rapid.Check(t, func(t *rapid.T) {
		var h Longest[*entry]
		queues := make([]*queue, 5)
		for i := range queues {
			queues[i] = NewQueue[*entry](string(rune('a' + i)))
		}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			q := rapid.SampledFrom(queues).Draw(t, "queue")
			q.Waiting = make([]*entry, rapid.IntRange(0, 3).Draw(t, "waiting"))
			q.Claims = rapid.IntRange(0, perQueue).Draw(t, "claims")
			h.Fix(q, perQueue)
		}
		var want, got []string
		for _, q := range queues {
			if inside := len(q.Waiting) > 0 && q.Claims < perQueue; inside != (q.place >= 0) {
				t.Fatalf("queue %s at place %d: %d waiting, %d claims", q.Key, q.place, len(q.Waiting), q.Claims)
			} else if inside {
				want = append(want, string(rune('0'+3-len(q.Waiting)))+q.Key)
			}
		}
		slices.Sort(want)
		for h.Len() > 0 {
			q := heap.Pop(&h).(*queue)
			got = append(got, string(rune('0'+3-len(q.Waiting)))+q.Key)
		}
		if !slices.Equal(want, got) {
			t.Fatalf("handed out %v, want %v", got, want)
		}
	})
}

func TestDeferredHeap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minutes := rapid.SliceOf(rapid.IntRange(0, 60)).Draw(t, "minutes")
		var h deferredHeap
		for _, m := range minutes {
			heap.Push(&h, deferred{until: time.Unix(int64(m)*60, 0), entry: new(entry)})
		}
		var got []int
		for h.Len() > 0 {
			got = append(got, int(heap.Pop(&h).(deferred).until.Unix()/60))
		}
		slices.Sort(minutes)
		if !slices.Equal(minutes, got) {
			t.Fatalf("due at %v, want %v", got, minutes)
		}
	})
}

func TestSharesOfAQueueAreEven(t *testing.T) {
	for _, test := range []struct {
		name                      string
		waiting, perQueue, atMost int
		want                      []int
	}{
		{"one domain, ten conversations", 10_001, 10, 2000, []int{1001, 1001, 1001, 1001, 1001, 1001, 1001, 1001, 1001, 992}},
		{"two halves, one after the other", 525, 2, 2000, []int{263, 262}},
		{"too few to share", 90, 2, 2000, []int{90}},
		{"a rest too small for a connection is one all the same", 150, 2, 2000, []int{100, 50}},
		{"more than a claim holds", 7000, 2, 2000, []int{2000, 2000, 2000, 1000}},
	} {
		t.Run(test.name, func(t *testing.T) {
			q := NewQueue[int]("mx.example")
			q.Waiting = make([]int, test.waiting)
			var got []int
			for len(q.Waiting) > 0 {
				n := q.Share(test.perQueue, test.atMost)
				q.Waiting, got = q.Waiting[n:], append(got, n)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("shares of %v, want %v", got, test.want)
			}
		})
	}
}
