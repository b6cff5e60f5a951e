package dnstest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"testing"

	"github.com/miekg/dns"
)

// Server is a Zone behind sockets.
type Server struct {
	*Zone
	addr    netip.AddrPort
	servers [2]*dns.Server // UDP, TCP
	running sync.WaitGroup
	ctx     context.Context // ends at Close, and with it all delays
	cancel  context.CancelFunc
}

// Start is Listen for tests: it ends the test where that fails, and closes the
// server when the test is over.
func Start(tb testing.TB, zone string) *Server {
	tb.Helper()
	s, err := Listen(zone)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Close)
	return s
}

// Listen serves zone text over UDP and TCP on one free port of 127.0.0.1 until
// Close.
func Listen(zone string) (*Server, error) {
	z, err := Parse(zone)
	if err != nil {
		return nil, err
	}
	udp, tcp, err := listenBoth()
	if err != nil {
		return nil, fmt.Errorf("dnstest: %w", err)
	}
	s := &Server{Zone: z, addr: udp.LocalAddr().(*net.UDPAddr).AddrPort()}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.servers[0] = &dns.Server{PacketConn: udp, Handler: s}
	s.servers[1] = &dns.Server{Listener: tcp, Handler: s}
	for _, server := range s.servers {
		// Shutdown of a server that has not started yet does nothing.
		started := make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		s.running.Go(func() { _ = server.ActivateAndServe() })
		<-started
	}
	return s, nil
}

// listenBoth finds a port that is free for UDP and TCP alike.
func listenBoth() (*net.UDPConn, *net.TCPListener, error) {
	var failures []error
	for range 10 {
		udp, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			return nil, nil, err
		}
		_ = udp.SetReadBuffer(4 << 20) // questions that arrive in a burst are lost beyond it; the system's bound holds
		tcp, err := net.ListenTCP("tcp4", net.TCPAddrFromAddrPort(udp.LocalAddr().(*net.UDPAddr).AddrPort()))
		if err == nil {
			return udp, tcp, nil
		}
		_ = udp.Close()
		failures = append(failures, err)
	}
	return nil, nil, errors.Join(failures...)
}

// Addr is where the server listens, for UDP and TCP.
func (s *Server) Addr() netip.AddrPort { return s.addr }

// Close stops the server, cuts delays short and waits for its goroutines. It
// may be called twice.
func (s *Server) Close() {
	s.cancel()
	for _, server := range s.servers {
		_ = server.Shutdown()
	}
	s.running.Wait()
}

// ServeDNS implements dns.Handler.
func (s *Server) ServeDNS(w dns.ResponseWriter, query *dns.Msg) {
	if len(query.Question) == 1 {
		s.count(asked(query))
	}
	reply, b := s.answer(query)
	if reply == nil || sleep(s.ctx, b.wait) != nil {
		return
	}
	if _, udp := w.RemoteAddr().(*net.UDPAddr); udp {
		shorten(reply, query, b.truncate)
	}
	_ = w.WriteMsg(reply)
}

// shorten makes a reply fit the asker's UDP buffer (RFC 6891 s6.2.3), or empties
// it where it is to be asked for again over TCP.
func shorten(reply, query *dns.Msg, empty bool) {
	if empty {
		reply.Answer, reply.Ns, reply.Truncated = nil, nil, true
		return
	}
	size := dns.MinMsgSize
	if opt := query.IsEdns0(); opt != nil {
		size = max(size, int(opt.UDPSize()))
	}
	reply.Truncate(size)
}
