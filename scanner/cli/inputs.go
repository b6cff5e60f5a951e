package cli

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mxvet/mxvet/scanner/input"
)

// inputs is the flags that say what to look at.
type inputs struct {
	files  []string
	column string
}

func (in *inputs) flags(cmd *cobra.Command, what string) {
	under(cmd, whatToLookAt, func(f *pflag.FlagSet) {
		f.StringArrayVarP(&in.files, "file", "f", nil, "`file` of "+what+": text, CSV or JSONL; - is standard input; repeatable")
		f.StringVar(&in.column, "column", "", "`name` or number of the column to read (default: found by name or content)")
	})
}

// take moves the argument -, which is standard input, to the files, and returns
// the others.
func (in *inputs) take(args []string) []string {
	var rest []string
	for _, arg := range args {
		if arg == "-" {
			in.files = append(in.files, arg)
		} else {
			rest = append(rest, arg)
		}
	}
	return rest
}

// open joins arguments and files into one source.
func (in *inputs) open(env *environment, args []string, want input.Kind) (*input.Source, error) {
	var sources []*input.Source
	if len(args) > 0 {
		sources = append(sources, input.Arguments(args))
	}
	for _, file := range in.files {
		source, err := input.Open(file, input.Options{Stdin: env.stdin, Column: in.column, Want: want})
		if err != nil {
			return nil, unreadable(err)
		}
		sources = append(sources, source)
	}
	if len(sources) == 1 {
		return sources[0], nil
	}
	return input.Join(sources...), nil
}

func unreadable(err error) error {
	f := failed("%w", err)
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		f.advice = hinted.Hint()
	}
	return f
}
