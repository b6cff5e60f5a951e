package cli

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/cpuguy83/go-md2man/v2/md2man"
	"github.com/spf13/cobra"
)

func newMan(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:   "man",
		Short: "Print the manual page",
		Long:  manHelp,
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := env.stdout.Write(md2man.Render(manual(cmd.Root()))); err != nil {
				return unwritable(standardOutput, err)
			}
			return nil
		},
	}
}

// manual is one page for the whole program, of the help that there is.
func manual(root *cobra.Command) []byte {
	var page bytes.Buffer
	fmt.Fprintf(&page, "%% MXVET 1\n# NAME\nmxvet - %s\n", strings.ToLower(root.Short[:1])+root.Short[1:])
	fmt.Fprintf(&page, "# DESCRIPTION\n%s\n", indented(root.Long))
	for _, cmd := range root.Commands() {
		if cmd.Name() == "completion" || cmd.Name() == "help" {
			continue
		}
		fmt.Fprintf(&page, "# MXVET %s\n**mxvet %s**\n\n%s\n", strings.ToUpper(cmd.Name()), cmd.Use, indented(cmd.Long))
		if flags := flagSections(cmd, 76); flags != "" {
			fmt.Fprintf(&page, "\n```\n%s```\n", strings.TrimPrefix(flags, "\n"))
		}
	}
	return page.Bytes()
}

// indented turns the two-space examples of the help into code.
func indented(text string) string {
	var out strings.Builder
	code := false
	for line := range strings.Lines(text) {
		example := strings.HasPrefix(line, "  ")
		if example != code {
			out.WriteString("\n```\n")
			code = example
		}
		out.WriteString(line)
	}
	if code {
		out.WriteString("\n```\n")
	}
	return out.String()
}
