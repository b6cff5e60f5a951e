package scanner

// Follower is what a Store keeps for one reader of Finished: which rows were
// told, and which may now be. It is for one goroutine at a time.
type Follower struct {
	told    []uint64          // a bit a row
	fresh   []int64           // work that was settled since it was last looked at
	waiting map[int64][]int64 // rows by the random mailbox they wait for
	passed  int64             // at the end: rows up to here are told
}

// NewFollower returns one who knows that some work is settled.
func NewFollower(settled []int64) *Follower {
	return &Follower{fresh: settled, waiting: make(map[int64][]int64)}
}

// Settled notes work that may let rows come out: its own, those of its repeats,
// and those that wait for it as their random mailbox.
func (f *Follower) Settled(work int64) { f.fresh = append(f.fresh, work) }

// Next takes some of that work: rows that may be finished, with the repeats of
// which the Store is to offer each to Take. There are none where nothing
// happened.
func (f *Follower) Next(most int) (rows []int64) {
	n := 0
	for ; n < len(f.fresh) && len(rows) < most; n++ {
		if work := f.fresh[n]; work > 0 {
			rows = append(rows, work)
		} else {
			f.fresh = append(f.fresh, f.waiting[work]...) // they may be more than most
			delete(f.waiting, work)
		}
	}
	if f.fresh = f.fresh[n:]; len(f.fresh) == 0 {
		f.fresh = nil
	}
	return rows
}

// Take reports whether a row comes out now, which is once. One that is settled
// but for its domain's random mailbox waits for that.
func (f *Follower) Take(result *Result, random int64) bool {
	switch {
	case f.has(result.ID):
		return false
	case result.Done:
		f.mark(result.ID)
		return true
	case result.Settled && random != 0:
		f.waiting[random] = append(f.waiting[random], result.ID)
	}
	return false
}

// Rest takes the first rows up to last that were not told, at the end, when
// each comes out as it is.
func (f *Follower) Rest(last int64, most int) (rows []int64) {
	for f.passed < last && len(rows) < most {
		if f.passed++; !f.has(f.passed) {
			f.mark(f.passed)
			rows = append(rows, f.passed)
		}
	}
	return rows
}

func (f *Follower) has(row int64) bool {
	word := int(row / 64)
	return word < len(f.told) && f.told[word]&(1<<(row%64)) != 0
}

func (f *Follower) mark(row int64) {
	for word := int(row / 64); word >= len(f.told); {
		f.told = append(f.told, 0)
	}
	f.told[row/64] |= 1 << (row % 64)
}
