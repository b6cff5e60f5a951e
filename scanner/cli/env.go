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
		if flag.Changed || value == "" || wrong != nil || flag.Name == "help" || flag.Name == "version" {
			return
		}
		if err := flag.Value.Set(commas(flag, value)); err != nil {
			wrong = misread(variable(flag.Name)+"=", value, flag, err).hint("%s --help lists the flags", cmd.CommandPath())
			return
		}
		flag.Changed = true
	})
	return wrong
}

// commas divides a list the way its flag does. A file's name may have blanks.
func commas(flag *pflag.Flag, value string) string {
	if !strings.HasSuffix(flag.Value.Type(), "Slice") {
		return value
	}
	return strings.Join(strings.FieldsFunc(value, func(r rune) bool { return r == ' ' || r == ',' }), ",")
}

func variable(flag string) string {
	return "MXVET_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}
