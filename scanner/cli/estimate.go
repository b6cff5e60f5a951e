package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// ratePeriod is over what time a rate is measured: long enough that it does not
// jump, short enough to tell that a run has slowed down.
const ratePeriod = 30 * time.Second

// estimate makes a rate and the time left of what a run counts.
type estimate struct {
	watch   *scanner.Counters
	started time.Time
	samples []sample // of the last ratePeriod, the oldest first
}

type sample struct {
	at   time.Time
	done int64
}

// figures are what is told of a run at one moment.
type figures struct {
	elapsed    time.Duration
	rows, done int64
	rate       float64       // rows a second
	left       time.Duration // 0 where it cannot be told
	deferred   int
	known      bool // how many rows there are is known
}

func newEstimate(watch *scanner.Counters, now time.Time) *estimate {
	return &estimate{watch: watch, started: now, samples: []sample{{at: now}}}
}

// look takes a sample. Done are rows that are answered, though rows before them
// may keep them from being written; rows put off are waited for.
func (e *estimate) look(now time.Time) figures {
	f := figures{elapsed: now.Sub(e.started), rows: e.watch.Rows.Load(), done: e.watch.Done.Load(), known: e.watch.ReadAll.Load()}
	backlog, kept := e.watch.Backlog()
	if kept && f.known {
		f.done = max(f.done, f.rows-int64(backlog.Open))
	}
	f.deferred = backlog.Deferred
	for len(e.samples) > 1 && now.Sub(e.samples[1].at) >= ratePeriod {
		e.samples = e.samples[1:]
	}
	first := e.samples[0]
	if e.samples = append(e.samples, sample{now, f.done}); now.After(first.at) {
		f.rate = float64(f.done-first.done) / now.Sub(first.at).Seconds()
	}
	if f.known && f.rate > 0 {
		f.left = time.Duration(float64(max(f.rows-f.done-int64(f.deferred), 0)) / f.rate * float64(time.Second))
	}
	if f.deferred > 0 {
		f.left = max(f.left, backlog.LastDue.Sub(now))
	}
	return f
}

// rates are the rate and the time left, where they can be told.
func (f figures) rates() string {
	words := fmt.Sprintf("%s/s", amount(f.rate))
	if f.left > 0 {
		words += ", " + f.left.Round(time.Second).String() + " left"
	}
	return words
}

func amount(rate float64) string {
	if rate < 10 {
		return fmt.Sprintf("%.1f", rate)
	}
	return fmt.Sprintf("%.0f", rate)
}

// busy is what goes on: conversations, and rows put off.
func busy(watch *scanner.Counters, f figures) string {
	words := count(watch.Open.Load(), "conversation") + " open"
	if f.deferred > 0 {
		words += fmt.Sprintf(", %d waiting", f.deferred)
	}
	return words
}

// verdicts are those written so far: "812 deliverable, 3 risky".
func verdicts(watch *scanner.Counters) string {
	var words []string
	for _, word := range judge.Words {
		if n := watch.Verdict(word); n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, word))
		}
	}
	return strings.Join(words, ", ")
}
