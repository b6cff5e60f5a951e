package job

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/mxvet/mxvet/scanner"
)

// attempt is a row of attempts.
type attempt struct {
	work    int64
	n       int
	outcome string
}

// attemptsAtOnce is how many rows one statement writes: the price of a
// statement is more than that of a row.
const attemptsAtOnce = 16

func (f *file) addAttempts(rows []attempt) error {
	for some := range slices.Chunk(rows, attemptsAtOnce) {
		args := make([]any, 0, 3*attemptsAtOnce)
		for _, row := range some {
			args = append(args, row.work, row.n, row.outcome)
		}
		if _, err := f.exec("INSERT OR IGNORE INTO attempts (work, n, outcome) VALUES (?, ?, ?)"+strings.Repeat(", (?, ?, ?)", len(some)-1), args...); err != nil {
			return err
		}
	}
	return nil
}

// settle marks work as having nothing more to be asked.
func (f *file) settle(work []int64) error {
	if len(work) == 0 {
		return nil
	}
	list, err := json.Marshal(work)
	if err != nil {
		return err
	}
	_, err = f.exec("UPDATE work SET settled = 1 WHERE id IN (SELECT value FROM json_each(?))", string(list))
	return err
}

// news is a fact with its outcomes as they are stored.
type news struct {
	scanner.Fact
	outcomes []string
}

// encodeFacts is done before the store is locked: it is most of the work.
func encodeFacts(facts []scanner.Fact) ([]news, error) {
	all := make([]news, len(facts))
	for i, fact := range facts {
		all[i] = news{Fact: fact, outcomes: make([]string, len(fact.Attempts))}
		for n, o := range fact.Attempts {
			text, err := encodeOutcome(o)
			if err != nil {
				return nil, err
			}
			all[i].outcomes[n] = text
		}
	}
	return all, nil
}
