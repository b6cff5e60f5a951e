package reply

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mxvet/mxvet/probe/smtp"
)

// rule is one entry of the table. All of its columns must fit, and where it has
// phrases one of them must stand in the text and none of its exceptions.
type rule struct {
	name      Rule
	meaning   Meaning
	comment   string
	stages    stages
	codes     []codeRange   // empty: any
	statuses  []statusRange // empty: any
	providers []string      // empty: any
	phrases   []phrase      // empty: any text
	except    []phrase

	exceptNeeds [][]opening
}

// codeRange is inclusive; 0 is text that came without a code.
type codeRange struct{ low, high int }

// statusRange matches enhanced codes; class 0 is any class.
type statusRange struct{ class, subject, low, high int }

// fits tells whether the columns before the text allow the question.
func (r *rule) fits(q *question) bool {
	return r.stages&q.stage != 0 && r.hasCode(q.code) && r.hasStatus(q.status) &&
		(len(r.providers) == 0 || slices.Contains(r.providers, q.provider))
}

func (r *rule) hasCode(code int) bool {
	for _, c := range r.codes {
		if c.low <= code && code <= c.high {
			return true
		}
	}
	return len(r.codes) == 0
}

func (r *rule) hasStatus(s status) bool {
	for _, want := range r.statuses {
		if s.in(want) {
			return true
		}
	}
	return len(r.statuses) == 0
}

func (s status) in(r statusRange) bool {
	return s.class != 0 && (r.class == 0 || r.class == s.class) && r.subject == s.subject && r.low <= s.detail && s.detail <= r.high
}

// parseHead reads "name | stages | codes | enhanced | provider | meaning".
func parseHead(line string) (*rule, error) {
	cols := strings.Split(line, "|")
	if len(cols) != 6 {
		return nil, fmt.Errorf("%d columns, want 6: name | stages | codes | enhanced | provider | meaning", len(cols))
	}
	for i := range cols {
		cols[i] = strings.TrimSpace(cols[i])
	}
	r := &rule{name: Rule(cols[0]), meaning: Meaning(cols[5])}
	if r.name == "" || !slices.Contains(Meanings[:], r.meaning) {
		return nil, fmt.Errorf("rule %q: no such meaning %q", r.name, r.meaning)
	}
	for _, column := range [...]struct {
		text string
		add  func(string) error
	}{{cols[1], r.addStage}, {cols[2], r.addCode}, {cols[3], r.addStatus}, {cols[4], r.addProvider}} {
		for field := range strings.FieldsSeq(column.text) {
			if err := column.add(field); err != nil {
				return nil, fmt.Errorf("rule %s: %w", r.name, err)
			}
		}
		if column.text == "" {
			return nil, fmt.Errorf("rule %s: an empty column; * says any", r.name)
		}
	}
	return r, r.safe()
}

func (r *rule) addStage(field string) error {
	switch bit := stageBit(smtp.Stage(field)); {
	case field == "*":
		r.stages |= early | late
	case field == "early":
		r.stages |= early
	case field == "late":
		r.stages |= late
	case bit != 0:
		r.stages |= bit
	default:
		return fmt.Errorf("no such stage %q", field)
	}
	return nil
}

// addCode reads "550", "5xx", "520-529", "none" or "*".
func (r *rule) addCode(field string) error {
	if field == "*" {
		return nil
	}
	if field == "none" {
		r.codes = append(r.codes, codeRange{})
		return nil
	}
	low, high, found := strings.Cut(strings.ReplaceAll(field, "xx", "00"), "-")
	if !found {
		high = strings.ReplaceAll(field, "xx", "99")
	}
	first, err1 := strconv.Atoi(low)
	last, err2 := strconv.Atoi(high)
	if err1 != nil || err2 != nil || first < 100 || last < first || last > 999 {
		return fmt.Errorf("no such code %q", field)
	}
	r.codes = append(r.codes, codeRange{first, last})
	return nil
}

// addStatus reads "5.1.1", "x.1.1", "5.7.606-649", "x.7.*" or "*".
func (r *rule) addStatus(field string) error {
	if field == "*" {
		return nil
	}
	parts := strings.Split(field, ".")
	if len(parts) != 3 || !slices.Contains([]string{"x", "2", "4", "5"}, parts[0]) {
		return fmt.Errorf("no such enhanced code %q", field)
	}
	class, _ := strconv.Atoi(parts[0]) // 0 for x: any class
	low, high, found := strings.Cut(parts[2], "-")
	switch {
	case parts[2] == "*":
		low, high = "0", "999"
	case !found:
		high = low
	}
	subject, err1 := strconv.Atoi(parts[1])
	first, err2 := strconv.Atoi(low)
	last, err3 := strconv.Atoi(high)
	if err1 != nil || err2 != nil || err3 != nil || last < first {
		return fmt.Errorf("no such enhanced code %q", field)
	}
	r.statuses = append(r.statuses, statusRange{class, subject, first, last})
	return nil
}

func (r *rule) addProvider(field string) error {
	if field != "*" {
		r.providers = append(r.providers, field)
	}
	return nil
}

// safe refuses a rule that could condemn an address for what is not about it:
// meanings about the recipient stand only where a recipient has been named, and
// those that end in a verdict of undeliverable name the codes they hold for.
func (r *rule) safe() error {
	if !r.meaning.aboutRecipient() {
		return nil
	}
	if r.stages&early != 0 {
		return fmt.Errorf("rule %s: %s cannot be said before RCPT", r.name, r.meaning)
	}
	if len(r.codes) == 0 {
		return fmt.Errorf("rule %s: %s needs the codes it holds for", r.name, r.meaning)
	}
	return nil
}
