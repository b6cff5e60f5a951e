package resolver

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/miekg/dns"
)

// listen runs a server on real sockets of 127.0.0.1, UDP and TCP on one port.
func listen(t testing.TB, handle handler) netip.AddrPort {
	t.Helper()
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	udp, err := net.ListenPacket("udp", tcp.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	answer := func(network string) dns.HandlerFunc {
		return func(w dns.ResponseWriter, query *dns.Msg) {
			for _, reply := range handle(network, query) {
				_ = w.WriteMsg(reply)
			}
		}
	}
	for _, s := range []*dns.Server{{Listener: tcp, Handler: answer("tcp")}, {PacketConn: udp, Handler: answer("udp")}} {
		started := make(chan struct{})
		s.NotifyStartedFunc = func() { close(started) }
		go func() { _ = s.ActivateAndServe() }()
		<-started
		t.Cleanup(func() { _ = s.Shutdown() })
	}
	return netip.MustParseAddrPort(tcp.Addr().String())
}

func overLoopback(t testing.TB, servers ...netip.AddrPort) *Resolver {
	t.Helper()
	r, err := New(Config{Servers: servers})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func TestRealSockets(t *testing.T) {
	for name, handle := range map[string]handler{"udp": found, "tcp": short, "64 KiB over tcp": large} {
		t.Run(name, func(t *testing.T) {
			server := listen(t, handle)
			answer := lookup(t, overLoopback(t, server), "example.com", MX)
			if answer.Status != NoError || answer.Server != server.String() {
				t.Errorf("%+v", answer)
			}
		})
	}
}

// A port where nobody listens is found out by ICMP, without waiting.
func TestDeadPort(t *testing.T) {
	held, err := net.Listen("tcp", "127.0.0.1:0") // keeps the number from being given to another UDP server
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	dead := netip.MustParseAddrPort(held.Addr().String())
	answer := lookup(t, overLoopback(t, dead), "example.com", MX)
	if answer.Status != Timeout || !strings.Contains(answer.Detail, "refused") || answer.Server != "" {
		t.Errorf("%+v", answer)
	}
	live := listen(t, found)
	if answer := lookup(t, overLoopback(t, dead, live), "example.com", MX); answer.Server != live.String() {
		t.Errorf("%+v", answer)
	}
}

// BenchmarkLookup is 256 callers with names that no cache knows.
func BenchmarkLookup(b *testing.B) {
	r := overLoopback(b, listen(b, func(_ string, query *dns.Msg) []*dns.Msg {
		return []*dns.Msg{new(dns.Msg).SetReply(query)}
	}))
	var count atomic.Int64
	b.SetParallelism(128)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			answer, err := r.Lookup(b.Context(), fmt.Sprintf("%d.example", count.Add(1)), MX)
			if err != nil || answer.Status != NoData {
				b.Errorf("%+v, %v", answer, err)
			}
		}
	})
	b.ReportMetric(float64(r.Queries())/b.Elapsed().Seconds(), "queries/s")
}

// BenchmarkCached is one caller with a name that the cache knows.
func BenchmarkCached(b *testing.B) {
	r := overLoopback(b, listen(b, found))
	lookup(b, r, "example.com", MX)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Lookup(b.Context(), "example.com", MX); err != nil {
			b.Fatal(err)
		}
	}
}
