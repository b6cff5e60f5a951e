package cli_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/mxvet/mxvet/mx/dnstest"
	"github.com/mxvet/mxvet/scanner/cli"
	"github.com/mxvet/mxvet/scanner/lab"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"mxvet": func() {
			signal.Ignore(syscall.SIGPIPE)
			os.Exit(cli.Run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
		},
	})
}

// TestScripts runs the scripts in testdata. Beside the usual commands they have
// lab, zone, lines, status, mask, pack and cut. With MXVET_UPDATE_SCRIPTS set, what they compare
// with is written anew.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			env.Setenv("GORACE", "atexit_sleep_ms=0") // or each command waits a second
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"lab":    serveLab,
			"zone":   serveZone,
			"lines":  sameLines,
			"status": exitStatus,
			"mask":   mask,
			"pack":   pack,
			"cut":    cut,
		},
		Condition: func(name string) (bool, error) {
			if name != "devfull" {
				return false, fmt.Errorf("unknown condition %q", name)
			}
			_, err := os.Stat("/dev/full")
			return err == nil, nil
		},
		UpdateScripts:       os.Getenv("MXVET_UPDATE_SCRIPTS") != "",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// serveLab serves the practice Internet until the script ends, and has all
// flags that lead there in the environment. Its authority is in lab-ca.pem.
func serveLab(ts *testscript.TestScript, _ bool, _ []string) {
	internet := lab.New(lab.Options{})
	authority, _, err := internet.Roots()
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("lab-ca.pem"), authority, 0o600))
	ctx, cancel := context.WithCancel(context.Background())
	fronts := make(chan lab.Fronts, 1)
	done := make(chan error, 1)
	go func() { done <- internet.Serve(ctx, "", func(f lab.Fronts) { fronts <- f }) }()
	ts.Defer(func() {
		cancel()
		ts.Check(<-done)
		ts.Check(internet.Close())
	})
	select {
	case f := <-fronts:
		ts.Setenv("MXVET_RESOLVER", f.DNS.String())
		ts.Setenv("MXVET_PROXY", "socks5://"+f.SOCKS.String())
		ts.Setenv("MXVET_ALLOW_PRIVATE", "true")
	case err := <-done:
		done <- err
		ts.Fatalf("no lab: %v", err)
	}
}

// serveZone answers DNS from a zone file, and sets MXVET_RESOLVER.
func serveZone(ts *testscript.TestScript, _ bool, args []string) {
	server, err := dnstest.Listen(ts.ReadFile(args[0]))
	ts.Check(err)
	ts.Defer(server.Close)
	ts.Setenv("MXVET_RESOLVER", server.Addr().String())
}

// sameLines writes the same lines many times: lines N file line ...
func sameLines(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(strings.Repeat(strings.Join(args[2:], "\n")+"\n", n)), 0o600))
}

// exitStatus runs mxvet and holds its exit status against the one wanted:
// status N arguments.
func exitStatus(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec("mxvet", args[1:]...)
	got := "0"
	if exit, ok := err.(interface{ ExitCode() int }); ok {
		got = fmt.Sprint(exit.ExitCode())
	} else if err != nil {
		ts.Fatalf("mxvet: %v", err)
	}
	if got != args[0] {
		ts.Fatalf("mxvet %s: exit status %s, want %s", strings.Join(args[1:], " "), got, args[0])
	}
}

// changing is what no two runs have alike: times.
var changing = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)

// mask replaces what changes from run to run in files.
func mask(ts *testscript.TestScript, _ bool, files []string) {
	for _, file := range files {
		text := changing.ReplaceAllString(ts.ReadFile(file), "TIME")
		ts.Check(os.WriteFile(ts.MkAbs(file), []byte(text), 0o600))
	}
}

// pack compresses a file into another: pack gzip|zstd from to.
func pack(ts *testscript.TestScript, _ bool, args []string) {
	var packed bytes.Buffer
	var w io.WriteCloser = gzip.NewWriter(&packed)
	if args[0] == "zstd" {
		var err error
		w, err = zstd.NewWriter(&packed)
		ts.Check(err)
	}
	_, err := io.WriteString(w, ts.ReadFile(args[1]))
	ts.Check(err)
	ts.Check(w.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), packed.Bytes(), 0o600))
}

// cut writes the first octets of a file to another: cut N from to.
func cut(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(ts.ReadFile(args[1])[:n]), 0o600))
}
