package reply

import (
	"github.com/mxvet/mxvet/probe/smtp"
)

// question is a reply as rules see it.
type question struct {
	stage    stages
	provider string
	code     int
	status   status
	words    []token
	seen     opening // what the words are, for the sieves
}

// Classify says what a reply means and which rule of the table read it. Stage is
// where in the conversation it came, provider the key of who runs the server, or
// "" where nobody knows. There is always a meaning and a rule. A Code of 0 with
// no text is a conversation that broke: NetworkError.
func Classify(stage smtp.Stage, provider string, r smtp.Reply) (Meaning, Rule) {
	t, _ := rules() // a fault in the embedded table is a failing test, not a run-time event
	return t.classify(stage, provider, r)
}

func (t *table) classify(stage smtp.Stage, provider string, r smtp.Reply) (Meaning, Rule) {
	text := normalise(r.Lines)
	q := question{stage: stageBit(stage), provider: provider, code: r.Code, status: findStatus(r.Lines)}
	if q.code == 0 && text == "" {
		return NetworkError, NoReply
	}
	var room [maxWords]token
	q.words = t.index.split(room[:0], text)
	for i := range q.words {
		q.seen.see(&q.words[i])
	}
	best := t.byText(&q, t.byColumns(&q))
	if best == len(t.rules) {
		return Other, NoRule
	}
	return t.rules[best].meaning, t.rules[best].name
}

// byColumns is the first rule without phrases that fits, len(t.rules) where none does.
func (t *table) byColumns(q *question) int {
	for _, i := range t.plain {
		if r := t.rules[i]; r.fits(q) && !r.excepts(q) {
			return i
		}
	}
	return len(t.rules)
}

// byText is the first rule before best that has a phrase in the words, else best.
func (t *table) byText(q *question, best int) int {
	for i, w := range q.words {
		best = t.nearest(q, i, best, t.index.words[w.id])
		if t.index.mayStem(w.word) {
			best = t.nearest(q, i, best, t.index.stems[w.word[:stemLen]])
		}
	}
	return best
}

// nearest tries the phrases filed under word i against the rules before best.
func (t *table) nearest(q *question, i, best int, filed []pointer) int {
	for n := range filed {
		ptr := &filed[n]
		if ptr.rule >= best {
			break // filed in the order of the rules
		}
		if !meetsAll(ptr.needs, &q.seen) {
			continue
		}
		if r := t.rules[ptr.rule]; r.fits(q) && ptr.matches(q.words, i) && !r.excepts(q) {
			best = ptr.rule
		}
	}
	return best
}

func (r *rule) excepts(q *question) bool {
	for i, p := range r.except {
		if meetsAll(r.exceptNeeds[i], &q.seen) && p.matchAnywhere(q.words) {
			return true
		}
	}
	return false
}
