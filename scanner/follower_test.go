package scanner

import (
	"slices"
	"testing"
)

// TestRowsOfALateRandomMailbox: a domain of many rows, all but its random
// mailbox settled, comes out a page at a time when that is.
func TestRowsOfALateRandomMailbox(t *testing.T) {
	const rows, page, random = 1000, 64, -1
	f := NewFollower(nil)
	for id := int64(1); id <= rows; id++ {
		f.Settled(id)
	}
	for ids := f.Next(page); len(ids) > 0; ids = f.Next(page) {
		for _, id := range ids {
			if f.Take(&Result{Work: Work{ID: id, Settled: true}}, random) {
				t.Fatalf("%d did not wait for its random mailbox", id)
			}
		}
	}
	f.Settled(random)
	f.Settled(rows + 1)
	var told []int64
	for ids := f.Next(page); len(ids) > 0; ids = f.Next(page) {
		if len(ids) > page {
			t.Fatalf("%d rows at once, want at most %d", len(ids), page)
		}
		for _, id := range ids {
			if f.Take(&Result{Work: Work{ID: id, Settled: true}, Done: true}, random) {
				told = append(told, id)
			}
		}
	}
	slices.Sort(told)
	for i, id := range told {
		if id != int64(i)+1 {
			t.Fatalf("rows %v, want each once", told)
		}
	}
	if len(told) != rows+1 {
		t.Errorf("%d rows, want %d", len(told), rows+1)
	}
}
