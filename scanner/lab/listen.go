package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/mxvet/mxvet/mx/dnstest"
)

// Listen puts every server behind a socket at its own address and port, and
// the zone behind a DNS server at a free port of 127.0.0.1, for programs that
// know of no proxy. The addresses must be this machine's: Linux has all of
// 127.0.0.0/8, which Options.Network can name; port 25 wants the right to use
// it. Once all listen, ready is called with the DNS server's address; then
// Listen waits until ctx ends, hangs up on everybody, and returns nil. It fails
// where it cannot listen.
func (i *Internet) Listen(ctx context.Context, ready func(dns netip.AddrPort)) error {
	names, err := dnstest.Listen(i.zone)
	if err != nil {
		return fmt.Errorf("lab: DNS: %w", err)
	}
	defer names.Close()
	i.served.Store(names.Zone)
	desk := &desk{Internet: i}
	defer desk.close()
	for at, here := range i.ports {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", at.String())
		if err != nil {
			return fmt.Errorf("lab: %w", err)
		}
		desk.open(listener, here)
	}
	ready(names.Addr())
	<-ctx.Done()
	return nil
}

// desk is the sockets of Listen.
type desk struct {
	*Internet
	listeners []net.Listener
	wait      sync.WaitGroup
}

func (d *desk) open(from net.Listener, to *listener) {
	d.listeners = append(d.listeners, from)
	d.wait.Go(func() {
		for {
			conn, err := from.Accept()
			switch {
			case errors.Is(err, net.ErrClosed):
				return
			case err != nil:
				time.Sleep(10 * time.Millisecond) // out of descriptors: some will be closed
			case !d.traffic.serve(to, conn):
				conn.Close()
			}
		}
	})
}

func (d *desk) close() {
	for _, listener := range d.listeners {
		listener.Close()
	}
	d.wait.Wait()
	d.Close()
}
