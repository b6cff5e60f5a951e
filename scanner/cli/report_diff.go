package cli

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/scanner"
)

// compare shows what is not as it was in an older run.
func (r *stored) compare(ctx context.Context, env *environment, newer *storedRun) error {
	older, err := openRun(env, r.diff)
	if err != nil {
		return err
	}
	defer older.close()
	older.warn(env, r.quiet)
	if older.outline.Kind != newer.outline.Kind {
		return usage("--diff: %s and %s are not of one kind", newer.name, older.name).hint("compare a scan with a scan, a verification with a verification")
	}
	forms, change := []string{"table", "jsonl"}, r.verdictChanges
	if newer.outline.Kind == report.Servers {
		forms, change = []string{"table", "jsonl", "markdown"}, r.findingChanges
	}
	format, err := r.diffFormat(forms)
	if err != nil {
		return err
	}
	write, rang, err := change(ctx, older, newer, format)
	if err != nil {
		return err
	}
	to, err := r.open(env, []string{newer.path, older.path})
	if err != nil {
		return err
	}
	defer to.close()
	if err := write(to, report.TableOptions{Width: to.width, Colour: to.colour}); err != nil {
		return unwritable(r.name(), err)
	}
	if err := to.keep(); err != nil {
		return err
	}
	if rang {
		return errFound
	}
	return nil
}

func (r *stored) diffFormat(forms []string) (string, error) {
	format, err := r.formatName()
	if err != nil {
		return "", err
	}
	for _, form := range forms {
		if form == format {
			return format, nil
		}
	}
	last := len(forms) - 1
	return "", usage("--diff cannot be written as %s", format).hint("--format %s or %s", strings.Join(forms[:last], ", "), forms[last])
}

// telling writes a comparison.
type telling func(w io.Writer, options report.TableOptions) error

func (r *stored) verdictChanges(_ context.Context, older, newer *storedRun, format string) (telling, bool, error) {
	after, err := r.verdicts(newer)
	if err != nil {
		return nil, false, err
	}
	before, err := r.verdicts(older)
	if err != nil {
		return nil, false, err
	}
	changes := report.Diff(before, after)
	alarm := &alarm{words: r.failOn}
	for _, change := range changes {
		alarm.see(&scanner.VerdictRow{Verdict: change.After.Verdict, Reason: change.After.Reason})
	}
	return func(w io.Writer, options report.TableOptions) error {
		if format == "jsonl" {
			return report.WriteChangesJSONL(w, changes)
		}
		return report.WriteChanges(w, changes, options)
	}, alarm.rang, nil
}

func (r *stored) verdicts(run *storedRun) ([]*scanner.VerdictRow, error) {
	if _, err := run.file.Seek(0, io.SeekStart); err != nil {
		return nil, run.unreadable(err)
	}
	rows, err := report.ReadVerdicts(run.file)
	if err != nil && !errors.Is(err, report.ErrCutOff) {
		return nil, run.unreadable(err)
	}
	if r.rejudge {
		for _, row := range rows {
			row.Rejudge()
		}
	}
	return rows, nil
}

// findingChanges judges both scans by today's checks and one policy, each as of
// its own day.
func (r *stored) findingChanges(ctx context.Context, older, newer *storedRun, format string) (telling, bool, error) {
	options, err := r.judging.options(newer.outline.At)
	if err != nil {
		return nil, false, err
	}
	watch := r.judging.over(nil, options)
	replay := func(run *storedRun) report.Replay {
		return func(sink scanner.Sink) error {
			options.Now = run.outline.At
			judged := newAudited(sink, options)
			judged.least = watch.least
			row, err := run.retell(ctx, r.rejudge, judged)
			switch {
			case err != nil:
				return err
			case row.Interrupt:
				return errInterrupted
			}
			return judged.finish()
		}
	}
	changes, same, err := report.DiffFindings(replay(older), replay(newer))
	if err != nil {
		return nil, false, err
	}
	return func(w io.Writer, options report.TableOptions) error {
		switch format {
		case "jsonl":
			return report.WriteFindingChangesJSONL(w, changes)
		case "markdown":
			return report.WriteFindingChangesMarkdown(w, changes, same)
		}
		return report.WriteFindingChanges(w, changes, same, options)
	}, watch.rings(changes), nil
}

// rings reports whether something new is what --fail-on names. What was not
// measured is inconclusive.
func (a *audited) rings(changes []report.FindingChange) bool {
	for _, change := range changes {
		switch change.Change {
		case report.NewFinding:
			if !change.Is.Accepted && change.Is.Severity.Rank() >= a.least {
				return true
			}
		case report.NotMeasured:
			if a.unsure && !change.Was.Accepted {
				return true
			}
		}
	}
	return false
}
