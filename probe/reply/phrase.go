package reply

import (
	"fmt"
	"strings"
)

// maxGap is how many words "*" may stand for.
const maxGap = 8

// element is one step of a phrase.
type element struct {
	kind    kind
	word    string
	id      int32    // of an exact word, in the index
	options []phrase // of a choice; one may be empty
	then    *tail    // of a choice: what must follow whichever option stood there
	firsts  []int32  // of a choice: the id of each option's first word, or tryAll
	opens   opening  // of a choice: what its options can begin with
}

type kind uint8

const (
	exact  kind = iota // this word
	prefix             // a word that starts so: "reject*"
	choice             // one of the options: "(no such|unknown)"
	gap                // "*": up to maxGap words of any kind, or none
	start              // "^": the text begins here
	end                // "$": the text ends here
)

// phrase is words in order, as a line of the rule table gives them.
type phrase []element

// parsePhrase reads a phrase line of the table.
func parsePhrase(line string) (phrase, error) {
	p, rest, err := parseSequence(line)
	if err != nil {
		return nil, err
	}
	if rest != "" {
		return nil, fmt.Errorf("%q: %q closes or divides nothing", line, rest[:1])
	}
	if p.anchor(nil) < 0 {
		return nil, fmt.Errorf("%q: needs a word, or a choice of words, before the first *", line)
	}
	p.link(nil)
	return p, nil
}

// parseSequence reads up to the ")" or "|" that ends it, or to the line's end.
func parseSequence(s string) (phrase, string, error) {
	var p phrase
	for {
		n := strings.IndexAny(s, "()|")
		if n < 0 {
			return p.appendWords(s), "", nil
		}
		p = p.appendWords(s[:n])
		if s[n] != '(' {
			return p, s[n:], nil
		}
		e, rest, err := parseChoice(s[n+1:])
		if err != nil {
			return nil, "", err
		}
		p, s = append(p, e), rest
	}
}

// parseChoice reads "a|b|c)" behind its opening bracket.
func parseChoice(s string) (element, string, error) {
	e := element{kind: choice}
	for {
		option, rest, err := parseSequence(s)
		if err != nil {
			return e, "", err
		}
		if rest == "" {
			return e, "", fmt.Errorf("%q: bracket not closed", s)
		}
		e.options = append(e.options, option)
		s = rest[1:]
		if rest[0] == ')' {
			return e, s, nil
		}
	}
}

// appendWords adds the words of bracket-free text as normalise would read them
// in a reply.
func (p phrase) appendWords(text string) phrase {
	for _, field := range strings.Fields(text) {
		switch field {
		case "*":
			p = append(p, element{kind: gap})
		case "^":
			p = append(p, element{kind: start})
		case "$":
			p = append(p, element{kind: end})
		case addrWord, ipWord, urlWord:
			p = append(p, element{kind: exact, word: field})
		default:
			p = p.appendWord(field)
		}
	}
	return p
}

// appendWord adds one field, which can be several words: "e-mail", or CJK text.
func (p phrase) appendWord(field string) phrase {
	stem, open := strings.CutSuffix(field, "*")
	words := strings.Fields(string(appendWords(nil, stem)))
	for i, w := range words {
		k := exact
		if open && i == len(words)-1 {
			k = prefix
		}
		p = append(p, element{kind: k, word: w})
	}
	return p
}

// tail is the rest of a match: the elements still to come, innermost first. It is
// laid out once, with the table, so that matching allocates nothing.
type tail struct {
	rest phrase
	next *tail
}

// link tells each choice what follows it.
func (p phrase) link(after *tail) {
	for n := range p {
		if p[n].kind != choice {
			continue
		}
		p[n].then = &tail{p[n+1:], after}
		for _, o := range p[n].options {
			o.link(p[n].then)
		}
	}
}

// matchAt tells whether the phrase's first element stands at words[i].
func (p phrase) matchAt(words []token, i int) bool { return match(p, nil, words, i) }

func match(p phrase, after *tail, words []token, i int) bool {
	for n := range p {
		e := &p[n]
		switch e.kind {
		case start:
			if i != 0 {
				return false
			}
		case end:
			if i != len(words) {
				return false
			}
		case gap:
			return matchWithin(p[n+1:], after, words, i)
		case choice:
			if !e.opens.any && (i >= len(words) || !e.opens.allows(&words[i])) {
				return false
			}
			return e.matchOption(words, i)
		default:
			if i >= len(words) || !e.fits(&words[i]) {
				return false
			}
			i++
		}
	}
	return after == nil || match(after.rest, after.next, words, i)
}

func matchWithin(p phrase, after *tail, words []token, from int) bool {
	for i := from; i <= min(from+maxGap, len(words)); i++ {
		if match(p, after, words, i) {
			return true
		}
	}
	return false
}

// tryAll is a first word of an option that is not one exact word.
const tryAll = -1

func (e *element) matchOption(words []token, i int) bool {
	id := int32(tryAll - 1)
	if i < len(words) {
		id = words[i].id
	}
	for n, first := range e.firsts {
		if (first == id || first == tryAll) && match(e.options[n], e.then, words, i) {
			return true
		}
	}
	return false
}

// canStart is a quick no for most phrases: their first word is another one.
func (p phrase) canStart(words []token, i int) bool {
	switch {
	case i >= len(words) || p[0].kind > choice:
		return true
	case p[0].kind == choice:
		return p[0].opens.any || p[0].opens.allows(&words[i])
	}
	return p[0].fits(&words[i])
}

func (p phrase) matchAnywhere(words []token) bool {
	for i := range words {
		if p.canStart(words, i) && p.matchAt(words, i) {
			return true
		}
	}
	return false
}

func (e *element) fits(t *token) bool {
	if e.kind == prefix {
		return strings.HasPrefix(t.word, e.word)
	}
	return e.id == t.id
}
