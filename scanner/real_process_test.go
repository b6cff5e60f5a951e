//go:build unix

package scanner_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/mxvet/mxvet/mx/realtest"
)

// The tests in real_*_test.go hold the scanner against mail servers that others
// wrote, as package realtest starts them.

func realMissing(t *testing.T, why string) {
	t.Helper()
	realtest.Missing(t, why)
}

func realProgram(t *testing.T, candidates ...string) string {
	t.Helper()
	return realtest.Program(t, candidates...)
}

func realRoot(t *testing.T) {
	t.Helper()
	realtest.Root(t)
}

func realDir(t *testing.T) string {
	t.Helper()
	return realtest.Dir(t)
}

func realFile(t *testing.T, path, text string) string {
	t.Helper()
	return realtest.File(t, path, text)
}

func realPort(t *testing.T, ip string) netip.AddrPort {
	t.Helper()
	return realtest.Port(t, ip)
}

func realStart(t *testing.T, program string, args ...string) {
	t.Helper()
	realtest.Start(t, program, args...)
}

func realWithin(t *testing.T, limit time.Duration, what string, done func() bool) {
	t.Helper()
	realtest.Within(t, limit, what, done)
}

func realOpen(t *testing.T, addr netip.AddrPort) {
	t.Helper()
	realtest.Open(t, addr)
}
