// Command bench answers: how do tools that verify addresses compare on the same
// mail servers, in speed, in what they take of the machine, in what they ask of
// the servers, and in how often they are right?
//
//	go run . [-run NAME] [-tools mxvet,aftership-500] [-scale 0.1]
//	go run . -survey 5000
//
// It must be run in its own folder, on Linux, with the right to listen at port
// 25, and builds what it needs. The servers are those of package lab, in a
// process of their own at addresses of 127.0.0.0/8; nothing leaves the machine.
// For each case and tool:
//
//  1. A fresh lab listens, and writes the list and what is true of it.
//  2. The tool runs in a process of its own, with the lab's DNS server and the
//     list. What it took is what the kernel says of that process.
//  3. The lab says what it heard, and the tool's verdicts are held against the truth.
//
// Every address exists or is unknown, half and half. The tools are mxvet with
// --pace own and --concurrency 1000; AfterShip/email-verifier with as many
// goroutines as its name here says; and a script on Python's smtplib with as
// many threads. Time is from a process's start to its end.
//
// The lab shares the machine with the tool: where no round trip is waited for,
// its own work bounds every rate, and the table shows it.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run is the command, or one of the two other processes it starts of itself.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	if len(args) > 0 {
		switch args[0] {
		case "lab":
			return serveLab(ctx, args[1:], stdin, stdout)
		case "measure":
			return measureTool(ctx, args[1:], stdout)
		}
	}
	return compare(ctx, args, stdout, stderr)
}

func compare(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	only := flags.String("run", "", "run only cases with this `text` in their names, or at their end: '50 ms$'")
	large := flags.Bool("million", false, "a million addresses of 50,000 domains instead of 10,000; wants -limit 1h")
	names := flags.String("tools", "", "`names` of tools, as mxvet,aftership-500,smtplib-500; each case's own where empty")
	scale := flags.Float64("scale", 1, "share of the addresses, and of the domains and hosts where there are many")
	limit := flags.Duration("limit", 5*time.Minute, "longest `time` for one tool in one case")
	binary := flags.String("mxvet", "", "`file` of a built mxvet; built where empty")
	keep := flags.String("keep", "", "`folder` for lists, verdicts and programs, which is left behind")
	servers := flags.Int("survey", 0, "compare mxvet scan on `n` servers with a minimal client instead")
	times := flags.Int("times", 3, "run each survey `n` times and tell the one of least CPU")
	list := flags.Bool("list", false, "name the cases and run none")
	if err := flags.Parse(args); err != nil {
		return err
	}
	cases := choose(*only, *large)
	if *list {
		for _, c := range cases {
			fmt.Fprintln(stdout, c.name())
		}
		return nil
	}
	dir, clean, err := folder(*keep)
	if err != nil {
		return err
	}
	defer clean()
	b := &bench{dir: dir, limit: *limit, scale: *scale, stderr: stderr}
	if *names != "" {
		b.tools = strings.Split(*names, ",")
	}
	if err := b.build(ctx, *binary); err != nil {
		return err
	}
	if *servers > 0 {
		return b.surveys(ctx, *servers, *times, stdout)
	}
	return b.all(ctx, cases, stdout)
}

func folder(keep string) (dir string, clean func(), err error) {
	if keep != "" {
		if dir, err = filepath.Abs(keep); err != nil {
			return "", nil, err
		}
		return dir, func() {}, os.MkdirAll(dir, 0o755)
	}
	dir, err = os.MkdirTemp("", "mxvet-bench-")
	return dir, func() { os.RemoveAll(dir) }, err
}

// bench is one run of the command.
type bench struct {
	dir    string
	mxvet  string
	tools  []string // instead of the cases' own
	limit  time.Duration
	scale  float64
	stderr io.Writer
	runs   int // so far: each has a network of its own
}

// all runs every case with each of its tools and writes the table as it grows.
func (b *bench) all(ctx context.Context, cases []testCase, stdout io.Writer) error {
	head(stdout)
	for _, c := range cases {
		tools := c.tools()
		if b.tools != nil {
			tools = b.tools
		}
		var first result
		for i, name := range tools {
			fmt.Fprintf(b.stderr, "%s: %s\n", c.name(), name)
			got, err := b.one(ctx, c.scaled(b.scale), name)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", c.name(), name, err)
			}
			if i == 0 {
				first = got
			}
			line(stdout, c, name, got, first)
		}
	}
	return nil
}

// one runs one tool once.
func (b *bench) one(ctx context.Context, c testCase, name string) (result, error) {
	b.runs++
	lab, err := startLab(ctx, b.dir, c, b.runs)
	if err != nil {
		return result{}, err
	}
	defer lab.kill()
	tool, err := b.tool(name, c, lab.dns)
	if err != nil {
		return result{}, err
	}
	took, err := b.measure(ctx, tool)
	if err != nil {
		return result{}, err
	}
	heard, err := lab.stop()
	if err != nil {
		return result{}, err
	}
	score, err := b.score()
	return result{usage: took, heard: heard, score: score}, err
}

// result is what came of one run.
type result struct {
	usage
	heard
	score
}
