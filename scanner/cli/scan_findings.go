package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/report/audit"
	"github.com/mxvet/mxvet/scanner"
)

// judging is the flags of commands that make findings of facts.
type judging struct {
	expect   string
	baseline string
	failOn   []string
}

// inconclusive is the word of --fail-on for what could not be measured.
const inconclusive = "inconclusive"

func (j *judging) flags(cmd *cobra.Command) {
	under(cmd, howToTell, func(f *pflag.FlagSet) {
		f.StringVar(&j.expect, "expect", "", "`file` in TOML with severities of your own and what you expect of which domains")
		f.StringVar(&j.baseline, "baseline", "", "findings in this `file` of an earlier run (JSON lines) are known and accepted")
	})
}

// failOnSeverity is for commands whose --fail-on has no other meaning.
func (j *judging) failOnSeverity(cmd *cobra.Command) {
	under(cmd, howToTell, func(f *pflag.FlagSet) {
		f.StringSliceVar(&j.failOn, "fail-on", nil, "exit with 3 if a finding is of this `severity` or worse, or inconclusive if a server or domain could not be measured")
	})
	choices(cmd, "fail-on", severities()...)
}

// severities are the words of --fail-on, the worst first.
func severities() (words []string) {
	for _, severity := range slices.Backward(scanner.Severities[:]) {
		words = append(words, string(severity))
	}
	return append(words, inconclusive)
}

// audited makes findings of the rows that pass, and tells them too.
type audited struct {
	sink    scanner.Sink
	auditor *audit.Auditor
	counts  map[string]int
	told    map[string][]string // checks that found something in a domain's own zone
	least   int                 // rank of the severity that rings; above all where none does
	unsure  bool
	rang    bool

	finished bool
}

// over puts findings between a run and its sink.
func (j *judging) over(sink scanner.Sink, options audit.Options) *audited {
	a := newAudited(sink, options)
	for _, word := range j.failOn {
		if word == inconclusive {
			a.unsure = true
		} else {
			a.least = min(a.least, scanner.Severity(word).Rank())
		}
	}
	return a
}

func newAudited(sink scanner.Sink, options audit.Options) *audited {
	return &audited{sink: sink, auditor: audit.New(options), counts: make(map[string]int), told: make(map[string][]string), least: len(scanner.Severities)}
}

// options reads the files that the flags name.
func (j *judging) options(now time.Time) (options audit.Options, err error) {
	options.Now = now
	for _, word := range j.failOn {
		if word != inconclusive && scanner.Severity(word).Rank() < 0 {
			return options, usage("--fail-on %s: no such severity", word).hint("%s", strings.Join(severities(), ", "))
		}
	}
	if j.expect != "" {
		file, err := os.Open(j.expect)
		if err != nil {
			return options, failed("--expect %s: %w", j.expect, cause(err)).hint("look at the name, and at the folder you are in")
		}
		defer file.Close()
		if options.Policy, err = audit.ReadPolicy(file); err != nil {
			failure := explained(exitUsage, "", err)
			failure.text = "--expect " + j.expect + ": " + failure.text
			return options, failure
		}
	}
	if j.baseline != "" {
		file, err := os.Open(j.baseline)
		if err != nil {
			return options, failed("--baseline %s: %w", j.baseline, cause(err)).hint("give what --format jsonl wrote")
		}
		defer file.Close()
		if options.Baseline, err = audit.ReadBaseline(file); err != nil {
			return options, failed("--baseline %s: %w", j.baseline, err).hint("give what --format jsonl wrote")
		}
	}
	return options, nil
}

func (a *audited) Put(row scanner.Row) error {
	if a.unsure && !a.rang {
		_, a.rang = report.Unmeasured(row)
	}
	switch row := row.(type) {
	case *scanner.FindingRow:
		return nil // of an earlier judgement
	case *scanner.RunRow:
		if err := a.finish(); err != nil {
			return err
		}
		row.Findings = a.counts
		return a.sink.Put(row)
	}
	if err := a.sink.Put(row); err != nil {
		return err
	}
	for _, finding := range a.auditor.Put(row) {
		if slices.Contains(a.told[finding.Domain], finding.ID) {
			continue // of another line that names the domain
		}
		a.told[finding.Domain] = append(a.told[finding.Domain], finding.ID)
		if err := a.tell(finding); err != nil {
			return err
		}
	}
	return nil
}

// finish tells what waited for the last row. A run that was killed has no row of
// its own to come before.
func (a *audited) finish() error {
	if a.finished {
		return nil
	}
	a.finished = true
	for finding := range a.auditor.Close() {
		if err := a.tell(finding); err != nil {
			return err
		}
	}
	return nil
}

// end is how a command ends whose findings have been told.
func (a *audited) end() error {
	if a.rang {
		return errFound
	}
	return nil
}

func (a *audited) tell(finding *scanner.FindingRow) error {
	if !finding.Accepted {
		a.counts[string(finding.Severity)]++
		a.rang = a.rang || finding.Severity.Rank() >= a.least
	}
	return a.sink.Put(finding)
}

// listChecks writes what may be found: a table, JSON lines, or documentation.
func listChecks(w io.Writer, format string) error {
	switch format {
	case "markdown":
		return audit.WriteMarkdown(w)
	case "jsonl":
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		for _, check := range audit.Checks() {
			if err := encoder.Encode(check); err != nil {
				return err
			}
		}
		return nil
	case "", "table":
		var page strings.Builder
		table := tabwriter.NewWriter(&page, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "SEVERITY\tCHECK\tWHAT IS WRONG\tNEEDS")
		for _, check := range audit.Checks() {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", check.Severity, check.ID, check.Title, check.Needs)
		}
		table.Flush()
		for line := range strings.Lines(page.String()) {
			if _, err := io.WriteString(w, strings.TrimRight(line, " \n")+"\n"); err != nil {
				return err
			}
		}
		return nil
	default:
		return usage("--checks cannot be written as %s", format).hint("--format table, jsonl or markdown")
	}
}
