package cli

import (
	"bufio"
	"cmp"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/report/html"
)

// output is the flags that say how and where to tell.
type output struct {
	format  string
	file    string
	split   string   // a folder instead
	groupBy string   // -o is a folder
	forms   []string // that the command can write
	quiet   bool
}

// forms of output and the endings of their files' names.
var forms = map[string]string{
	"table": "txt", "csv": "csv", "jsonl": "jsonl", "html": "html",
	"findings": "csv", "sarif": "sarif", "junit": "xml", "markdown": "md", "prometheus": "prom",
}

// auditForms are those of findings, for commands that have any.
var auditForms = [...]string{"findings", "sarif", "junit", "markdown", "prometheus"}

// flags adds -o and --format, with forms beside those that every command has.
func (o *output) flags(cmd *cobra.Command, more ...string) {
	o.forms = append([]string{"table", "csv", "jsonl", "html"}, more...)
	under(cmd, howToTell, func(f *pflag.FlagSet) {
		f.StringVarP(&o.file, "output", "o", "", "write to `file`, whole or not at all (default: standard output)")
		f.StringVar(&o.format, "format", "", "write as `form`: "+o.formList()+" (default: by the name of -o, else table)")
		f.BoolVarP(&o.quiet, "quiet", "q", false, "no progress and no summary")
	})
	choices(cmd, "format", o.forms...)
}

// formList names the forms in a sentence.
func (o *output) formList() string {
	last := len(o.forms) - 1
	return strings.Join(o.forms[:last], ", ") + " or " + o.forms[last]
}

// formatName is the form that --format names, or the file's name shows.
func (o *output) formatName() (string, error) {
	name := o.format
	if o.split != "" {
		return o.splitFormat()
	}
	if name == "" && o.groupBy == "" {
		var err error
		if name, err = o.formByName(); err != nil {
			return "", err
		}
	}
	name = cmp.Or(name, "table")
	if !slices.Contains(o.forms, name) {
		return "", usage("--format %s: there is no such format", name).hint("%s", o.formList())
	}
	return name, nil
}

func (o *output) formByName() (string, error) {
	ext := strings.ToLower(filepath.Ext(o.file))
	name := map[string]string{
		".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".html": "html", ".htm": "html",
		".sarif": "sarif", ".xml": "junit", ".md": "markdown", ".prom": "prometheus",
	}[ext]
	switch {
	case strings.HasSuffix(strings.ToLower(o.file), "findings.csv") && slices.Contains(o.forms, "findings"):
		return "findings", nil
	case slices.Contains(o.forms, name):
		return name, nil
	case name != "" || slices.Contains([]string{".xls", ".xlsx", ".ods", ".tsv"}, ext):
		return "", usage("-o %s: cannot write %s", o.file, ext).hint("a name in .csv, .jsonl or .html, or --format %s", o.formList())
	default:
		return "", nil
	}
}

// splitFormat is that of a folder's files.
func (o *output) splitFormat() (string, error) {
	switch {
	case o.file != "":
		return "", usage("--split and -o exclude each other").hint("--split %s writes a file for each verdict, -o one for all", o.split)
	case o.format == "" || o.format == "csv":
		return "csv", nil
	case o.format == "jsonl":
		return "jsonl", nil
	default:
		return "", usage("--split cannot write --format %s", o.format).hint("csv or jsonl")
	}
}

// outlet is where rows go: what was written is dropped by close, unless keep
// came first.
type outlet interface {
	writer(format string, csv report.CSVOptions) report.Writer
	keep() error
	close()
	screenful() int64
}

// outlet finds out before the run whether the output can be written at all.
func (o *output) outlet(env *environment, format string, inputs []string) (outlet, error) {
	switch {
	case o.split != "":
		return o.openSplit(format, inputs)
	case o.groupBy != "":
		return o.openGroups(format)
	default:
		return o.open(env, inputs)
	}
}

// destination is where rows go. A file is written beside its place and moved
// there by keep; close drops what was not kept.
type destination struct {
	io.Writer
	buffer *bufio.Writer
	file   *os.File // nil for standard output
	path   string   // where it is to be
	place  bool     // written in place: a device or a pipe
	width  int
	colour bool
	screen bool // a terminal
}

// wholeServers is how many servers a scan shows with all that they said,
// before a table says less of more.
const wholeServers = 3

// screenful is how many rows a table on a terminal holds back before it
// begins to stream; 0 where there is no terminal.
func (d *destination) screenful() int64 {
	if !d.screen {
		return 0
	}
	return 200
}

