package probe_test

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/mxvet/mxvet/probe"
)

// TestOutcomesLeaveOutTheEndsOfSockets: ours says nothing, and a proxy's is not
// the server's.
func TestOutcomesLeaveOutTheEndsOfSockets(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		conn.(*net.TCPConn).SetLinger(0) // so that closing resets
		conn.Close()
	}()
	end := net.TCPAddrFromAddrPort(planFor(nil).Addr)
	silent := &net.OpError{Op: "read", Net: "tcp", Source: end, Addr: end, Err: os.ErrDeadlineExceeded}
	for want, dial := range map[string]probe.DialFunc{
		"connection reset": func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, listener.Addr().String())
		},
		"i/o timeout": func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "socks connect", Net: "tcp", Source: end, Addr: end, Err: silent}
		},
	} {
		failed, ok := errors.AsType[*probe.Failure](second(probe.Open(t.Context(), planFor(dial))))
		if !ok {
			t.Fatalf("%s: no failure", want)
		}
		if text := failed.Outcome.Text; !strings.Contains(text, want) || strings.Contains(text, "127.0.0.1") || strings.Contains(text, end.String()) {
			t.Errorf("told as %q, want %q alone", text, want)
		}
	}
}

func second(_ *probe.Session, err error) error { return err }
