package reply

import (
	"math/bits"
	"slices"
)

// opening is a coarse sieve for words: by it most phrases fall through without
// being tried. It may let one pass in vain and never keeps one out that fits.
type opening struct {
	any     bool      // nothing is asked: an option is empty, or starts with a gap or another choice
	ids     [4]uint64 // exact words, by the low bits of their ids
	letters [4]uint64 // prefixes, by their first byte
}

// add lets through what an element can begin with.
func (o *opening) add(e *element) {
	switch e.kind {
	case exact:
		set(&o.ids, byte(e.id))
	case prefix:
		set(&o.letters, e.word[0])
	case choice:
		o.any = o.any || e.opens.any
		for i := range o.ids {
			o.ids[i] |= e.opens.ids[i]
			o.letters[i] |= e.opens.letters[i]
		}
	default:
		o.any = true
	}
}

func (o *opening) addOption(option phrase) {
	if len(option) == 0 {
		o.any = true
		return
	}
	o.add(&option[0])
}

func (o *opening) allows(t *token) bool {
	return has(&o.ids, byte(t.id)) || has(&o.letters, t.word[0])
}

// see takes a word of a reply in, so that the opening knows what the reply has.
func (o *opening) see(t *token) {
	set(&o.letters, t.word[0])
	if t.id != 0 {
		set(&o.ids, byte(t.id))
	}
}

// meets tells whether a reply with the words of seen can have what o asks for.
func (o *opening) meets(seen *opening) bool {
	for i := range o.ids {
		if o.ids[i]&seen.ids[i] != 0 || o.letters[i]&seen.letters[i] != 0 {
			return true
		}
	}
	return false
}

// needs is an opening for each element of the phrase that takes a word, but for
// the one that is known to be there, the hardest to meet first.
func (p phrase) needs(known int) []opening {
	var all []opening
	for n := range p {
		if n == known || p[n].kind > choice {
			continue
		}
		var o opening
		if o.add(&p[n]); !o.any {
			all = append(all, o)
		}
	}
	slices.SortStableFunc(all, func(a, b opening) int { return a.size() - b.size() })
	return all
}

// size is how many bits let a word through, a letter counting for the words it begins.
func (o *opening) size() int {
	n := 0
	for i := range o.ids {
		n += bits.OnesCount64(o.ids[i]) + 20*bits.OnesCount64(o.letters[i])
	}
	return n
}

func meetsAll(needs []opening, seen *opening) bool {
	for i := range needs {
		if !needs[i].meets(seen) {
			return false
		}
	}
	return true
}

func set(words *[4]uint64, b byte) { words[b>>6] |= 1 << (b & 63) }

func has(words *[4]uint64, b byte) bool { return words[b>>6]&(1<<(b&63)) != 0 }
