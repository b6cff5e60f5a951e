package address

import (
	"math/bits"
	"strings"
	"sync"
)

// What slips weigh. Two letters swapped, one doubled or a neighbouring key hit are what fingers do; other changes need a reason.
const (
	swapped = 2   // two neighbours swapped, a letter doubled or a double left single, the next key hit
	struck  = 3   // any other letter put in, left out or changed
	first   = 2   // more, where it is the first letter of a name that is left out or swapped
	other   = 3   // more, where it is the first letter of a name that is changed or put in: hmail and ymail are names of their own
	tooFar  = 100 // further than any limit
)

// maxName bounds the names compared; no target is longer.
const maxName = 20

// weights tells names, whose first letter is seldom missed, from what follows them.
type weights struct{ first, other int }

func nameWeights() weights { return weights{first, other} }
func restWeights() weights { return weights{} }

// distance weighs the slips that lead from want to typed (optimal string alignment: Damerau and Levenshtein's four slips, none upon
// another); tooFar beyond limit.
func distance(typed, want string, limit int, w weights) int {
	if typed == want {
		return 0
	}
	if limit == 0 || len(typed) > maxName || len(want) > maxName || (max(len(typed), len(want))-min(len(typed), len(want)))*swapped > limit {
		return tooFar
	}
	var before, above, row [maxName + 1]int
	leastAbove := 0
	for j := range len(typed) {
		above[j+1] = above[j] + w.putIn(typed, j)
	}
	for i := range len(want) {
		row[0] = above[0] + w.leftOut(want, i)
		least := row[0]
		for j := range len(typed) {
			d := min(above[j]+w.changed(typed[j], want[i], i), above[j+1]+w.leftOut(want, i), row[j]+w.putIn(typed, j))
			if i > 0 && j > 0 && typed[j] == want[i-1] && typed[j-1] == want[i] && typed[j] != typed[j-1] {
				d = min(d, before[j-1]+w.swap(i))
			}
			row[j+1] = d
			least = min(least, d)
		}
		if least > limit && leastAbove > limit { // a swap reaches back two rows
			return tooFar
		}
		before, above, leastAbove = above, row, least
	}
	if d := above[len(typed)]; d <= limit {
		return d
	}
	return tooFar
}

func (w weights) swap(i int) int {
	if i == 1 {
		return swapped + w.first
	}
	return swapped
}

func (w weights) leftOut(want string, i int) int {
	switch {
	case i == 0:
		return struck + w.first
	case want[i] == want[i-1]:
		return swapped
	}
	return struck
}

func (w weights) putIn(typed string, j int) int {
	switch {
	case j == 0:
		return struck + w.other
	case typed[j] == typed[j-1]:
		return swapped
	}
	return struck
}

func (w weights) changed(typed, want byte, i int) int {
	switch {
	case typed == want:
		return 0
	case i == 0 && w.other > 0:
		return struck + w.other
	case nextTo(typed, want):
		return swapped
	}
	return struck
}

// nextTo holds for letters beside each other in a row of the keyboard, on the layouts QWERTY, QWERTZ and AZERTY have in common with one of them.
func nextTo(a, b byte) bool {
	return isLetter(a) && isLetter(b) && neighbours()[a-'a']&(1<<(b-'a')) != 0
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' }

// neighbours has for each letter a bit for every other beside it.
var neighbours = sync.OnceValue(func() *[26]uint32 {
	var beside [26]uint32
	for row := range strings.FieldsSeq("qwertyuiop asdfghjkl zxcvbnm qwertz azerty yxcv") {
		for i := 1; i < len(row); i++ {
			a, b := row[i-1]-'a', row[i]-'a'
			beside[a] |= 1 << b
			beside[b] |= 1 << a
		}
	}
	return &beside
})

// letters has a bit for each letter in a name, one for digits and one for all else.
func letters(name string) (set uint32) {
	for i := range len(name) {
		switch c := name[i]; {
		case isLetter(c):
			set |= 1 << (c - 'a')
		case '0' <= c && c <= '9':
			set |= 1 << 26
		default:
			set |= 1 << 27
		}
	}
	return set
}

// beyond holds where two names cannot be within limit, by their letters alone: no slip weighs less than swapped, and none brings
// more than two letters in or out.
func beyond(typed, want uint32, limit int) bool {
	return bits.OnesCount32(typed^want) > limit/swapped*2
}
