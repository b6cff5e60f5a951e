package cli

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mxvet/mxvet/report"
)

// groupsMost is how many owners may have a report of their own: each has a file
// open until the end.
const groupsMost = 500

// groupFlag is for commands whose rows have columns of the user's.
func (o *output) groupFlag(cmd *cobra.Command) {
	under(cmd, howToTell, func(f *pflag.FlagSet) {
		f.StringVar(&o.groupBy, "group-by", "", "write a file for each value of this `column` of the input into the folder -o, as for each owner")
	})
}

// checkGroup finds out before the run whether there is such a column.
func (o *output) checkGroup(columns []string) error {
	switch {
	case o.groupBy == "":
		return nil
	case len(columns) == 0:
		return usage("--group-by %s: the input has no columns", o.groupBy).hint("a CSV file with headings has, or JSON lines")
	case !slices.Contains(columns, o.groupBy):
		return usage("--group-by %s: the input has no such column", o.groupBy).hint("its columns are %s", strings.Join(columns, ", "))
	case o.file == "" || o.file == "-":
		return usage("--group-by wants a folder").hint("-o reports")
	default:
		return nil
	}
}

// grouped is a folder with a file for each value of a column.
type grouped struct {
	bundle
	column, format string
	names          map[string]bool // of files
}

func (o *output) openGroups(format string) (*grouped, error) {
	g := &grouped{column: o.groupBy, format: format, names: make(map[string]bool)}
	g.dir, g.flag = filepath.Clean(o.file), "-o"
	return g, g.open()
}

func (g *grouped) writer(format string, csv report.CSVOptions) report.Writer {
	return report.NewGroups(g.column, func(owner string) (report.Writer, error) {
		if len(g.parts) >= groupsMost {
			return nil, usage("--group-by %s: more than %d values in that column", g.column, groupsMost).hint("a column with fewer, as of departments")
		}
		p, err := g.begin(g.nameOf(owner))
		if err != nil {
			return nil, err
		}
		g.parts[owner] = p
		return newWriter(p.buffer, format, look{width: fileWidth}, csv), nil
	})
}

// nameOf makes a file's name of what is in a cell: no path, no hidden file, and
// none that is there already.
func (g *grouped) nameOf(owner string) string {
	base := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.' || r == '@' {
			return r
		}
		return '_'
	}, owner)
	base = strings.TrimLeft(base[:min(len(base), 80)], ".")
	if base == "" {
		base = "none"
	}
	name := base + "." + forms[g.format]
	for n := 2; g.names[strings.ToLower(name)]; n++ {
		name = fmt.Sprintf("%s_%d.%s", base, n, forms[g.format])
	}
	g.names[strings.ToLower(name)] = true
	return name
}
