package mtasts

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"

	"github.com/mxvet/mxvet/mx/resolver"
)

// Client looks up what domains promise. Resolver and Reaches must be set. It
// keeps nothing, and may be used by any number of goroutines.
type Client struct {
	Resolver Resolver

	// Reaches says which addresses may be gone to: a domain chooses what its
	// policy host's name stands for, 127.0.0.1 and the neighbour's printer
	// included. nil lets none pass.
	Reaches func(netip.Addr) bool

	// Dial connects to ip:port; network is "tcp". nil is the Dialer of package
	// net. Whatever it goes through, the address is one that Reaches let pass.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	Roots *x509.CertPool // who may vouch for a policy host; nil is the system's
}

// Facts are what a domain in A-labels, with or without its final dot, promises.
// The error means that ctx ended: whatever DNS and web server say, or fail to
// say, is in the Facts.
func (c *Client) Facts(ctx context.Context, domain string) (Facts, error) {
	domain = trimmed(domain)
	facts, err := Lookup(ctx, c.Resolver, domain)
	if err != nil || facts.Presence != resolver.Present {
		return facts, err
	}
	fetch, err := c.Fetch(ctx, domain)
	if err != nil {
		return Facts{}, err
	}
	facts.Fetch = &fetch
	return facts, nil
}

// Policy is the policy that a sender would go by who comes today for the first
// time: false where record or policy is not present.
func (f Facts) Policy() (Policy, bool) {
	if f.Presence != resolver.Present || f.Fetch == nil || f.Fetch.Presence != resolver.Present || f.Fetch.MaxAge == nil {
		return Policy{}, false
	}
	return Policy{Mode: f.Fetch.Mode, MaxAge: *f.Fetch.MaxAge, MX: f.Fetch.MX, Faults: f.Fetch.Faults}, true
}

// ended is the error of a look that ctx cut short.
func ended(ctx context.Context, domain string) error {
	return fmt.Errorf("MTA-STS policy of %s: %w", domain, context.Cause(ctx))
}
