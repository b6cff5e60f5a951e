package resolver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"time"
)

// Config says whom a Resolver asks, and how patiently. Only Servers must be
// given; [System] has those of this machine.
type Config struct {
	Servers      []netip.AddrPort // recursive servers, the preferred one first
	TrustAD      bool             // the way to every server is safe: its AD bit counts (else only on loopback)
	Timeout      time.Duration    // of one try at one server over UDP, and again over TCP; 0 is 3 s
	Tries        int              // rounds over the servers that kept silent; 0 is 2
	CacheEntries int              // answers kept, where one of over 1 KiB counts for several; 0 is 200000
	Concurrency  int              // questions outstanding at once; 0 is 256
	Logger       *slog.Logger     // failing servers, at debug level; nil is silence

	// Dial opens a connection to a server; network is "udp" or "tcp", address
	// is ip:port. One Read or Write of a "udp" connection is one message. nil is
	// the Dialer of package net.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// complete checks c and puts defaults where nothing was said.
func (c Config) complete() (Config, error) {
	if len(c.Servers) == 0 {
		return c, errors.New("no DNS server to ask\nhint: name one with its IP address, or take those of System")
	}
	for _, server := range c.Servers {
		if !server.IsValid() || server.Port() == 0 {
			return c, fmt.Errorf("DNS server %v: not an address with a port", server)
		}
	}
	for what, n := range map[string]int64{
		"Timeout": int64(c.Timeout), "Tries": int64(c.Tries),
		"CacheEntries": int64(c.CacheEntries), "Concurrency": int64(c.Concurrency),
	} {
		if n < 0 {
			return c, fmt.Errorf("%s is negative", what)
		}
	}
	c.Timeout = cmp.Or(c.Timeout, 3*time.Second)
	c.Tries = cmp.Or(c.Tries, 2)
	c.CacheEntries = cmp.Or(c.CacheEntries, 200_000)
	c.Concurrency = cmp.Or(c.Concurrency, 256)
	c.Logger = cmp.Or(c.Logger, slog.New(slog.DiscardHandler))
	if c.Dial == nil {
		c.Dial = (&net.Dialer{}).DialContext
	}
	return c, nil
}
