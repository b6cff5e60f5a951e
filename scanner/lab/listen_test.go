package lab

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe/smtptest"
)

// TestListen goes from a domain's name to its server's answer over real
// sockets, as a program does that has never heard of the lab.
func TestListen(t *testing.T) {
	internet := Large(Options{Network: netip.MustParsePrefix("127.71.0.0/16"), Character: smtptest.Character{ClientLimit: 1}}, 3, 2, 2)
	defer internet.Close()
	free(internet)
	ctx, cancel := context.WithCancel(t.Context())
	ready := make(chan netip.AddrPort, 1)
	var wait sync.WaitGroup
	defer wait.Wait()
	defer cancel()
	wait.Go(func() {
		defer close(ready)
		if err := internet.Listen(ctx, func(dns netip.AddrPort) { ready <- dns }); err != nil {
			t.Error(err)
		}
	})
	dns := <-ready
	if !dns.IsValid() {
		return
	}
	names, err := resolver.New(resolver.Config{Servers: []netip.AddrPort{dns}})
	if err != nil {
		t.Fatal(err)
	}
	defer names.Close()
	answer, err := names.Lookup(ctx, "d000002.example", resolver.MX)
	if err != nil || len(answer.Exchanges()) != 1 || answer.Exchanges()[0].Name != "mx00000.hosts.example" {
		t.Fatalf("got %v, %v, want the first host again", answer.Exchanges(), err)
	}
	at := address(internet, 0)
	first, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	c := new(talker).on(first)
	if last, _ := c.reply(); last != "220 mx00000.hosts.example ESMTP" {
		t.Errorf("%s greets with %q", at, last)
	}
	second, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if last, _ := new(talker).on(second).reply(); !strings.HasPrefix(last, "421 ") {
		t.Errorf("a second connection is greeted with %q, want 421", last)
	}
	cancel()
	wait.Wait()
	if stats := internet.Stats(); stats.Questions != 1 || stats.Total.Conversations != 2 {
		t.Errorf("%d questions and %d conversations, want 1 and 2", stats.Questions, stats.Total.Conversations)
	}
	if _, err := net.Dial("tcp", at); err == nil {
		t.Error("it still listens")
	}
}

func TestListenNotOurs(t *testing.T) {
	internet := Large(Options{}, 1, 1, 1)
	defer internet.Close()
	err := internet.Listen(t.Context(), func(netip.AddrPort) { t.Error("ready without a listener") })
	if err == nil {
		t.Error("198.18.0.0 is listened at")
	}
}

// free moves the servers to a port that anybody may listen at.
func free(internet *Internet) {
	moved := map[netip.AddrPort]*listener{}
	for at, here := range internet.ports {
		moved[netip.AddrPortFrom(at.Addr(), 20025)] = here
	}
	internet.ports = moved
}

// address is where the n-th host listens.
func address(internet *Internet, n byte) string {
	ip := internet.network.Addr().As4()
	ip[3] = n
	return netip.AddrPortFrom(netip.AddrFrom4(ip), 20025).String()
}
