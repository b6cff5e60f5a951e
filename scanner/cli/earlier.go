package cli

import (
	"cmp"
	"errors"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/scanner"
)

// usualAge is how long an answer holds where --since is not given.
const usualAge = age(30 * 24 * time.Hour)

// earlier is the flags of verify that save asking again what is known.
type earlier struct {
	known string
	since age
}

func (e *earlier) flags(cmd *cobra.Command) {
	under(cmd, whatToLookAt, func(f *pflag.FlagSet) {
		f.StringVar(&e.known, "known", "", "`file` of JSON lines from an earlier run: ask only what is new, unknown or stale")
		f.Var(&e.since, "since", "with --known: rows older than this `time` are stale, as 12h or 2w (default 30d)")
	})
}

// open reads the earlier run; its file is to be closed. Without --known there
// is none. What is stale is judged by when this run began: one that goes on
// takes over what it took over before.
func (e *earlier) open(s *scanner.Scanner, began time.Time) (func(), error) {
	switch {
	case e.known == "" && e.since != 0:
		return nil, usage("--since says how old the rows of --known may be, and there are none").hint("--known old.jsonl --since %s", &e.since)
	case e.known == "":
		return func() {}, nil
	case s.Method == scanner.BySyntax:
		return nil, usage("--method syntax asks nobody, so that --known saves nothing").hint("leave --known out")
	}
	file, err := os.Open(e.known)
	if err != nil {
		return nil, failed("--known %s: %w", e.known, cause(err)).hint("the file of an earlier run: --format jsonl -o FILE")
	}
	rows, err := report.ReadEarlier(file, began.Add(-time.Duration(cmp.Or(e.since, usualAge))))
	if err != nil {
		file.Close()
		f := failed("--known %s: %w", e.known, cause(err)).hint("give what --format jsonl wrote")
		if errors.Is(err, report.ErrCompressed) {
			f = f.hint("unpack it first")
		}
		return nil, f
	}
	s.Earlier = rows
	return func() { file.Close() }, nil
}

// age is a flag's duration in days and weeks too: 30d, 2w, 1d12h.
type age time.Duration

func (a *age) Type() string { return "age" }

func (a *age) String() string {
	switch d := time.Duration(*a); {
	case d == 0:
		return ""
	case d%(24*time.Hour) == 0:
		return strconv.Itoa(int(d/(24*time.Hour))) + "d"
	default:
		return d.String()
	}
}

func (a *age) Set(text string) error {
	var sum time.Duration
	for rest := text; rest != ""; {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		number, err := strconv.ParseInt(rest[:digits], 10, 32)
		units := strings.TrimLeft(rest[digits:], "wdhms")
		unit, known := unitOf(rest[digits : len(rest)-len(units)])
		if err != nil || !known || number > int64(math.MaxInt64-sum)/int64(unit) {
			return errAge
		}
		sum += time.Duration(number) * unit
		rest = units
	}
	if sum == 0 {
		return errAge
	}
	*a = age(sum)
	return nil
}

var errAge = errors.New("want a time such as 12h, 30d or 2w")

func unitOf(name string) (time.Duration, bool) {
	switch name {
	case "w":
		return 7 * 24 * time.Hour, true
	case "d":
		return 24 * time.Hour, true
	case "h":
		return time.Hour, true
	case "m":
		return time.Minute, true
	case "s":
		return time.Second, true
	}
	return 0, false
}
