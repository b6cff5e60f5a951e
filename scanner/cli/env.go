package cli

import (
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// fromEnvironment gives every flag that was not given the value of its
// environment variable: --mail-from is MXVET_MAIL_FROM. Lists are divided by
// spaces or commas.
func fromEnvironment(cmd *cobra.Command, _ []string) error {
	var wrong error
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		value := os.Getenv(variable(flag.Name))
		if flag.Changed || value == "" || wrong != nil {
			return
		}
		if err := flag.Value.Set(value); err != nil {
			wrong = usage("%s=%s: %v", variable(flag.Name), value, err)
			return
		}
		flag.Changed = true
	})
	return wrong
}

func variable(flag string) string {
	return "MXVET_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}
