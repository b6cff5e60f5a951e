package resolver

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestNameservers(t *testing.T) {
	tests := map[string]struct{ file, want string }{
		"in order":               {"search lan\nnameserver 192.0.2.1\nnameserver 2001:db8::1 # second\noptions timeout:1", "192.0.2.1:53 [2001:db8::1]:53"},
		"with a zone":            {"nameserver fe80::1%en0", "[fe80::1%en0]:53"},
		"what is no address":     {"nameserver dns.example\nnameserver 192.0.2.1\nnameserver", "192.0.2.1:53"},
		"IPv4 in IPv6":           {"nameserver ::ffff:127.0.0.1", "127.0.0.1:53"},
		"a comment is no server": {"#nameserver 192.0.2.1\n; nameserver 192.0.2.2\nnameserver 192.0.2.3", "192.0.2.3:53"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			servers, err := nameservers(strings.NewReader(tt.file))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, server := range servers {
				got = append(got, server.String())
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNoNameservers(t *testing.T) {
	if _, err := nameservers(strings.NewReader("search lan\n")); err == nil || !strings.Contains(err.Error(), "\nhint: ") {
		t.Errorf("got %v, want an error with a hint", err)
	}
}

func TestParseServer(t *testing.T) {
	tests := map[string]string{
		"192.0.2.53":        "192.0.2.53:53",
		" 192.0.2.53 ":      "192.0.2.53:53",
		"192.0.2.53:5353":   "192.0.2.53:5353",
		"2001:db8::53":      "[2001:db8::53]:53",
		"[2001:db8::53]":    "[2001:db8::53]:53",
		"[2001:db8::53]:99": "[2001:db8::53]:99",
		"fe80::1%lo0":       "[fe80::1%lo0]:53",
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			got, err := ParseServer(text)
			if err != nil || got.String() != want {
				t.Errorf("got %v, %v; want %s", got, err, want)
			}
		})
	}
}

func TestParseServerRefuses(t *testing.T) {
	for _, text := range []string{"", "dns.example", "dns.example:53", "192.0.2.53:", "192.0.2.53:0", "192.0.2.53:65536", "192.0.2", "[192.0.2.53", "[2001:db8::53", "https://192.0.2.53"} {
		t.Run(text, func(t *testing.T) {
			if got, err := ParseServer(text); err == nil || !strings.Contains(err.Error(), "\nhint: ") {
				t.Errorf("got %v, %v; want an error with a hint", got, err)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	server := []netip.AddrPort{netip.MustParseAddrPort(one)}
	tests := map[string]Config{
		"no server":            {},
		"server of no address": {Servers: make([]netip.AddrPort, 1)},
		"server without port":  {Servers: []netip.AddrPort{netip.AddrPortFrom(server[0].Addr(), 0)}},
		"negative time":        {Servers: server, Timeout: -time.Second},
		"negative tries":       {Servers: server, Tries: -1},
		"negative concurrency": {Servers: server, Concurrency: -1},
		"negative cache":       {Servers: server, CacheEntries: -1},
	}
	for name, config := range tests {
		t.Run(name, func(t *testing.T) {
			if r, err := New(config); err == nil || r != nil {
				t.Errorf("got %v, %v; want an error", r, err)
			}
		})
	}
}
