package lab

import (
	"context"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/proxy"

	"github.com/mxvet/mxvet/mx/resolver"
)

// TestServe asks DNS and a server through the fronts, over real sockets.
func TestServe(t *testing.T) {
	internet := New(Options{})
	defer internet.Close()
	ctx, cancel := context.WithCancel(t.Context())
	fronts := make(chan Fronts, 1)
	var wait sync.WaitGroup
	wait.Go(func() {
		if err := internet.Serve(ctx, "", func(f Fronts) { fronts <- f }); err != nil {
			t.Error(err)
			close(fronts)
		}
	})
	at := <-fronts
	defer wait.Wait()
	defer cancel()

	names, err := resolver.New(resolver.Config{Servers: []netip.AddrPort{at.DNS}})
	if err != nil {
		t.Fatal(err)
	}
	defer names.Close()
	answer, err := names.Lookup(ctx, "deadfirst.example", resolver.MX)
	if err != nil || len(answer.Exchanges()) != 2 {
		t.Fatalf("got %v, %v, want two exchangers", answer.Exchanges(), err)
	}

	dialer, err := proxy.SOCKS5("tcp", at.SOCKS.String(), nil, proxy.Direct)
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"192.0.2.10:25", "mx.plain.example:25"} {
		conn, err := dialer.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		c := new(talker).on(conn)
		if last, _ := c.reply(); last != "220 mx.plain.example ESMTP" {
			t.Errorf("%s greets with %q", address, last)
		}
		if last, _ := c.say("QUIT"); last != "221 2.0.0 Bye" {
			t.Errorf("%s takes its leave with %q", address, last)
		}
		conn.Close()
	}
	// A client that goes without a word is noticed by the server.
	conn, err := dialer.Dial("tcp", "192.0.2.11:25")
	if err != nil {
		t.Fatal(err)
	}
	new(talker).on(conn).reply()
	conn.Close()
	for internet.Stats().Total.Open > 0 {
		runtime.Gosched()
	}
	for address, want := range map[string]string{"192.0.2.42:25": "refused", "10.0.0.1:25": "network unreachable", "mx.nowhere.example:25": "host unreachable"} {
		if _, err := dialer.Dial("tcp", address); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", address, err, want)
		}
	}
}

// TestServeEndsWithConversationsOpen is Ctrl-C while a client talks, and while
// another waits for a host that does not answer.
func TestServeEndsWithConversationsOpen(t *testing.T) {
	internet := New(Options{})
	ctx, cancel := context.WithCancel(t.Context())
	fronts := make(chan Fronts, 1)
	ended := make(chan error, 1)
	go func() { ended <- internet.Serve(ctx, "127.0.0.1:0", func(f Fronts) { fronts <- f }) }()
	dialer, err := proxy.SOCKS5("tcp", (<-fronts).SOCKS.String(), nil, proxy.Direct)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := dialer.Dial("tcp", "192.0.2.10:25")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := new(talker).on(conn)
	c.reply()
	silent := make(chan error, 1)
	go func() {
		_, err := dialer.Dial("tcp", "192.0.2.45:25")
		silent <- err
	}()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := <-silent; err == nil {
		t.Error("the silent host was connected to")
	}
	if last, _ := c.reply(); last != "" {
		t.Errorf("after the end: %q", last)
	}
	internet.Close()
}

func TestServeCannotListen(t *testing.T) {
	err := New(Options{}).Serve(t.Context(), "192.0.2.1:1", func(Fronts) { t.Error("ready without a listener") })
	if err == nil || !strings.HasPrefix(err.Error(), "lab: SOCKS: ") {
		t.Errorf("got %v, want a SOCKS listener that fails", err)
	}
}
