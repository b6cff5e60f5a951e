package reply

import (
	"slices"
	"strings"
)

// stemLen is how much of a word the index knows prefixes by.
const stemLen = 4

// index finds the phrases that a word of a reply could belong to. Each phrase is
// filed under one of its elements only, the one that other phrases share least,
// so that "user" or "address" in a reply wakes up little.
type index struct {
	ids   map[string]int32     // of the words in phrases, from 1
	words [][]pointer          // by the id of a whole word; none for 0, a word no phrase has
	stems map[string][]pointer // by the first stemLen bytes of a prefix
	known [16]uint64           // a sieve for the keys of stems
}

// mayStem says quickly that no prefix starts as the word does, for most words.
func (x *index) mayStem(word string) bool {
	if len(word) < stemLen {
		return false
	}
	h := stemHash(word)
	return x.known[h>>6]&(1<<(h&63)) != 0
}

func stemHash(word string) uint32 {
	return (uint32(word[0]) | uint32(word[1])<<8 | uint32(word[2])<<16 | uint32(word[3])<<24) * 2654435769 >> 22
}

// token is a word of a reply with its id.
type token struct {
	id   int32
	word string
}

// split cuts normalised text at its spaces into dst, as far as dst reaches.
func (x *index) split(dst []token, text string) []token {
	for text != "" && len(dst) < cap(dst) {
		word, rest, _ := strings.Cut(text, " ")
		dst, text = append(dst, token{x.ids[word], word}), rest
	}
	return dst
}

// pointer says that a word can stand low to high words into a phrase of a rule.
type pointer struct {
	rule      int
	phrase    phrase
	needs     []opening
	low, high int
}

func newIndex(rules []*rule) *index {
	x := &index{ids: map[string]int32{}, stems: map[string][]pointer{}}
	for _, r := range rules {
		for _, p := range slices.Concat(r.phrases, r.except) {
			x.number(p)
		}
		r.exceptNeeds = make([][]opening, len(r.except))
		for i, p := range r.except {
			r.exceptNeeds[i] = p.needs(-1)
		}
	}
	x.words = make([][]pointer, len(x.ids)+1)
	shared := map[string]int{}
	for _, r := range rules {
		for _, p := range r.phrases {
			p.count(shared)
		}
	}
	for i, r := range rules {
		for _, p := range r.phrases {
			x.file(i, p, shared)
		}
	}
	return x
}

// number gives each word of the phrase its id.
func (x *index) number(p phrase) {
	for n := range p {
		e := &p[n]
		if e.kind == exact {
			if x.ids[e.word] == 0 {
				x.ids[e.word] = int32(len(x.ids)) + 1
			}
			e.id = x.ids[e.word]
		}
		e.firsts = make([]int32, len(e.options))
		for i, o := range e.options {
			x.number(o)
			e.opens.addOption(o)
			e.firsts[i] = tryAll
			if len(o) > 0 && o[0].kind == exact {
				e.firsts[i] = o[0].id
			}
		}
	}
}

func (x *index) file(rule int, p phrase, shared map[string]int) {
	n := p.anchor(shared)
	if n < 0 {
		return // parsePhrase lets none of these through
	}
	low, high := p[:n].width()
	needs := p.needs(n)
	for _, key := range p[n].keys(nil) {
		ptr := pointer{rule, p, needs, low + key.place, high + key.place}
		if key.kind == exact {
			id := x.ids[key.word]
			x.words[id] = append(x.words[id], ptr)
			continue
		}
		stem := key.word[:stemLen]
		h := stemHash(stem)
		x.known[h>>6] |= 1 << (h & 63)
		x.stems[stem] = append(x.stems[stem], ptr)
	}
}

// matches tells whether the phrase stands around words[i].
func (ptr *pointer) matches(words []token, i int) bool {
	for from := max(i-ptr.high, 0); from <= i-ptr.low; from++ {
		if ptr.phrase.canStart(words, from) && ptr.phrase.matchAt(words, from) {
			return true
		}
	}
	return false
}

// key is a word that stands `place` words into an element.
type key struct {
	kind  kind
	word  string
	place int
}

// keys are words of which one must be there for the element to match; none
// where no such list exists.
func (e *element) keys(dst []key) []key {
	switch {
	case e.kind == exact, e.kind == prefix && len(e.word) >= stemLen:
		return append(dst, key{e.kind, e.word, 0})
	case e.kind != choice:
		return nil
	}
	for _, o := range e.options {
		n := len(dst)
		for i := range o {
			if o[i].kind == choice || o[i].kind == gap {
				break
			}
			if dst = append(dst, o[i].keys(nil)...); len(dst) > n {
				dst[n].place = wordsBefore(o, i)
				break
			}
		}
		if len(dst) == n {
			return nil
		}
	}
	return dst
}

func wordsBefore(p phrase, n int) int {
	low, _ := p[:n].width()
	return low
}

// anchor is the element to file the phrase under: in front of the first gap, with
// the least shared words; -1 where none will do.
func (p phrase) anchor(shared map[string]int) int {
	best, least := -1, 0
	for n := range p {
		if p[n].kind == gap {
			break
		}
		cost := 0
		keys := p[n].keys(nil)
		for _, k := range keys {
			cost += 1 + shared[k.word]
		}
		if len(keys) > 0 && (best < 0 || cost < least) {
			best, least = n, cost
		}
		if p[n].open() {
			break
		}
	}
	return best
}

// open tells whether a gap inside makes the element's width unknown.
func (e *element) open() bool {
	for _, o := range e.options {
		for i := range o {
			if o[i].kind == gap || o[i].open() {
				return true
			}
		}
	}
	return e.kind == gap
}

// width is the fewest and the most words the phrase can be, gaps aside.
func (p phrase) width() (low, high int) {
	for _, e := range p {
		switch e.kind {
		case exact, prefix:
			low, high = low+1, high+1
		case choice:
			l, h := e.options[0].width()
			for _, o := range e.options[1:] {
				ol, oh := o.width()
				l, h = min(l, ol), max(h, oh)
			}
			low, high = low+l, high+h
		}
	}
	return low, high
}

// count adds how often each word stands in the phrase.
func (p phrase) count(shared map[string]int) {
	for _, e := range p {
		if e.word != "" {
			shared[e.word]++
		}
		for _, o := range e.options {
			o.count(shared)
		}
	}
}
