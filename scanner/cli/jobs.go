package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/scanner/job"
)

func newJobs(env *environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "jobs [list [folder] | show file | write file -o so-far.csv | prune file ...]",
		Short: "What of a long run is done, and what is left?",
		Long:  jobsHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("mxvet jobs has no command %q", args[0]).hint("list, show, write or prune; mxvet jobs --help")
			}
			return listJobs(cmd.Context(), env, ".")
		},
	}
	cmd.AddCommand(newJobsList(env), newJobsShow(env), newJobsWrite(env), newJobsPrune(env))
	return cmd
}

func newJobsList(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:   "list [folder]",
		Short: "List the jobs in a folder",
		Long:  jobsListHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch len(args) {
			case 0:
				return listJobs(cmd.Context(), env, ".")
			case 1:
				return listJobs(cmd.Context(), env, args[0])
			default:
				return usage("want one folder, got %d", len(args)).hint("mxvet jobs show FILE shows one job")
			}
		},
	}
}

func newJobsShow(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:   "show file",
		Short: "Show how far a job is, and what it was begun for",
		Long:  jobsShowHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("want one job file, got %d", len(args)).hint("mxvet jobs lists them")
			}
			return showJob(cmd.Context(), env, args[0])
		},
	}
}

func newJobsPrune(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:   "prune file ...",
		Short: "Remove jobs, with all that was answered",
		Long:  jobsPruneHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("no job to remove").hint("mxvet jobs lists them")
			}
			for _, path := range args {
				if err := pruneJob(cmd.Context(), path); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func pruneJob(ctx context.Context, path string) error {
	if _, err := os.Stat(path); err != nil {
		return unlooked(path, err) // before a lock is laid beside nothing
	}
	if err := job.Prune(ctx, path); err != nil {
		return unlooked(path, err)
	}
	return nil
}

// unlooked is the error of a job that cannot be read.
func unlooked(path string, err error) error {
	if hinted := unreadable(err); hinted.(*failure).advice != "" {
		return hinted
	}
	return failed("%s: %w", path, cause(err)).hint("mxvet jobs list [folder] lists the jobs there")
}

// listJobs writes a line for each file that is named as a job.
func listJobs(ctx context.Context, env *environment, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return failed("%s: %w", dir, cause(err)).hint("name the folder that the output of mxvet verify goes to")
	}
	table := tabwriter.NewWriter(env.stdout, 0, 0, 2, ' ', 0)
	found := false
	for _, entry := range entries {
		if entry.IsDir() || !strings.HasSuffix(entry.Name(), jobSuffix) {
			continue
		}
		if !found {
			fmt.Fprintln(table, "FILE\tSTATE\tROWS\tFINAL\tWAITING\tDUE\tBEGUN")
		}
		found = true
		fmt.Fprintln(table, listed(ctx, filepath.Join(dir, entry.Name())))
	}
	if !found {
		fmt.Fprintf(env.stderr, "no jobs in %s\n", dir)
	}
	return toStdout(table.Flush())
}

func listed(ctx context.Context, path string) string {
	state, err := stateOf(ctx, path)
	if err != nil {
		return report.Printable(path) + "\t" + report.Printable(strings.TrimPrefix(err.Error(), path+": "))
	}
	return fmt.Sprintf("%s\t%s\t%d\t%d\t%d\t%s\t%s", report.Printable(path), word(state), state.Rows, state.Finished, state.Deferred, when(state.NextDue), when(state.Job.Created))
}

func stateOf(ctx context.Context, path string) (job.State, error) {
	view, err := job.Look(ctx, path)
	if err != nil {
		return job.State{}, err
	}
	defer view.Close()
	return view.State()
}

// word is how a job stands.
func word(state job.State) string {
	switch {
	case state.Running:
		return "running"
	case state.Finished < state.Rows || state.Rows == 0:
		return "stopped"
	default:
		return "whole"
	}
}

// when is a moment in UTC.
func when(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

func showJob(ctx context.Context, env *environment, path string) error {
	state, err := stateOf(ctx, path)
	if err != nil {
		return unlooked(path, err)
	}
	return toStdout(describe(env.stdout, path, state))
}

func describe(w io.Writer, path string, state job.State) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(name, text string) { fmt.Fprintf(table, "%s\t%s\n", name, report.Printable(text)) }
	line("job", path)
	line("state", word(state))
	if state.Running {
		line("process", fmt.Sprint(state.Job.PID))
	}
	line("begun", when(state.Job.Created)+" by mxvet "+state.Job.Tool)
	line("rows", fmt.Sprintf("%d read, %d final, %d waiting", state.Rows, state.Finished, state.Deferred))
	if !state.NextDue.IsZero() {
		line("next due", when(state.NextDue))
	}
	line("columns", orNone(state.Job.Columns, ", "))
	line("flags", orNone(state.Job.Flags, " "))
	line("input", "sha256:"+state.Job.Input)
	return table.Flush()
}

func orNone(words []string, between string) string {
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, between)
}

// toStdout is the error of standard output, if any.
func toStdout(err error) error {
	if err != nil {
		return unwritable(standardOutput, err)
	}
	return nil
}
