package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// tool is a program as it is started: the list may be its input, and its
// output the verdicts, unless it names both itself.
type tool struct {
	command []string
	own     bool // reads and writes files itself
}

// build makes the programs that are not this one.
func (b *bench) build(ctx context.Context, mxvet string) error {
	b.mxvet = mxvet
	if mxvet == "" {
		b.mxvet = filepath.Join(b.dir, "mxvet")
		if err := b.goBuild(ctx, filepath.Join("..", ".."), ".", b.mxvet); err != nil {
			return err
		}
	}
	return b.goBuild(ctx, ".", "./aftership", filepath.Join(b.dir, "aftership"))
}

func (b *bench) goBuild(ctx context.Context, from, what, to string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", to, what)
	cmd.Dir, cmd.Stdout, cmd.Stderr = from, b.stderr, b.stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("building %s: %w (run this in scanner/bench)", filepath.Base(to), err)
	}
	return nil
}

// tool finds the program that a name such as aftership-500 stands for; the
// number is how many addresses it verifies at a time.
func (b *bench) tool(name string, c testCase, dns string) (tool, error) {
	kind, number, _ := strings.Cut(name, "-")
	if kind == "mxvet" {
		return tool{command: b.ours(c, dns, number), own: true}, nil
	}
	if n, err := strconv.Atoi(number); err != nil || n < 1 {
		return tool{}, fmt.Errorf("no number behind the name of the tool %q", name)
	}
	switch kind {
	case "aftership":
		return tool{command: []string{filepath.Join(b.dir, "aftership"), "-goroutines", number, "-dns", dns}}, nil
	case "smtplib":
		script, err := filepath.Abs("smtplib_pool.py")
		return tool{command: []string{"python3", script, number, dns}}, err
	default:
		return tool{}, fmt.Errorf("there is no tool %q", name)
	}
}

// ours is mxvet with so many conversations a host, or as the case has it.
func (b *bench) ours(c testCase, dns, perHost string) []string {
	if perHost == "" {
		perHost = strconv.Itoa(c.conversations())
	}
	return []string{b.mxvet, "verify", "-q", "-f", filepath.Join(b.dir, listFile), "-o", filepath.Join(b.dir, verdictsFile),
		"--pace", "own", "--concurrency", "1000", "--per-ip", perHost, "--allow-private", "--resolver", dns,
		"--helo", "probe.example", "--mail-from", "postmaster@probe.example"}
}

// files opens what a tool reads and writes, and removes what the last one
// wrote: mxvet would go on with a job of the same list.
func (t tool) files(dir string) (in, out *os.File, err error) {
	old, err := filepath.Glob(filepath.Join(dir, verdictsFile+"*"))
	for _, path := range old {
		err = cmp.Or(err, os.Remove(path))
	}
	if err != nil {
		return nil, nil, err
	}
	if t.own {
		return nil, os.Stderr, nil
	}
	if in, err = os.Open(filepath.Join(dir, listFile)); err != nil {
		return nil, nil, err
	}
	out, err = os.Create(filepath.Join(dir, verdictsFile))
	return in, out, err
}
