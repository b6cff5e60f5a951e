package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// heading is what flags stand under in a command's help.
type heading string

const (
	whatToLookAt heading = "What to look at"
	whatToSend   heading = "What to send"
	howToSend    heading = "How to send"
	howToAsk     heading = "How to ask"
	whoAsks      heading = "Who asks"
	whomToTrust  heading = "Whom to trust"
	howToTell    heading = "How to tell"
	otherFlags   heading = "Flags" // of commands with few
)

var sectionOrder = [...]heading{whatToLookAt, whatToSend, howToSend, howToAsk, whoAsks, whomToTrust, howToTell, otherFlags}

// annotation is the key of a flag's heading among its annotations.
const annotation = "heading"

// under adds flags to a command below a heading, in the order given.
func under(cmd *cobra.Command, title heading, add func(*pflag.FlagSet)) {
	flags := pflag.NewFlagSet(string(title), pflag.ContinueOnError)
	flags.SortFlags = false
	add(flags)
	flags.VisitAll(func(flag *pflag.Flag) {
		flag.Annotations = map[string][]string{annotation: {string(title)}}
	})
	cmd.Flags().SortFlags = false
	cmd.Flags().AddFlagSet(flags)
}

// flagSections lists a command's flags below their headings, no line wider than
// width where words allow it. --help is left out: who reads this has found it.
func flagSections(cmd *cobra.Command, width int) string {
	sections := make(map[heading]*pflag.FlagSet)
	cmd.LocalFlags().VisitAll(func(flag *pflag.Flag) {
		title := otherFlags
		if given := flag.Annotations[annotation]; len(given) > 0 {
			title = heading(given[0])
		}
		if flag.Name == "help" {
			return
		}
		if sections[title] == nil {
			sections[title] = pflag.NewFlagSet("", pflag.ContinueOnError)
			sections[title].SortFlags = false
		}
		sections[title].AddFlag(flag)
	})
	var out strings.Builder
	for _, title := range sectionOrder {
		if flags := sections[title]; flags != nil {
			fmt.Fprintf(&out, "\n%s:\n%s", title, flags.FlagUsagesWrapped(width))
		}
	}
	return out.String()
}

// help writes what a command is for, and its flags.
func help(w io.Writer, cmd *cobra.Command) {
	width := widthOf(w)
	if width == 0 || width > 100 {
		width = 80
	}
	fmt.Fprintf(w, "%s\n%s", strings.TrimSpace(cmd.Long), flagSections(cmd, width))
}

// newHelp is `mxvet help COMMAND`, the same as `mxvet COMMAND --help`.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:    "help [command]",
		Hidden: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return usage("there is no command %q", strings.Join(args, " ")).hint("mxvet --help lists the commands")
			}
			return about.Help()
		},
	}
}
