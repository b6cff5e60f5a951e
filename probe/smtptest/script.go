package smtptest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// step is one line of a script.
type step struct {
	number int
	verb   string
	text   string
	expect *regexp.Regexp // C~
	wait   time.Duration  // W:
}

func (s step) String() string { return strings.TrimSpace(s.verb + " " + s.text) }

// verbs is every instruction a script knows.
var verbs = [...]string{"S:", "S<", "C:", "C~", "C|", "W:", "X:", "TLS:", "TLS!"}

func parseScript(script string) ([]step, error) {
	var steps []step
	for i, line := range strings.Split(script, "\n") {
		line = strings.TrimLeft(strings.TrimSuffix(line, "\r"), " \t")
		if line == "" || line[0] == '#' {
			continue
		}
		made, err := parseStep(line)
		if err != nil {
			return nil, fmt.Errorf("smtptest: script line %d: %w", i+1, err)
		}
		if n := len(steps); n > 0 && (steps[n-1].verb == "X:" || steps[n-1].verb == "TLS!") {
			return nil, fmt.Errorf("smtptest: script line %d: stands behind the end, %s", i+1, steps[n-1].verb)
		}
		made.number = i + 1
		steps = append(steps, made)
	}
	return steps, nil
}

func parseStep(line string) (made step, err error) {
	at := slices.IndexFunc(verbs[:], func(verb string) bool { return strings.HasPrefix(line, verb) })
	if at < 0 {
		return step{}, fmt.Errorf("%q begins with none of %s", line, strings.Join(verbs[:], " "))
	}
	made.verb = verbs[at]
	made.text = strings.TrimPrefix(line[len(made.verb):], " ")
	switch made.verb {
	case "S<":
		made.text, err = strconv.Unquote(`"` + strings.ReplaceAll(made.text, `"`, `\"`) + `"`)
	case "C~":
		made.expect, err = regexp.Compile("^(?:" + made.text + ")$")
	case "W:":
		made.wait, err = time.ParseDuration(strings.TrimSpace(made.text))
	}
	return made, err
}
