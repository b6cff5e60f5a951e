package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/scanner"
)

// stored is the command `mxvet report`.
type stored struct {
	output
	rejudge bool
	diff    string
}

func newReport(env *environment) *cobra.Command {
	r := new(stored)
	cmd := &cobra.Command{
		Use:   "report run.jsonl [--rejudge] [--diff old.jsonl]",
		Short: "Show again, judge again or compare what a run stored",
		Long:  reportHelp,
		RunE:  func(cmd *cobra.Command, args []string) error { return r.run(cmd.Context(), env, args) },
	}
	under(cmd, whatToLookAt, func(f *pflag.FlagSet) {
		f.BoolVar(&r.rejudge, "rejudge", false, "give verdicts by today's rules, from the stored facts; nobody is asked")
		f.StringVar(&r.diff, "diff", "", "show what changed since the run in this `file`")
	})
	r.output.flags(cmd)
	r.output.splitFlag(cmd)
	return cmd
}

func (r *stored) run(ctx context.Context, env *environment, args []string) error {
	if len(args) != 1 {
		return usage("want one file of JSON lines, got %d", len(args)).hint("mxvet verify -f list.csv --format jsonl -o run.jsonl makes one; - is standard input")
	}
	if r.diff != "" && r.split != "" {
		return usage("--diff has no verdicts to split").hint("leave --split out")
	}
	if r.diff != "" {
		return r.compare(env, args[0])
	}
	file, err := openRun(env, args[0])
	if err != nil {
		return err
	}
	defer file.Close()
	rows, columns, err := r.rows(file)
	if columns.Kind == report.Servers && r.split != "" {
		return usage("%s holds servers, which have no verdicts to split", args[0]).hint("leave --split out")
	}
	cut := errors.Is(err, report.ErrCutOff)
	if err != nil && !cut {
		return failed("%s: %w", args[0], cause(err)).hint("give what --format jsonl wrote")
	}
	if len(rows) == 0 {
		return failed("%s: holds no whole row", args[0]).hint("give what --format jsonl wrote")
	}
	if cut && !r.quiet {
		fmt.Fprintf(env.stderr, "%s is cut off in its last line; the others are shown\n", args[0])
	}
	row, err := r.tell(ctx, env, nil, args, columns, nil, func(sink scanner.Sink) (*scanner.RunRow, error) {
		return retell(ctx, rows, sink)
	})
	return ended(row, err, nil)
}

// rows reads a whole run, so that the headings of its own columns are known. Of
// a run that was killed it returns what is whole, with report.ErrCutOff.
func (r *stored) rows(file io.Reader) (rows []scanner.Row, options report.CSVOptions, err error) {
	for row, err := range report.Read(file) {
		if err != nil {
			return rows, options, err
		}
		switch row := row.(type) {
		case *scanner.VerdictRow:
			if r.rejudge {
				row.Rejudge()
			}
			options.Columns = headings(options.Columns, row.Columns)
		case *scanner.ServerRow:
			options.Kind = report.Servers
			for _, target := range row.Targets {
				options.Columns = headings(options.Columns, target.Columns)
			}
		}
		rows = append(rows, row)
	}
	return rows, options, nil
}

func headings(known []string, columns scanner.Columns) []string {
	if len(known) > 0 {
		return known
	}
	for _, column := range columns {
		known = append(known, column.Name)
	}
	return known
}

// retell puts stored rows into a sink; the run's own row ends it.
func retell(ctx context.Context, rows []scanner.Row, sink scanner.Sink) (*scanner.RunRow, error) {
	last := &scanner.RunRow{Type: "run"}
	for _, row := range rows {
		if ctx.Err() != nil {
			last.Interrupt = true
			return last, nil
		}
		if run, ok := row.(*scanner.RunRow); ok {
			last = run
		}
		if err := sink.Put(row); err != nil {
			return nil, err
		}
	}
	last.Rows, last.Interrupt = int64(len(rows)), false
	return last, nil
}

func (r *stored) compare(env *environment, newer string) error {
	after, err := r.verdicts(env, newer)
	if err != nil {
		return err
	}
	before, err := r.verdicts(env, r.diff)
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
	to, err := r.open(env, []string{newer, r.diff})
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

func (r *stored) verdicts(env *environment, path string) ([]*scanner.VerdictRow, error) {
	file, err := openRun(env, path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	rows, err := report.ReadVerdicts(file)
	if err != nil && !errors.Is(err, report.ErrCutOff) {
		return nil, failed("%s: %w", path, cause(err)).hint("give what --format jsonl wrote")
	}
	if r.rejudge {
		for _, row := range rows {
			row.Rejudge()
		}
	}
	return rows, nil
}

func openRun(env *environment, path string) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(env.stdin), nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, failed("%s: %w", path, cause(err)).hint("give what --format jsonl wrote")
	}
	return file, nil
}

const reportHelp = `Show again, judge again or compare what a run stored.

  mxvet verify -f list.csv --format jsonl -o run.jsonl
  mxvet report run.jsonl
  mxvet report run.jsonl --format csv -o verdicts.csv
  mxvet report run.jsonl --rejudge --format jsonl -o rejudged.jsonl
  mxvet report run.jsonl --diff last-month.jsonl

JSON lines keep every reply, so that a run can be shown in another form, or
judged by the rules of a newer mxvet, without asking anybody again. With --diff
only the addresses are shown whose verdict or reason is not what it was, and
why.`
