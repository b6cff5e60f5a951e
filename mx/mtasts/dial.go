package mtasts

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/mxvet/mxvet/mx/resolver"
)

// maxTried is how many addresses of each family are tried.
const maxTried = 3

// location is where a policy host is, or why nowhere.
type location struct {
	presence  resolver.Presence // Present: there are addresses that may be gone to
	why       string
	addresses []netip.Addr // IPv4 first
}

// locate looks up the addresses of a policy host. The error means that ctx
// ended.
func (c *Client) locate(ctx context.Context, host string) (location, error) {
	var found, allowed []netip.Addr
	pending := ""
	for _, kind := range [...]resolver.Type{resolver.A, resolver.AAAA} {
		answer, err := c.Resolver.Lookup(ctx, host, kind)
		if err != nil {
			return location{}, err
		}
		if !answer.Status.Final() {
			pending = fmt.Sprintf("%s look-up of %s: %s", kind, host, orStatus(answer))
		}
		addresses := answer.Addresses()
		addresses = addresses[:min(len(addresses), maxTried)]
		found = append(found, addresses...)
		for _, ip := range addresses {
			if c.Reaches != nil && c.Reaches(ip) {
				allowed = append(allowed, ip)
			}
		}
	}
	switch {
	case len(allowed) > 0:
		return location{resolver.Present, "", allowed}, nil
	case pending != "":
		return location{presence: resolver.Unproven, why: pending}, nil
	case len(found) > 0:
		return location{presence: resolver.Faulty, why: fmt.Sprintf("%s is at %s, where senders cannot go", host, found[0])}, nil
	}
	return location{presence: resolver.Absent, why: host + " has no address"}, nil
}

// dialer goes to the first address that answers, whatever name it is given: a
// name that was looked up twice could be two places.
func (c *Client) dialer(at location) func(context.Context, string, string) (net.Conn, error) {
	dial := c.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		var failures []error
		for _, ip := range at.addresses {
			conn, err := patiently(ctx, func(ctx context.Context) (net.Conn, error) {
				return dial(ctx, network, net.JoinHostPort(ip.String(), port))
			})
			if err == nil {
				return conn, nil
			}
			failures = append(failures, fmt.Errorf("%s: %w", ip, err))
		}
		return nil, errors.Join(failures...)
	}
}

// patiently gives one address its share of the time.
func patiently(ctx context.Context, dial func(context.Context) (net.Conn, error)) (net.Conn, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, wait, fmt.Errorf("no connection within %v", wait))
	defer cancel()
	conn, err := dial(ctx)
	if err != nil && ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return conn, err
}
