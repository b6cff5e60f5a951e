package cli

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagError says what is wrong with a flag in the user's words, not in those of
// the function that could not read it.
func flagError(cmd *cobra.Command, err error) error {
	advice := cmd.CommandPath() + " --help lists the flags"
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return misread("--"+invalid.GetFlag().Name+" ", invalid.GetValue(), invalid.GetFlag(), err).hint("%s", advice)
	}
	return usage("%v", err).hint("%s", advice)
}

// misread is the error of a value that a flag does not take; name is the flag
// or its environment variable, as it stands before the value.
func misread(name, value string, flag *pflag.Flag, err error) *failure {
	switch flag.Value.Type() {
	case "int", "uintSlice":
		return usage("%s%s: not a number", name, value)
	case "age":
		return usage("%s%s: %v", name, value, errAge)
	case "duration":
		return usage("%s%s: not a time such as 30s or 2m", name, value)
	case "bool":
		return usage("%s%s: neither true nor false", name, value)
	default:
		return usage("%s%s: %v", name, value, err)
	}
}
