package cli

import (
	"context"
	"io"
	"os"

	"golang.org/x/term"

	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/scanner"
)

// tell runs something that makes rows and writes them as the flags say, with
// progress beside it and a summary behind it on standard error. What was
// written is kept however the run ended, unless it is the writing that failed.
func (o *output) tell(ctx context.Context, env *environment, watch *scanner.Counters, inputs []string, csv report.CSVOptions, alarm *alarm,
	run func(scanner.Sink) (*scanner.RunRow, error)) (*scanner.RunRow, error) {
	format, err := o.formatName()
	if err != nil {
		return nil, err
	}
	to, err := o.outlet(env, format, inputs)
	if err != nil {
		return nil, err
	}
	defer to.close()

	writer := to.writer(format, csv)
	summary := report.NewSummary(env.stderr, report.SummaryOptions{Width: widthOf(env.stderr)})
	sink := &fork{writer: writer, summary: summary, alarm: alarm}
	progress := startProgress(ctx, env.stderr, watch, o.quiet, to.screenful())
	row, err := run(sink)
	progress.stop()
	if sink.err != nil {
		return nil, unwritable(o.name(), sink.err)
	}
	if row == nil && err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, unwritable(o.name(), err)
	}
	if err := to.keep(); err != nil {
		return nil, err
	}
	if row != nil && row.Rows != 1 && !o.quiet {
		summary.Close()
	}
	return row, err
}

// name is where the output goes, for messages.
func (o *output) name() string {
	if o.split != "" {
		return o.split
	}
	if o.file == "" || o.file == "-" {
		return standardOutput
	}
	return o.file
}

// fork is the sink of a run: it tells the writer and the summary.
type fork struct {
	writer, summary report.Writer
	alarm           *alarm
	err             error // of the writer
}

func (f *fork) Put(row scanner.Row) error {
	if f.alarm != nil {
		f.alarm.see(row)
	}
	f.summary.Put(row)
	f.err = f.writer.Put(row)
	return f.err
}

// widthOf is the width of a terminal, and 0 for what is none.
func widthOf(w io.Writer) int {
	if file, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil {
			return width
		}
	}
	return 0
}
