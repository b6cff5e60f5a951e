package cli

import (
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/scanner/judge"
)

// splitFlag is for commands whose rows are verdicts.
func (o *output) splitFlag(cmd *cobra.Command) {
	under(cmd, howToTell, func(f *pflag.FlagSet) {
		f.StringVar(&o.split, "split", "", "write a file for each verdict into `folder`: deliverable.csv, risky.csv ...")
	})
}

// divided is a folder with a file for each verdict.
type divided struct{ bundle }

// openSplit finds out before the run whether the files can be written.
func (o *output) openSplit(format string, inputs []string) (*divided, error) {
	d := &divided{bundle{dir: filepath.Clean(o.split), flag: "--split"}}
	for _, word := range judge.Words {
		for _, in := range inputs {
			if path := filepath.Join(d.dir, partName(word, format)); same(in, path) {
				return nil, usage("--split %s would replace its own input %s", o.split, path).hint("name another folder")
			}
		}
	}
	if err := d.open(); err != nil {
		return nil, err
	}
	for _, word := range judge.Words {
		p, err := d.begin(partName(word, format))
		if err != nil {
			d.close()
			return nil, d.unwritable(err)
		}
		d.parts[string(word)] = p
	}
	return d, nil
}

func partName(word judge.Word, format string) string { return string(word) + "." + format }

func (d *divided) writer(format string, csv report.CSVOptions) report.Writer {
	to := make(map[judge.Word]report.Writer)
	for word, p := range d.parts {
		to[judge.Word(word)] = newWriter(p.buffer, format, look{width: fileWidth}, csv)
	}
	return report.NewSplit(to)
}
