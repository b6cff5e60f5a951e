package reply

// opening is a coarse sieve for the first word of a choice: most words of a reply
// fall through it without any option being tried. It may let a word pass in vain
// and never keeps one out that fits.
type opening struct {
	any     bool      // an option is empty, or starts with a gap or another choice
	ids     [4]uint64 // exact words, by the low bits of their ids
	letters [4]uint64 // prefixes, by their first byte
}

func (o *opening) add(option phrase) {
	switch {
	case len(option) == 0:
		o.any = true
	case option[0].kind == exact:
		set(&o.ids, byte(option[0].id))
	case option[0].kind == prefix:
		set(&o.letters, option[0].word[0])
	default:
		o.any = true
	}
}

func (o *opening) allows(t *token) bool {
	return has(&o.ids, byte(t.id)) || has(&o.letters, t.word[0])
}

func set(bits *[4]uint64, b byte) { bits[b>>6] |= 1 << (b & 63) }

func has(bits *[4]uint64, b byte) bool { return bits[b>>6]&(1<<(b&63)) != 0 }
