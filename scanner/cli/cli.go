// Package cli is the command line: it reads flags, builds a Scanner, and
// writes what comes out. Run is the whole program but for signals, so that
// tests run it in-process.
//
// Data goes to standard output or to -o FILE, everything else to standard
// error. A terminal gets a table and a progress bar; a pipe gets neither colour
// nor bar. Flags win over environment variables (MXVET_ and the flag's name).
// Exit statuses stand in exit.go, and errors end in a hint: line.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// Run runs one command and returns the exit status. ctx ends when the user
// interrupts.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	env := &environment{stdin: stdin, stdout: stdout, stderr: stderr}
	root := newRoot(env)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err != nil {
		complain(stderr, err)
	}
	return status(ctx, err)
}

// environment is what every command is given.
type environment struct {
	stdin          io.Reader
	stdout, stderr io.Writer
}

func newRoot(env *environment) *cobra.Command {
	root := &cobra.Command{
		Use:               "mxvet",
		Short:             "Verify e-mail addresses and audit mail servers",
		Long:              rootHelp,
		Version:           version(),
		SilenceErrors:     true,
		SilenceUsage:      true,
		PersistentPreRunE: fromEnvironment,
		RunE: func(cmd *cobra.Command, args []string) error {
			return cmd.Help()
		},
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("there is no command %q", args[0]).hint("mxvet --help lists the commands; to verify an address: mxvet verify %s", args[0])
			}
			return nil
		},
	}
	root.SetVersionTemplate("mxvet {{.Version}}\n")
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { help(env.stdout, cmd) })
	root.SetHelpCommand(newHelp())
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetUsageTemplate("Usage: {{.UseLine}}\n")
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(newVerify(env), newScan(env), newSend(env), newDoctor(env), newReport(env), newJobs(env), newExplain(env), newDemo(env), newLab(env), newMan(env), newCompletion(env))
	return root
}

// complain writes an error for a person: one line, and a hint where there is one.
func complain(w io.Writer, err error) {
	if errors.Is(err, errSilent) {
		return
	}
	fmt.Fprintf(w, "mxvet: %v\n", err)
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) && hinted.Hint() != "" {
		fmt.Fprintf(w, "hint: %s\n", hinted.Hint())
	}
}
