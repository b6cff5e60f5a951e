package reply

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"sync"
)

//go:embed rules.txt
var rulesText string

// rules is the embedded table, read once.
var rules = sync.OnceValues(func() (*table, error) { return parseTable(rulesText) })

// table is the rules in order with an index of their phrases' words.
type table struct {
	rules []*rule
	plain []int // rules without phrases, in order
	index *index
}

// tableReader reads the format that the head of rules.txt explains, line by line.
type tableReader struct {
	rules   []*rule
	seen    map[Rule]bool
	groups  map[string][]phrase
	group   string // whose phrases follow; "" where they are last's
	last    *rule
	comment []string
}

// parseTable goes on after an error and gives all of them, each with its line number.
func parseTable(text string) (*table, error) {
	reader := &tableReader{seen: map[Rule]bool{}, groups: map[string][]phrase{}}
	var errs []error
	for n, line := range enumerate(text) {
		if err := reader.line(line); err != nil {
			errs = append(errs, fmt.Errorf("rules line %d: %w", n, err))
		}
	}
	t := &table{rules: reader.rules}
	for i, r := range t.rules {
		if len(r.phrases) == 0 {
			t.plain = append(t.plain, i)
		}
	}
	t.index = newIndex(t.rules)
	return t, errors.Join(errs...)
}

// enumerate gives the lines of text with their numbers from 1.
func enumerate(text string) func(func(int, string) bool) {
	return func(yield func(int, string) bool) {
		n := 0
		for line := range strings.SplitSeq(text, "\n") {
			n++
			if !yield(n, line) {
				return
			}
		}
	}
}

func (tr *tableReader) line(line string) error {
	body := strings.TrimSpace(line)
	switch {
	case body == "":
		tr.comment = nil
		return nil
	case body[0] == '#':
		tr.comment = append(tr.comment, strings.TrimSpace(body[1:]))
		return nil
	case line[0] == ' ' || line[0] == '\t':
		return tr.phrase(body)
	case body[0] == '&':
		tr.group = body[1:]
		return nil
	}
	comment := strings.Join(tr.comment, " ")
	tr.comment, tr.group = nil, ""
	return tr.head(line, comment)
}

func (tr *tableReader) head(line, comment string) error {
	r, err := parseHead(line)
	tr.last = r
	if err != nil {
		return err
	}
	if tr.seen[r.name] {
		return fmt.Errorf("rule %s stands twice", r.name)
	}
	tr.seen[r.name] = true
	r.comment = comment
	tr.rules = append(tr.rules, r)
	return nil
}

// phrase reads an indented line: a phrase, after "!" an exception, and either of
// them may be "&" and the name of a group that stands above.
func (tr *tableReader) phrase(body string) error {
	body, exception := strings.CutPrefix(body, "!")
	phrases, err := tr.phrases(strings.TrimSpace(body))
	switch {
	case err != nil:
		return err
	case tr.group != "":
		tr.groups[tr.group] = append(tr.groups[tr.group], phrases...)
	case tr.last == nil:
		return errors.New("a phrase before the first rule")
	case exception:
		tr.last.except = append(tr.last.except, phrases...)
	default:
		tr.last.phrases = append(tr.last.phrases, phrases...)
	}
	return nil
}

func (tr *tableReader) phrases(text string) ([]phrase, error) {
	name, ok := strings.CutPrefix(text, "&")
	if !ok {
		p, err := parsePhrase(text)
		return []phrase{p}, err
	}
	if len(tr.groups[name]) == 0 {
		return nil, fmt.Errorf("no group &%s stands above", name)
	}
	return tr.groups[name], nil
}
