package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/job"
)

// rewrite is the command `mxvet jobs write`. Of verify's flags it has those
// whose files a job knows by fingerprint only.
type rewrite struct {
	output
	exclude string
	traits  []string
	earlier
}

func newJobsWrite(env *environment) *cobra.Command {
	r := new(rewrite)
	cmd := &cobra.Command{
		Use:   "write file [-o so-far.csv]",
		Short: "Write the rows of a job that are final now",
		Long:  jobsWriteHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("want one job file, got %d", len(args)).hint("mxvet jobs lists them")
			}
			return r.run(cmd.Context(), env, args[0])
		},
	}
	under(cmd, whatToLookAt, func(f *pflag.FlagSet) {
		f.StringVar(&r.exclude, "exclude", "", "the `file` that the run had")
		f.StringVar(&r.known, "known", "", "the `file` that the run had")
		f.StringArrayVar(&r.traits, "trait", nil, "the lists that the run had: `kind=file` or not-kind=file")
	})
	r.output.flags(cmd)
	r.output.splitFlag(cmd)
	return cmd
}

func (r *rewrite) run(ctx context.Context, env *environment, path string) error {
	view, err := job.Look(ctx, path)
	if err != nil {
		return unlooked(path, err)
	}
	defer view.Close()
	state, err := view.State()
	if err != nil {
		return unlooked(path, err)
	}
	s, err := r.scanner(state.Job.Flags)
	if err != nil {
		return err
	}
	forget, err := r.earlier.open(s, state.Job.Created)
	if err != nil {
		return err
	}
	defer forget()
	told := scanner.Told{Kept: view, Columns: state.Job.Columns, Partial: state.Finished < state.Rows}
	options := report.CSVOptions{Columns: state.Job.Columns, Asked: state.Job.Asked}
	row, err := r.tell(ctx, env, nil, []string{path}, options, nil, func(sink scanner.Sink) (*scanner.RunRow, error) {
		return s.Tell(ctx, told, sink)
	})
	if err != nil {
		return ended(row, err, nil)
	}
	return nil
}

// scanner is one that judges as the run's own does.
func (r *rewrite) scanner(flags []string) (*scanner.Scanner, error) {
	if err := r.sameLists(flags); err != nil {
		return nil, err
	}
	t := talk{exclude: r.exclude, allowPrivate: slices.Contains(flags, "--allow-private")}
	s := &scanner.Scanner{Policy: t.policy(), Reaches: t.reaches(), Versions: scanner.Versions{Tool: version()}}
	for _, flag := range flags {
		if method, given := strings.CutPrefix(flag, "--method "); given {
			s.Method = scanner.Method(method)
		}
	}
	if err := t.readFiles(s); err != nil {
		return nil, err
	}
	lists := standards{traits: r.traits}
	if err := lists.apply(s, false); err != nil {
		return nil, err
	}
	return s, nil
}

// sameLists refuses lists that are not those of the run: its rows would be told
// by others.
func (r *rewrite) sameLists(flags []string) error {
	var given answers
	if err := given.lists(r.exclude, r.known, r.traits); err != nil {
		return err
	}
	var had []string
	for _, flag := range flags {
		if strings.HasPrefix(flag, "--exclude ") || strings.HasPrefix(flag, "--known ") || strings.HasPrefix(flag, "--trait ") {
			had = append(had, flag)
		}
	}
	if !slices.Equal(had, given) {
		return usage("the run had other lists: %s, now %s", orNone(had, " "), orNone(given, " ")).
			hint("give --exclude, --known and --trait as they were given to mxvet verify, with the same files")
	}
	return nil
}
