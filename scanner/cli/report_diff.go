package cli

import (
	"errors"
	"io"

	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/scanner"
)

// compare shows what is not as it was in an older run.
func (r *stored) compare(env *environment, newer *storedRun) error {
	older, err := openRun(env, r.diff)
	if err != nil {
		return err
	}
	defer older.close()
	if older.outline.Kind != newer.outline.Kind {
		return usage("--diff: %s and %s are not of one kind", newer.name, older.name).hint("compare a scan with a scan, a verification with a verification")
	}
	after, err := r.verdicts(newer)
	if err != nil {
		return err
	}
	before, err := r.verdicts(older)
	if err != nil {
		return err
	}
	format, err := r.formatName()
	if err != nil {
		return err
	}
	if format != "table" && format != "jsonl" {
		return usage("--diff is shown as a table or as JSON lines").hint("--format table or --format jsonl")
	}
	to, err := r.open(env, []string{newer.path, older.path})
	if err != nil {
		return err
	}
	defer to.close()
	changes := report.Diff(before, after)
	if format == "jsonl" {
		err = report.WriteChangesJSONL(to, changes)
	} else {
		err = report.WriteChanges(to, changes, report.TableOptions{Width: to.width, Colour: to.colour})
	}
	if err != nil {
		return unwritable(r.name(), err)
	}
	return to.keep()
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
