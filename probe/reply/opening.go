package reply

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

// needs is one opening for each element of the phrase that takes a word; a reply
// must meet all of them.
func (p phrase) needs() []opening {
	var all []opening
	for n := range p {
		if p[n].kind == gap || p[n].kind == start || p[n].kind == end {
			continue
		}
		var o opening
		if o.add(&p[n]); !o.any {
			all = append(all, o)
		}
	}
	return all
}

func meetsAll(needs []opening, seen *opening) bool {
	for i := range needs {
		if !needs[i].meets(seen) {
			return false
		}
	}
	return true
}

func set(bits *[4]uint64, b byte) { bits[b>>6] |= 1 << (b & 63) }

func has(bits *[4]uint64, b byte) bool { return bits[b>>6]&(1<<(b&63)) != 0 }
