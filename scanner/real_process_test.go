//go:build unix

package scanner_test

import (
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The tests in real_*_test.go hold the scanner against mail servers that others
// wrote. Each starts its own server, in the foreground and under a directory of
// its own, on an address of 127.0.53.0/24. They are skipped where a program is
// missing; with MXVET_REAL=1 in the environment that is a failure. .ci/install
// installs them all on Debian.

// realMissing skips the test, or fails it where it must not be skipped.
func realMissing(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("MXVET_REAL") == "1" {
		t.Fatalf("%s (.ci/install installs what is needed)", why)
	}
	t.Skip(why)
}

// realProgram returns the path of the first of the candidates that is there: a
// name is looked for in PATH and in /usr/sbin, a path is taken as it is.
func realProgram(t *testing.T, candidates ...string) string {
	t.Helper()
	for _, candidate := range candidates {
		for _, at := range []string{candidate, filepath.Join("/usr/sbin", candidate)} {
			if path, err := exec.LookPath(at); err == nil {
				return path
			}
		}
	}
	realMissing(t, "not found: "+strings.Join(candidates, ", "))
	return ""
}

// realRoot skips the test where a server could not take on its own user.
func realRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		realMissing(t, "the server has to be started by root")
	}
}

// realDir is a temporary directory into which a server may look that gave up
// being root.
func realDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, at := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(at, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func realFile(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// realPort finds a port that is free at ip, for TCP.
func realPort(t *testing.T, ip string) netip.AddrPort {
	t.Helper()
	listener, err := net.Listen("tcp4", net.JoinHostPort(ip, "0"))
	if err != nil {
		realMissing(t, "no loopback address to listen at: "+err.Error())
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).AddrPort()
}

// realStart runs a server until the test is over. Its output is shown where the
// test failed.
func realStart(t *testing.T, program string, args ...string) {
	t.Helper()
	output, err := os.Create(filepath.Join(t.TempDir(), "output"))
	if err != nil {
		t.Fatal(err)
	}
	server := exec.CommandContext(t.Context(), program, args...)
	server.Stdout, server.Stderr = output, output
	server.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // Postfix ends its whole process group
	server.Cancel = func() error { return server.Process.Signal(syscall.SIGTERM) }
	server.WaitDelay = 10 * time.Second
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // the test's context ended just before
		_ = server.Wait()
		output.Close()
		if t.Failed() {
			said, _ := os.ReadFile(output.Name())
			t.Logf("%s said:\n%s", filepath.Base(program), said)
		}
	})
}

// realWithin tries until done says so. Real servers know nothing of synctest.
func realWithin(t *testing.T, limit time.Duration, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", limit, what)
		}
	}
}

// realOpen waits until a server listens.
func realOpen(t *testing.T, addr netip.AddrPort) {
	t.Helper()
	realWithin(t, 20*time.Second, "listening at "+addr.String(), func() bool {
		conn, err := net.Dial("tcp", addr.String())
		if err != nil {
			return false
		}
		conn.Close()
		return true
	})
}
