package lab

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/netip"
	"sync"

	"github.com/armon/go-socks5"

	"github.com/mxvet/mxvet/mx/dnstest"
	"github.com/mxvet/mxvet/mx/resolver"
)

// Fronts says where an Internet can be reached from outside the process.
type Fronts struct {
	SOCKS netip.AddrPort // SOCKS5 proxy without login (RFC 1928), CONNECT only
	DNS   netip.AddrPort // UDP and TCP
}

// Serve offers the Internet through a SOCKS5 proxy and a DNS server. The proxy
// listens at socks, an ip:port of this machine, which is 127.0.0.1 and a free
// port where empty; the DNS server on a free port of 127.0.0.1. Once both
// listen, ready is called; then Serve waits until ctx ends, hangs up on
// everybody, and returns nil. It fails where it cannot listen.
func (i *Internet) Serve(ctx context.Context, socks string, ready func(Fronts)) error {
	names, err := dnstest.Listen(i.zone)
	if err != nil {
		return fmt.Errorf("lab: DNS: %w", err)
	}
	defer names.Close()
	i.served.Store(names.Zone)
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", cmp.Or(socks, "127.0.0.1:0"))
	if err != nil {
		return fmt.Errorf("lab: SOCKS: %w", err)
	}
	front := &front{Listener: listener, open: map[net.Conn]bool{}}
	defer front.Close()
	proxy, err := socks5.New(&socks5.Config{
		Logger:   log.New(io.Discard, "", 0),
		Resolver: proxyNames{names.Zone},
		// The proxy's own context never ends: a silent host would hold its
		// connection for ever.
		Dial: func(_ context.Context, network, address string) (net.Conn, error) {
			return i.Dial(ctx, network, address)
		},
	})
	if err != nil {
		return fmt.Errorf("lab: SOCKS: %w", err)
	}
	var wait sync.WaitGroup
	wait.Go(func() { front.serve(proxy) })
	ready(Fronts{SOCKS: listener.Addr().(*net.TCPAddr).AddrPort(), DNS: names.Addr()})
	<-ctx.Done()
	front.Close()
	wait.Wait()
	return nil
}

// front is the proxy's listener with the connections it accepted.
type front struct {
	net.Listener
	mu     sync.Mutex
	wait   sync.WaitGroup
	open   map[net.Conn]bool
	closed bool
}

// serve accepts until the listener is closed, and then waits for those accepted.
func (f *front) serve(proxy *socks5.Server) {
	for {
		conn, err := f.Accept()
		if err != nil {
			break
		}
		if !f.add(conn) {
			conn.Close()
			break
		}
		f.wait.Go(func() {
			proxy.ServeConn(conn)
			f.mu.Lock()
			defer f.mu.Unlock()
			delete(f.open, conn)
		})
	}
	f.wait.Wait()
}

func (f *front) add(conn net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return false
	}
	f.open[conn] = true
	return true
}

func (f *front) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	for conn := range f.open {
		conn.Close()
	}
	return f.Listener.Close()
}

// proxyNames resolves for clients that leave names to the proxy.
type proxyNames struct{ zone *dnstest.Zone }

func (n proxyNames) Resolve(ctx context.Context, name string) (context.Context, net.IP, error) {
	answer, err := n.zone.Lookup(ctx, name, resolver.A)
	if err != nil {
		return ctx, nil, err
	}
	addresses := answer.Addresses()
	if len(addresses) == 0 {
		return ctx, nil, fmt.Errorf("lab: %s has no address: %s", name, answer.Status)
	}
	return ctx, addresses[0].AsSlice(), nil
}
