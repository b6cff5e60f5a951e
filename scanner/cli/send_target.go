package cli

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/scanner/doctor"
)

// dropOff is a server that takes mail for some of the recipients, at the
// addresses where it may be.
type dropOff struct {
	recipients []address.Address
	stops      []stop
	problem    *failure // why there are no stops
}

// stop is one address of a server.
type stop struct {
	host string // its name; empty where only the address is known
	at   netip.AddrPort
}

func (s stop) name() string { return cmp.Or(s.host, s.at.Addr().String()) }

// dropOffs are the server that the user names, or the exchangers of each of
// the recipients' domains. A domain without any does not keep the others from
// getting their mail. The error means that ctx ended, or that the user names
// what is no server.
func (c *sendCommand) dropOffs(ctx context.Context, router *mx.Router) ([]dropOff, error) {
	if c.server != "" {
		stops, err := c.named(ctx, router)
		return []dropOff{{recipients: c.recipients, stops: stops}}, err
	}
	var out []dropOff
	at := make(map[string]int)
	for _, recipient := range c.recipients {
		domain := cmp.Or(recipient.Domain, recipient.Literal)
		i, known := at[domain]
		if !known {
			stops, err := c.exchangers(ctx, router, recipient)
			problem, ok := err.(*failure)
			if err != nil && !ok {
				return nil, err
			}
			i, at[domain] = len(out), len(out)
			out = append(out, dropOff{stops: stops, problem: problem})
		}
		out[i].recipients = append(out[i].recipients, recipient)
	}
	return out, nil
}

// named is the server that --server names.
func (c *sendCommand) named(ctx context.Context, router *mx.Router) ([]stop, error) {
	target, err := doctor.ParseTarget(c.server)
	if err != nil {
		return nil, usage("--server %s: %v", c.server, err).hint("write mx.example.org, mx.example.org:587, 192.0.2.25 or [2001:db8::25]:25")
	}
	port := cmp.Or(target.Port, c.usualPort())
	if target.IP.IsValid() {
		return c.allowed("", []netip.Addr{target.IP}, port)
	}
	if target.Name == "localhost" { // never asked of DNS (RFC 6761 s6.3)
		return c.allowed(target.Name, []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}, port)
	}
	host, err := router.Host(ctx, target.Name)
	if err != nil {
		return nil, err
	}
	if len(host.Addresses) == 0 {
		return nil, failed("%s has no address (%s)", target.Name, host.DNS).hint("--server takes the name or address of one server; leave it out and the recipient's MX is found")
	}
	return c.allowed(target.Name, host.Addresses, port)
}

// exchangers are the servers that take a recipient's mail, the best first.
func (c *sendCommand) exchangers(ctx context.Context, router *mx.Router, recipient address.Address) ([]stop, error) {
	port := c.usualPort()
	if recipient.Literal != "" {
		text := strings.TrimPrefix(strings.Trim(recipient.Literal, "[]"), "IPv6:")
		ip, err := netip.ParseAddr(text)
		if err != nil {
			return nil, failed("%s: no server can be found for it", recipient)
		}
		return c.allowed("", []netip.Addr{ip.Unmap()}, port)
	}
	route, err := router.Route(ctx, recipient.Domain)
	if err != nil {
		return nil, err
	}
	var out []stop
	for _, host := range route.Hosts {
		if !host.Usable() {
			continue
		}
		stops, err := c.allowed(host.Name, host.Addresses, port)
		if err == nil {
			out = append(out, stops...)
		}
	}
	if len(out) == 0 {
		return nil, failed("no mail server for %s: %s", recipient.Domain, cmp.Or(route.Detail, whyNone(route))).hint("mxvet scan %s looks closer; --server HOST names a server", recipient.Domain)
	}
	return out, nil
}

func whyNone(route mx.Route) string {
	for _, host := range route.Hosts {
		if len(host.Faults) > 0 {
			return fmt.Sprintf("%s (%s)", host.Name, host.Faults[0])
		}
	}
	return "DNS says " + string(route.DNS)
}

// allowed are the addresses that may be gone to and can be.
func (c *sendCommand) allowed(host string, addresses []netip.Addr, port uint16) ([]stop, error) {
	reaches := c.reaches()
	four, six := !c.ipv6, !c.ipv4 && (c.ipv6 || c.given() || mx.HasIPv6())
	var out []stop
	private := false
	for _, ip := range addresses {
		switch {
		case !reaches(ip):
			private = true
		case ip.Is4() && four, ip.Is6() && (six || ip.IsLoopback() && !c.ipv4):
			out = append(out, stop{host, netip.AddrPortFrom(ip, port)})
		}
	}
	switch {
	case len(out) > 0:
		return out, nil
	case private:
		return nil, failed("%s is not an address of the public Internet", cmp.Or(host, addresses[0].String())).hint("--allow-private sends to private addresses too")
	default:
		return nil, failed("%s has no address of the family that can be used", cmp.Or(host, addresses[0].String())).hint("without --ipv4 and --ipv6 both are used where this machine has them")
	}
}

// usualPort is where a server listens whose port is not named: submission for
// those who log in, else the port for mail between servers (RFC 8314 s7.3,
// RFC 6409 s3.1; 24 is registered for private mail systems, and LMTP's habit).
func (c *sendCommand) usualPort() uint16 {
	switch {
	case c.lmtp:
		return 24
	case c.tls.implicit:
		return 465
	case c.user != "":
		return 587
	default:
		return 25
	}
}
