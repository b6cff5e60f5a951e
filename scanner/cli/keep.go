package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/input"
	"github.com/mxvet/mxvet/scanner/job"
	"github.com/mxvet/mxvet/scanner/judge"
)

const (
	jobSuffix = ".job" // behind the name of the output
	keptRows  = 1000   // a shorter list is asked again as fast as a file is looked through
	aheadRows = 20_000 // a longer list is not held in memory beside its file
	perClaim  = 2000   // mailboxes that one conversation is given at most
)

// keeping is the flag of verify that says what becomes of the job file.
type keeping struct {
	keepJob bool
}

func (k *keeping) flags(cmd *cobra.Command) {
	under(cmd, howToTell, func(f *pflag.FlagSet) {
		f.BoolVar(&k.keepJob, "keep-job", false, "leave the job file beside -o when the run is done")
	})
}

// kept is a run's job file; nil is a run in memory.
type kept struct {
	*job.Store
	path, output string
	folder       string // of a file that nobody goes on with; removed at the end
}

// keep opens the job file of a run that is to outlive its process. A run stays
// in memory where its list is short or nobody is asked, and is not gone on with
// where what it reads or writes is a pipe, which cannot be had again. But a job
// that was begun for this output is never passed over: it goes on, or says why
// it cannot.
func (v *verify) keep(ctx context.Context, env *environment, s *scanner.Scanner, source *input.Source, args []string) (*kept, error) {
	if !v.repeatable() {
		return v.spill(ctx, s, source), nil
	}
	path := v.output.place() + jobSuffix
	_, missing := os.Stat(path)
	begun := missing == nil
	if !begun && s.Method == scanner.BySyntax {
		return nil, nil
	}
	sum, lines, err := fingerprint(args, v.inputs.files)
	if err != nil {
		return nil, err
	}
	if !begun && lines < keptRows {
		return nil, nil
	}
	flags, err := v.answering(s)
	if err != nil {
		return nil, err
	}
	options := job.Options{
		Job:      job.Job{Tool: version(), Input: sum, Flags: flags, Columns: source.Columns(), Asked: source.AddressColumn()},
		PerClaim: perClaim,
	}
	if s.Pace != nil {
		options.PerQueue = s.Pace.Conversations
	}
	if lines > aheadRows {
		saveMemory(keptMemory, keptPerRow*lines)
	} else {
		spendMemory(verifyPercent)
	}
	return v.begin(ctx, env, s, path, options, lines <= aheadRows)
}

// spill keeps the rows of a long run that cannot be begun again, because it
// reads or writes a pipe, in a file of its own, so that memory is bounded there
// too. Where that cannot be had they stay in memory.
func (v *verify) spill(ctx context.Context, s *scanner.Scanner, source *input.Source) *kept {
	if !source.Long() || s.Method == scanner.BySyntax {
		return nil
	}
	folder, err := os.MkdirTemp("", "mxvet-")
	if err != nil {
		return nil
	}
	options := job.Options{Job: job.Job{Tool: version()}, PerClaim: perClaim}
	if s.Pace != nil {
		options.PerQueue = s.Pace.Conversations
	}
	path := filepath.Join(folder, "rows"+jobSuffix)
	store, err := job.Open(ctx, path, options)
	if err != nil {
		os.RemoveAll(folder)
		return nil
	}
	s.NewStore = func() scanner.Store { return store }
	return &kept{Store: store, path: path, folder: folder}
}

func (v *verify) begin(ctx context.Context, env *environment, s *scanner.Scanner, path string, options job.Options, short bool) (*kept, error) {
	before, _ := standing(ctx, path) // before it is ours: a lock of this process would be dropped by looking at it
	store, err := job.Open(ctx, path, options)
	if err != nil {
		return nil, unopened(path, err)
	}
	s.NewStore = func() scanner.Store {
		if short {
			return store.Ahead()
		}
		return store
	}
	if store.Resumed() && !v.quiet {
		fmt.Fprintf(env.stderr, "going on with %s: %s done already\n", path, count(before.Finished, "row"))
	}
	return &kept{Store: store, path: path, output: v.output.place()}, nil
}

