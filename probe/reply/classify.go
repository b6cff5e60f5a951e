package reply

import (
	"github.com/mxvet/mxvet/probe/smtp"
)

// question is a reply as rules see it.
type question struct {
	stage    smtp.Stage
	provider string
	code     int
	status   status
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
	q := &question{stage: stage, provider: provider, code: r.Code, status: findStatus(r.Lines)}
	if q.code == 0 && text == "" {
		return NetworkError, NoReply
	}
	var room [maxWords]token
	words := t.index.split(room[:0], text)
	best := t.byText(q, words)
	for _, i := range t.plain {
		if i >= best {
			break
		}
		if r := t.rules[i]; r.fits(q) && !r.excepts(words) {
			best = i
			break
		}
	}
	if best == len(t.rules) {
		return Other, NoRule
	}
	return t.rules[best].meaning, t.rules[best].name
}

// byText is the first rule that has a phrase in words, len(t.rules) where none has.
func (t *table) byText(q *question, words []token) int {
	best := len(t.rules)
	for i, w := range words {
		best = t.nearest(q, words, i, best, t.index.words[w.id])
		if len(w.word) >= stemLen {
			best = t.nearest(q, words, i, best, t.index.stems[w.word[:stemLen]])
		}
	}
	return best
}

// nearest tries the phrases filed under words[i] against the rules before best.
func (t *table) nearest(q *question, words []token, i, best int, filed []pointer) int {
	for n := range filed {
		ptr := &filed[n]
		if ptr.rule >= best {
			break // filed in the order of the rules
		}
		if r := t.rules[ptr.rule]; r.fits(q) && ptr.matches(words, i) && !r.excepts(words) {
			best = ptr.rule
		}
	}
	return best
}

func (r *rule) excepts(words []token) bool {
	for _, p := range r.except {
		if p.matchAnywhere(words) {
			return true
		}
	}
	return false
}
