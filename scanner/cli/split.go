package cli

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
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

// divided is a folder with a file for each verdict, written beside their places
// and moved there by keep.
type divided struct {
	dir   string
	root  *os.Root
	parts map[judge.Word]*part
}

// part is the file of one verdict on its way.
type part struct {
	name, aside string
	file        *os.File
	buffer      *bufio.Writer
}

// openSplit finds out before the run whether the files can be written.
func (o *output) openSplit(format string, inputs []string) (*divided, error) {
	d := &divided{dir: filepath.Clean(o.split), parts: make(map[judge.Word]*part)}
	for _, word := range judge.Words {
		for _, in := range inputs {
			if path := filepath.Join(d.dir, partName(word, format)); same(in, path) {
				return nil, usage("--split %s would replace its own input %s", o.split, path).hint("name another folder")
			}
		}
	}
	if err := os.Mkdir(d.dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, d.unwritable(err)
	}
	var err error
	if d.root, err = os.OpenRoot(d.dir); err != nil {
		return nil, d.unwritable(err)
	}
	for _, word := range judge.Words {
		if d.parts[word], err = d.begin(partName(word, format)); err != nil {
			d.close()
			return nil, d.unwritable(err)
		}
	}
	return d, nil
}

func partName(word judge.Word, format string) string { return string(word) + "." + format }

// begin makes a file that only its owner reads.
func (d *divided) begin(name string) (*part, error) {
	p := &part{name: name, aside: fmt.Sprintf(".%s.%d", name, rand.Uint32())}
	var err error
	if p.file, err = d.root.OpenFile(p.aside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
		return nil, err
	}
	p.buffer = bufio.NewWriterSize(p.file, 64<<10)
	return p, nil
}

func (d *divided) unwritable(err error) error {
	return failed("cannot write to %s: %w", d.dir, cause(err)).hint("choose another folder with --split")
}

func (d *divided) writer(format string, csv report.CSVOptions) report.Writer {
	to := make(map[judge.Word]report.Writer)
	for word, p := range d.parts {
		if format == "jsonl" {
			to[word] = report.NewJSONL(p.buffer)
		} else {
			to[word] = report.NewCSV(p.buffer, csv)
		}
	}
	return report.NewSplit(to)
}

// keep ends files that are whole, all of them before the first takes its place.
func (d *divided) keep() error {
	for _, p := range d.parts {
		err := p.buffer.Flush()
		if closed := p.file.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return d.unwritable(err)
		}
	}
	for word, p := range d.parts {
		if err := d.root.Rename(p.aside, p.name); err != nil {
			return d.unwritable(err)
		}
		delete(d.parts, word)
	}
	return nil
}

// close drops files that were not kept.
func (d *divided) close() {
	for _, p := range d.parts {
		if p != nil {
			p.file.Close()
			d.root.Remove(p.aside)
		}
	}
	d.root.Close()
}

// screenful: files fill no screen.
func (d *divided) screenful() int64 { return 0 }