// open is the outlet for one file or for standard output.
func (o *output) open(env *environment, inputs []string) (*destination, error) {
	if o.file == "" || o.file == "-" {
		to := standard(env.stdout)
		if to.screen && o.format == "html" {
			return nil, usage("--format html: a page is not for a terminal").hint("-o report.html")
		}
		return to, nil
	}
	for _, in := range inputs {
		if same(in, o.file) {
			return nil, usage("-o %s would replace its own input", o.file).hint("name another file")
		}
	}
	info, err := os.Stat(o.file)
	switch {
	case err == nil && info.Mode().IsRegular():
		return instead(o.file, info.Mode().Perm())
	case err == nil && info.IsDir():
		return nil, failed("-o %s is a directory", o.file).hint("name a file in it: -o %s", filepath.Join(o.file, "verdicts.csv"))
	case err == nil && !info.Mode().IsRegular():
		return inPlace(o.file)
	}
	return beside(o.file)
}

// instead is a file that takes the place of one that is there, behind symbolic
// links too, with its permissions. What may not be written is not replaced.
func instead(path string, mode os.FileMode) (*destination, error) {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, unwritable(path, err)
	}
	old, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return nil, unwritable(path, err)
	}
	old.Close()
	d, err := beside(path)
	if err != nil {
		return nil, err
	}
	if err := d.file.Chmod(mode); err != nil {
		d.close()
		return nil, unwritable(path, err)
	}
	return d, nil
}

// beside is a file next to its place, which only its owner reads.
func beside(path string) (*destination, error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, unwritable(path, err)
	}
	return buffered(&destination{file: file, path: path, width: fileWidth}), nil
}

// standardOutput is its name in messages.
const standardOutput = "standard output"

// unwritable is the error of an output. A reader of standard output that has
// had enough, such as head, is told nothing more.
func unwritable(path string, err error) error {
	if known, ok := errors.AsType[*failure](err); ok {
		return known
	}
	if path == standardOutput && errors.Is(err, syscall.EPIPE) {
		return &failure{status: exitFailed, err: errSilent}
	}
	return failed("cannot write %s: %w", path, cause(err)).hint("choose another place with -o, or let the output go to standard output")
}

// cause is what is wrong with a file whose name is said already.
func cause(err error) error {
	if inner, ok := errors.AsType[*os.PathError](err); ok {
		return inner.Err
	}
	return err
}

// inPlace writes to what is no file: a device or a named pipe.
func inPlace(path string) (*destination, error) {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return nil, unwritable(path, err)
	}
	return buffered(&destination{file: file, path: path, place: true, width: fileWidth}), nil
}

func standard(w io.Writer) *destination {
	d := &destination{width: fileWidth}
	if file, ok := w.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		d.screen, d.colour = true, os.Getenv("NO_COLOR") == ""
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
			d.width = width
		}
	}
	d.Writer = w
	return d
}

func buffered(d *destination) *destination {
	d.buffer = bufio.NewWriterSize(d.file, 64<<10)
	d.Writer = d.buffer
	return d
}

// keep ends a file that is whole: flushed, and moved to its place.
func (d *destination) keep() error {
	if d.file == nil {
		return nil
	}
	err := d.buffer.Flush()
	if closed := d.file.Close(); err == nil {
		err = closed
	}
	if err == nil && !d.place {
		err = os.Rename(d.file.Name(), d.path)
	}
	if err != nil {
		return unwritable(d.path, err)
	}
	d.file = nil
	return nil
}

// close drops a file that was not kept.
func (d *destination) close() {
	if d.file == nil {
		return
	}
	d.file.Close()
	if !d.place {
		os.Remove(d.file.Name())
	}
}

// look is what the output is looked at on.
type look struct {
	width  int
	colour bool
}

// fileWidth is the width of a table in a file.
const fileWidth = 120

// writer makes the writer of a format.
func (d *destination) writer(format string, csv report.CSVOptions) report.Writer {
	return newWriter(d, format, look{d.width, d.colour}, csv)
}

func newWriter(w io.Writer, format string, on look, csv report.CSVOptions) report.Writer {
	switch format {
	case "csv":
		return report.NewCSV(w, csv)
	case "findings":
		csv.Kind = report.Findings
		return report.NewCSV(w, csv)
	case "jsonl":
		return report.NewJSONL(w)
	case "html":
		return html.New(w, html.Options{})
	case "sarif":
		return report.NewSARIF(w, version())
	case "junit":
		return report.NewJUnit(w)
	case "markdown":
		return report.NewMarkdown(w)
	case "prometheus":
		return report.NewMetrics(w)
	default:
		return report.NewTable(w, report.TableOptions{Width: on.width, Colour: on.colour, Whole: wholeServers})
	}
}

func same(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}
