package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// usage is what a tool took, as the kernel has it of its process.
type usage struct {
	Wall   time.Duration
	CPU    time.Duration // user and system
	Memory int64         // octets resident at the peak
	Ended  string        // how, where not well
}

// measure runs a tool by way of a process of our own that has done nothing
// yet: on Linux the peak memory of a process begins with that of the one which
// started it.
func (b *bench) measure(ctx context.Context, t tool) (took usage, err error) {
	in, out, err := t.files(b.dir)
	if err != nil {
		return usage{}, err
	}
	if !t.own {
		defer in.Close()
		defer out.Close()
	}
	return b.measured(ctx, t.command, in, out)
}

// measured runs a command so.
func (b *bench) measured(ctx context.Context, command []string, in, out *os.File) (took usage, err error) {
	self, err := os.Executable()
	if err != nil {
		return usage{}, err
	}
	report, write, err := os.Pipe()
	if err != nil {
		return usage{}, err
	}
	defer report.Close()
	cmd := exec.CommandContext(ctx, self, append([]string{"measure", "-limit", b.limit.String()}, command...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.Stdout, cmd.Stderr = out, b.stderr
	if in != nil {
		cmd.Stdin = in
	}
	cmd.ExtraFiles = []*os.File{write}
	if err := cmd.Start(); err != nil {
		return usage{}, err
	}
	write.Close()
	failed := json.NewDecoder(report).Decode(&took)
	if err := cmd.Wait(); err != nil {
		return usage{}, err
	}
	return took, failed
}

// measureTool is the process between: it runs the command that its arguments
// are, kills it after the limit, and reports to file 3.
func measureTool(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("measure", flag.ContinueOnError)
	limit := flags.Duration("limit", time.Minute, "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	report := os.NewFile(3, "report")
	ctx, cancel := context.WithTimeout(ctx, *limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, flags.Arg(0), flags.Args()[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, stdout, os.Stderr
	start := time.Now()
	err := cmd.Run()
	took := usage{Wall: time.Since(start)}
	switch {
	case ctx.Err() != nil:
		took.Ended = fmt.Sprintf("stopped after %v", *limit)
	case err != nil && !errors.As(err, new(*exec.ExitError)):
		return err
	case err != nil:
		took.Ended = err.Error()
	}
	state := cmd.ProcessState
	took.CPU = state.UserTime() + state.SystemTime()
	took.Memory = state.SysUsage().(*syscall.Rusage).Maxrss << 10
	return json.NewEncoder(report).Encode(took)
}