// began is when the run began, perhaps in a process before this one.
func (v *verify) began(ctx context.Context) time.Time {
	if v.known != "" && v.repeatable() {
		if state, ok := standing(ctx, v.output.place()+jobSuffix); ok {
			return state.Job.Created
		}
	}
	return time.Now()
}

// repeatable reports whether the run could be begun again by the same command.
func (v *verify) repeatable() bool {
	if len(v.inputs.files) == 0 || v.output.place() == "" {
		return false
	}
	if info, err := os.Stat(v.output.file); err == nil && !info.Mode().IsRegular() {
		return false
	}
	for _, file := range v.read() {
		if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
			return false
		}
	}
	return true
}

// place is the file or folder that a run writes; empty for standard output.
func (o *output) place() string {
	switch {
	case o.split != "":
		return filepath.Clean(o.split)
	case o.file == "-":
		return ""
	default:
		return o.file
	}
}

// read lists the files that a run reads.
func (v *verify) read() []string {
	files := append([]string(nil), v.inputs.files...)
	if v.exclude != "" {
		files = append(files, v.exclude)
	}
	if v.known != "" {
		files = append(files, v.known)
	}
	for _, trait := range v.traits {
		_, file, _ := strings.Cut(trait, "=")
		files = append(files, file)
	}
	return files
}

// standing is how a job stands; where it cannot be read its opening tells why.
func standing(ctx context.Context, path string) (job.State, bool) {
	view, err := job.Look(ctx, path)
	if err != nil {
		return job.State{}, false
	}
	defer view.Close()
	state, err := view.State()
	return state, err == nil
}

// unopened is the error of a job file. Those with a hint speak for themselves.
func unopened(path string, err error) error {
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		return unreadable(err)
	}
	return failed("cannot keep the run in %s: %w", path, cause(err)).hint("choose another place with -o")
}

// end removes the file of a run that is whole, and leaves any other to go on
// with. One that brought no answer before it failed is removed too, so that the
// flag it failed for may be given.
func (k *kept) end(env *environment, s *scanner.Scanner, row *scanner.RunRow, failure error, keepJob bool) error {
	switch {
	case k == nil:
		return nil
	case k.folder != "":
		k.Close() // nobody reads it again
		os.RemoveAll(k.folder)
		return nil
	case failure == nil && !row.Interrupt:
		if k.Resumed() {
			sweep(k.output)
		}
		if keepJob {
			return k.close(k.Close)
		}
		return k.close(k.Remove)
	case failure != nil && !k.Resumed() && s.Watch.Asked.Load() == 0:
		return k.close(k.Remove)
	default:
		fmt.Fprintf(env.stderr, "kept in %s: the same command goes on from here\n", k.path)
		return k.close(k.Close)
	}
}

func (k *kept) close(by func() error) error {
	if err := by(); err != nil {
		return failed("%s: %w", k.path, cause(err)).hint("mxvet jobs show %s says what is in it", k.path)
	}
	return nil
}

// sweep removes the unfinished outputs that killed processes left beside a file.
func sweep(output string) {
	if real, err := filepath.EvalSymlinks(output); err == nil {
		output = real
	}
	if info, err := os.Stat(output); err == nil && info.IsDir() {
		for _, word := range judge.Words {
			for _, format := range [...]string{"csv", "jsonl"} {
				sweep(filepath.Join(output, partName(word, format)))
			}
		}
		return
	}
	entries, err := os.ReadDir(filepath.Dir(output))
	if err != nil {
		return // they are in nobody's way
	}
	for _, entry := range entries {
		number, ours := strings.CutPrefix(entry.Name(), "."+filepath.Base(output)+".")
		if ours && number != "" && strings.Trim(number, "0123456789") == "" && entry.Type().IsRegular() {
			os.Remove(filepath.Join(filepath.Dir(output), entry.Name()))
		}
	}
}
