package lab

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"sync"
	"syscall"

	"github.com/mxvet/mxvet/probe/smtptest"
)

// Dial connects to an address of this Internet as net.Dialer does to one of the
// real: "ip:port", without names. Where nothing listens the error wraps
// syscall.ECONNREFUSED; a silent host answers when ctx ends, with ctx's error;
// an address outside the lab is syscall.ENETUNREACH. After Close nothing can
// be reached.
func (i *Internet) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	target = netip.AddrPortFrom(target.Addr().Unmap(), target.Port())
	remote := net.TCPAddrFromAddrPort(target)
	fail := func(err error) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: network, Addr: remote, Err: err}
	}
	switch {
	case network != "tcp" && network != "tcp4":
		return fail(net.UnknownNetworkError(network))
	case ctx.Err() != nil:
		return fail(ctx.Err())
	case !i.own(target.Addr()):
		return fail(syscall.ENETUNREACH)
	case i.silent[target.Addr()]:
		<-ctx.Done()
		return fail(ctx.Err())
	}
	conn, err := i.traffic.connect(i.ports[target], remote)
	if err != nil {
		return fail(err)
	}
	return conn, nil
}

// traffic is the conversations going on.
type traffic struct {
	mu      sync.Mutex
	wait    sync.WaitGroup
	open    map[net.Conn]bool
	closed  bool
	dials   int
	refused int
}

func (t *traffic) connect(to *listener, remote net.Addr) (net.Conn, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, net.ErrClosed
	}
	t.dials++
	if to == nil {
		t.refused++
		return nil, syscall.ECONNREFUSED
	}
	// Ephemeral ports, as a machine gives them out.
	local := &net.TCPAddr{IP: net.IPv4(198, 51, 100, 1).To4(), Port: 32768 + t.dials%28000}
	client, server := smtptest.Pipe(local, remote)
	t.begin(to, server)
	return client, nil
}

// serve begins a conversation over a connection from outside; false after Close.
func (t *traffic) serve(to *listener, conn net.Conn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	t.begin(to, conn)
	return true
}

func (t *traffic) begin(to *listener, conn net.Conn) {
	if t.open == nil {
		t.open = map[net.Conn]bool{}
	}
	t.open[conn] = true
	t.wait.Go(func() {
		if to.implicit {
			to.server.ServeTLS(conn)
		} else {
			to.server.Serve(conn)
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.open, conn)
	})
}

// Close hangs up on everybody and waits until all servers have noticed. It
// always returns nil.
func (i *Internet) Close() error {
	t := &i.traffic
	t.mu.Lock()
	t.closed = true
	for conn := range maps.Keys(t.open) {
		conn.Close()
	}
	t.mu.Unlock()
	t.wait.Wait()
	return nil
}

// Server returns the server at an address and port, for tests that look
// closer; the error says that there is none.
func (i *Internet) Server(at string) (*smtptest.Server, error) {
	target, err := netip.ParseAddrPort(at)
	if err != nil {
		return nil, fmt.Errorf("lab: %w", err)
	}
	if here := i.ports[target]; here != nil {
		return here.server, nil
	}
	return nil, errors.New("lab: no server at " + at)
}
