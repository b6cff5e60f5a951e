//go:build unix

package realtest

import (
	"math/rand/v2"
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

// Missing skips the test, or fails it where it must not be skipped.
func Missing(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("MXVET_REAL") == "1" {
		t.Fatalf("%s (.ci/install installs what is needed)", why)
	}
	t.Skip(why)
}

// Program returns the path of the first of the candidates that is there: a
// name is looked for in PATH and in /usr/sbin, a path is taken as it is.
func Program(t *testing.T, candidates ...string) string {
	t.Helper()
	for _, candidate := range candidates {
		for _, at := range []string{candidate, filepath.Join("/usr/sbin", candidate)} {
			if path, err := exec.LookPath(at); err == nil {
				return path
			}
		}
	}
	Missing(t, "not found: "+strings.Join(candidates, ", "))
	return ""
}

// Root skips the test where a server could not take on its own user.
func Root(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		Missing(t, "the server has to be started by root")
	}
}

// Dir makes a temporary directory into which a server may look that gave up
// being root.
func Dir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, at := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(at, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// File writes text to a file, which others may read, and returns its path.
func File(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// Port finds a port that is free at ip, for TCP.
func Port(t *testing.T, ip string) netip.AddrPort {
	t.Helper()
	listener, err := net.Listen("tcp4", net.JoinHostPort(ip, "0"))
	if err != nil {
		Missing(t, "no loopback address to listen at: "+err.Error())
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).AddrPort()
}

// Place finds an address at which nobody listens on the ports, for a server that
// has to be where everybody looks for it: mail at 25, a policy at 443.
func Place(t *testing.T, ports ...uint16) netip.Addr {
	t.Helper()
	for range 100 {
		ip := netip.AddrFrom4([4]byte{127, 53, byte(1 + rand.IntN(254)), byte(1 + rand.IntN(254))})
		if allFree(ip, ports) {
			return ip
		}
	}
	Missing(t, "no loopback address at which we may listen on the ports of servers")
	return netip.Addr{}
}

func allFree(ip netip.Addr, ports []uint16) bool {
	for _, port := range ports {
		listener, err := net.Listen("tcp4", netip.AddrPortFrom(ip, port).String())
		if err != nil {
			return false
		}
		listener.Close()
	}
	return true
}

// Start runs a server until the test is over. Its output is shown where the
// test failed.
func Start(t *testing.T, program string, args ...string) {
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

// Within tries until done says so. Real servers know nothing of synctest.
func Within(t *testing.T, limit time.Duration, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", limit, what)
		}
	}
}

// Open waits until a server listens.
func Open(t *testing.T, addr netip.AddrPort) {
	t.Helper()
	Within(t, 20*time.Second, "listening at "+addr.String(), func() bool {
		conn, err := net.Dial("tcp", addr.String())
		if err != nil {
			return false
		}
		conn.Close()
		return true
	})
}
