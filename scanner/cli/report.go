package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// stored is the command `mxvet report`.
type stored struct {
	output
	judging
	rejudge bool
	diff    string
}

func newReport(env *environment) *cobra.Command {
	r := new(stored)
	cmd := &cobra.Command{
		Use:   "report run.jsonl [--format form] [-o file] [--diff old.jsonl]",
		Short: "Show again, judge again or compare what a run stored",
		Long:  reportHelp,
		RunE:  func(cmd *cobra.Command, args []string) error { return r.run(cmd.Context(), env, args) },
	}
	under(cmd, whatToLookAt, func(f *pflag.FlagSet) {
		f.BoolVar(&r.rejudge, "rejudge", false, "read replies, give verdicts and tell domains apart by today's rules, from the stored facts; nobody is asked")
		f.StringVar(&r.diff, "diff", "", "show what changed since the run in this `file`")
	})
	r.output.flags(cmd, auditForms[:]...)
	r.output.splitFlag(cmd)
	r.output.groupFlag(cmd)
	r.judging.flags(cmd)
	under(cmd, howToTell, func(f *pflag.FlagSet) {
		f.StringSliceVar(&r.failOn, "fail-on", nil, "exit with 3 if there is such a `word`: of a scan a severity (that one or worse) or inconclusive, of a verification a verdict or reason; with --diff only what is new counts")
	})
	return cmd
}

func (r *stored) run(ctx context.Context, env *environment, args []string) error {
	if len(args) != 1 {
		return usage("want one file of JSON lines, got %d", len(args)).hint("mxvet scan or verify with -o run.jsonl makes one; - is standard input")
	}
	run, err := openRun(env, args[0])
	if err != nil {
		return err
	}
	defer run.close()
	if err := r.check(run); err != nil {
		return err
	}
	perRow := int64(reportPerRow)
	if r.diff != "" {
		perRow = diffPerRow
	}
	saveMemory(reportMemory, perRow*run.outline.Rows)
	run.warn(env, r.quiet)
	if r.diff != "" {
		return r.compare(ctx, env, run)
	}
	if run.outline.Kind == report.Servers {
		return r.audit(ctx, env, run)
	}
	alarm := &alarm{words: r.failOn}
	row, err := r.tell(ctx, env, nil, args, r.csv(run), alarm, func(sink scanner.Sink) (*scanner.RunRow, error) {
		return run.retell(ctx, r.rejudge, sink)
	})
	return ended(row, err, alarm)
}

// audit makes findings anew, as of the time of the run.
func (r *stored) audit(ctx context.Context, env *environment, run *storedRun) error {
	options, err := r.judging.options(run.outline.At)
	if err != nil {
		return err
	}
	var judged *audited
	row, err := r.tell(ctx, env, nil, []string{run.path}, r.csv(run), nil, func(sink scanner.Sink) (*scanner.RunRow, error) {
		judged = r.judging.over(sink, options)
		row, err := run.retell(ctx, r.rejudge, judged)
		if err != nil {
			return nil, err
		}
		return row, judged.finish()
	})
	if err := ended(row, err, nil); err != nil {
		return err
	}
	return judged.end()
}

func (r *stored) csv(run *storedRun) report.CSVOptions {
	return report.CSVOptions{Columns: run.outline.Columns, Kind: run.outline.Kind}
}

// check holds the flags against what is in the file.
func (r *stored) check(run *storedRun) error {
	format, err := r.formatName()
	if err != nil {
		return err
	}
	audit := run.outline.Kind == report.Servers
	switch {
	case run.outline.Rows == 0:
		return failed("%s: holds no whole row", run.name).hint("give what --format jsonl wrote")
	case r.diff != "" && r.split != "":
		return usage("--diff has no verdicts to split").hint("leave --split out")
	case r.diff != "" && r.groupBy != "":
		return usage("--diff is told in one piece").hint("leave --group-by out")
	case audit && r.split != "":
		return usage("%s holds a scan, which has no verdicts to split", run.name).hint("--group-by COLUMN -o FOLDER writes a file for each value of a column")
	case !audit && (r.expect != "" || r.baseline != ""):
		return usage("%s holds verdicts; --expect and --baseline are for scans", run.name).hint("leave them out; --fail-on takes verdicts and reasons")
	case !audit && slices.Contains(auditForms[:], format) && format != "prometheus" && r.diff == "":
		return usage("%s holds verdicts, and --format %s is for scans", run.name, format).hint("table, csv, jsonl, html or prometheus")
	}
	if err := r.checkWords(run.name, audit); err != nil || r.diff != "" {
		return err
	}
	return r.checkGroup(run.outline.Columns)
}

// checkWords tells the two vocabularies of --fail-on apart.
func (r *stored) checkWords(name string, audit bool) error {
	for _, word := range r.failOn {
		severity := word == inconclusive || scanner.Severity(word).Rank() >= 0
		verdict := judge.Reason(word).Info().Reason != "" || slices.Contains(judge.Words[:], judge.Word(word))
		switch {
		case !severity && !verdict:
			return usage("--fail-on %s: no such word", word).hint("%s; or a verdict or reason", strings.Join(severities(), ", "))
		case audit && !severity:
			return usage("--fail-on %s: %s holds a scan, which has no verdicts", word, name).hint("%s", strings.Join(severities(), ", "))
		case !audit && !verdict:
			return usage("--fail-on %s: %s holds verdicts, which have no severity", word, name).hint("deliverable, risky, undeliverable, unknown, or a reason such as mailbox_unknown")
		}
	}
	return nil
}

const reportHelp = `Show again, judge again or compare what a run stored.

  mxvet verify -f list.csv -o run.jsonl
  mxvet report run.jsonl
  mxvet report run.jsonl --format csv -o verdicts.csv
  mxvet report run.jsonl --rejudge -o rejudged.jsonl
  mxvet report run.jsonl --diff last-month.jsonl

  mxvet scan -f domains.csv -o audit.jsonl
  mxvet report audit.jsonl -o audit.html
  mxvet report audit.jsonl --group-by owner --format html -o reports
  mxvet report audit.jsonl --expect policy.toml --fail-on high
  mxvet report audit.jsonl --baseline known.jsonl -o new-findings.csv
  mxvet report audit.jsonl --diff last-month.jsonl --fail-on medium

JSON lines keep every fact, so that a run can be shown in another form, or
judged by the rules of a newer mxvet, without asking anybody again. The findings
of a scan are always made anew, by the checks of this mxvet and as of the day of
the scan; verdicts are with --rejudge.

With --diff both runs are judged alike. Of verdicts those are shown that are not
what they were, and why. Of findings: new, changed (another severity, or other
facts), gone, and not_measured: what was found before, and could not be looked
at this time, since the server did not answer, DNS failed, the scan did not ask
for it, or the domain is not in it. That is never taken for mended.

A --baseline is an earlier run, of which all findings are accepted: they are
marked as known, and --fail-on passes over them.`
