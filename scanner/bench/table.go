package main

import (
	"fmt"
	"io"
)

// head writes the headings of the Markdown table.
func head(w io.Writer) {
	fmt.Fprintln(w, "| case | tool | rows/s | first tool is faster | time s | CPU µs/row | peak MB | connections | most a host | commands | DNS questions | right | lab CPU s |")
	fmt.Fprintln(w, "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
}

// line writes a tool's figures, with how much faster the case's first tool is.
func line(w io.Writer, c testCase, name string, got, first result) {
	times := "-"
	if name != "" && got.rate() > 0 && first.rate() != got.rate() {
		times = fmt.Sprintf("%.1f", first.rate()/got.rate())
	}
	if got.Ended != "" {
		name += " (" + got.Ended + ")"
	}
	fmt.Fprintf(w, "| %s | %s | %.0f | %s | %.2f | %.0f | %.0f | %d | %d | %d | %d | %s | %.1f |\n",
		c.name(), name, got.rate(), times, got.Wall.Seconds(), float64(got.CPU.Microseconds())/float64(max(1, got.Addresses)),
		float64(got.Memory)/1e6, got.Connections, got.Most, got.Commands, got.Questions, got.share(), got.Busy.Seconds())
}

// rate is addresses a second, those without a verdict left out.
func (r result) rate() float64 { return float64(r.Addresses-r.Lost) / r.Wall.Seconds() }

// share is how many verdicts are right; all is said only where all are.
func (r result) share() string {
	switch {
	case r.Right == r.Addresses:
		return "all"
	case r.Lost > 0:
		return fmt.Sprintf("%.1f %%, %d lost", 100*float64(r.Right)/float64(r.Addresses), r.Lost)
	default:
		return fmt.Sprintf("%.2f %%", 100*float64(r.Right)/float64(r.Addresses))
	}
}
