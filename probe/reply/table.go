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

// parseTable reads the format that the head of rules.txt explains. It goes on
// after an error and gives all of them, each with its line number.
func parseTable(text string) (*table, error) {
	t := &table{}
	var errs []error
	var comment []string
	var last *rule
	seen := map[Rule]bool{}
	for n, line := range enumerate(text) {
		body := strings.TrimSpace(line)
		var err error
		switch {
		case body == "":
			comment = nil
		case strings.HasPrefix(body, "#"):
			comment = append(comment, strings.TrimSpace(body[1:]))
		case line[0] == ' ' || line[0] == '\t':
			err = last.addPhrase(body)
		default:
			last, err = parseHead(line)
			if err == nil {
				if seen[last.name] {
					err = fmt.Errorf("rule %s stands twice", last.name)
				}
				seen[last.name] = true
				last.comment = strings.Join(comment, " ")
				t.rules = append(t.rules, last)
			}
			comment = nil
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("rules line %d: %w", n, err))
		}
	}
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

// addPhrase reads an indented line: a phrase, or after "!" an exception.
func (r *rule) addPhrase(body string) error {
	if r == nil {
		return errors.New("a phrase before the first rule")
	}
	exception, isException := strings.CutPrefix(body, "!")
	p, err := parsePhrase(exception)
	switch {
	case err != nil:
		return err
	case isException:
		r.except = append(r.except, p)
	default:
		r.phrases = append(r.phrases, p)
	}
	return nil
}
