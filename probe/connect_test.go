package probe_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
)

// dialError is what net.Dialer makes of a system error.
func dialError(errno syscall.Errno) error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", errno)}
}

func TestConnectionsThatAreNotMade(t *testing.T) {
	for _, test := range []struct {
		name      string
		err       error
		cause     smtp.Cause
		reachable probe.Answer
		text      string
	}{
		{"nothing listens", dialError(syscall.ECONNREFUSED), probe.ConnRefused, probe.No, "connect: connection refused"},
		{"a router says that the host is not there", dialError(syscall.EHOSTUNREACH), probe.NoRoute, probe.No, "connect: no route to host"},
		{"we have no IPv6", dialError(syscall.ENETUNREACH), probe.NoRoute, probe.Inconclusive, "connect: network is unreachable"},
		{"we have no such source address", dialError(syscall.EADDRNOTAVAIL), probe.NoRoute, probe.Inconclusive, "connect: cannot assign requested address"},
		{"the kernel gave up", dialError(syscall.ETIMEDOUT), smtp.Timeout, probe.Inconclusive, "connect: connection timed out"},
		{"our firewall", dialError(syscall.EPERM), smtp.Network, probe.Inconclusive, "connect: operation not permitted"},
		{"a private address", fmt.Errorf("192.168.0.1: %w", probe.ErrNotAllowed), probe.NotAllowed, probe.Inconclusive, "192.168.0.1: not a globally reachable address"},
		{"our proxy is down, which is not the server", fmt.Errorf("%w: %w", probe.ErrProxy, dialError(syscall.ECONNREFUSED)), probe.ProxyFailed, probe.Inconclusive, "connect: connection refused"},
		{"our proxy says no", fmt.Errorf("%w: general failure", probe.ErrProxy), probe.ProxyFailed, probe.Inconclusive, "proxy: general failure"},
	} {
		t.Run(test.name, func(t *testing.T) {
			failed := mustFail(t, planFor(func(context.Context, string, string) (net.Conn, error) { return nil, test.err }))
			wantUnreached(t, failed, test.cause, test.reachable, test.text)
			if !errors.Is(failed, test.err) {
				t.Errorf("the dialer's error is lost: %v", failed)
			}
		})
	}
}

func wantUnreached(t *testing.T, failed *probe.Failure, cause smtp.Cause, reachable probe.Answer, text string) {
	t.Helper()
	o := failed.Outcome
	want := probe.Outcome{
		At: o.At, Stage: smtp.Connect, Host: "mx.example", IP: o.IP, Port: o.Port,
		Cause: cause, Text: text, Meaning: reply.NetworkError, Rule: reply.Rule("connect/" + cause),
	}
	if o != want {
		t.Errorf("got %+v, want %+v", o, want)
	}
	s := failed.Server
	if s.Reachable != reachable || s.Why != text || s.StartTLS != probe.Inconclusive || s.TLSWhy == "" || s.Greeting != nil || s.Timings != (probe.Timings{}) {
		t.Errorf("reachable %q (%s), starttls %q (%s), greeting %v, timings %v; want %q (%s)", s.Reachable, s.Why, s.StartTLS, s.TLSWhy, s.Greeting, s.Timings, reachable, text)
	}
}

func TestADialerThatBlocks(t *testing.T) {
	blocks := func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: ctx.Err()}
	}
	for _, test := range []struct {
		name  string
		limit time.Duration
		want  time.Duration
	}{
		{"15 s by default", 0, 15 * time.Second},
		{"as the plan says", 3 * time.Second, 3 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				plan := planFor(blocks)
				plan.ConnectTimeout = test.limit
				start := time.Now()
				wantUnreached(t, mustFail(t, plan), smtp.Timeout, probe.Inconclusive, "context deadline exceeded")
				if waited := time.Since(start); waited != test.want {
					t.Errorf("waited %v, want %v", waited, test.want)
				}
			})
		})
	}
	t.Run("stopped by the caller", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			_, err := probe.Open(ctx, planFor(blocks))
			wantUnreached(t, failure(t, err), smtp.Cancelled, probe.Inconclusive, "context canceled")
		})
	})
}

// The system's own error, from a loopback port that was just given up.
func TestAPortThatNobodyListensOn(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	plan := planFor((&net.Dialer{}).DialContext)
	plan.Addr = netip.MustParseAddrPort(listener.Addr().String())
	listener.Close()
	wantUnreached(t, mustFail(t, plan), probe.ConnRefused, probe.No, "connect: connection refused")
}

func TestWhatIsDialled(t *testing.T) {
	var network, address string
	plan := planFor(func(_ context.Context, n, a string) (net.Conn, error) {
		network, address = n, a
		return nil, probe.ErrNotAllowed
	})
	plan.Addr = netip.MustParseAddrPort("[2001:db8::25]:587")
	mustFail(t, plan)
	if network != "tcp" || address != "[2001:db8::25]:587" {
		t.Errorf("dialled %s %s", network, address)
	}
}
