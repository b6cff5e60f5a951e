package doctor

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/mxvet/mxvet/mx"
)

// Self is how a machine introduces itself to servers.
type Self struct {
	Hello     string // for EHLO: a name, or an address literal
	Confirmed bool   // it leads back to us
	Doubt     string // why it is not confirmed, in one clause
}

// Introduce finds our name: the given one, else the PTR name of ip, the address
// we go out from, where it leads back, else that address as a literal (RFC 5321
// s4.1.4). It takes no longer than 10 s.
//
// Behind a router our public address is unknown; then a given name that leads to
// any public address is taken for ours.
func Introduce(ctx context.Context, router *mx.Router, given string, ip netip.Addr) Self {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	public := ip.IsValid() && reaches(router, ip)
	if given != "" {
		me := Self{Hello: given, Doubt: given + " does not resolve to this machine's address"}
		host, err := router.Host(ctx, given)
		me.Confirmed = err == nil && slices.ContainsFunc(host.Addresses, func(found netip.Addr) bool {
			return found == ip || !public && reaches(router, found)
		})
		return me
	}
	if public {
		if reverse, err := router.Reverse(ctx, ip); err == nil && reverse.Confirmed != "" {
			return Self{Hello: reverse.Confirmed, Confirmed: true}
		}
	}
	literal := AddressLiteral(ip)
	return Self{Hello: literal, Confirmed: public, Doubt: literal + " is this machine's own address only behind its router"}
}

// isName tells a name from an address literal and from nothing.
func isName(hello string) bool { return hello != "" && hello[0] != '[' }

// AddressLiteral is how a client without a name calls itself (RFC 5321 s4.1.3);
// one without an address is at home.
func AddressLiteral(ip netip.Addr) string {
	switch {
	case !ip.IsValid():
		return "[127.0.0.1]"
	case ip.Is6():
		return fmt.Sprintf("[IPv6:%s]", ip)
	}
	return fmt.Sprintf("[%s]", ip)
}

// Outgoing is the address this machine would connect from, or the zero Addr
// where it has no way out. Connecting a UDP socket chooses it and sends nothing.
func Outgoing(family Family) netip.Addr {
	network, far := "udp4", "198.41.0.4:53" // a.root-servers.net: anything far away will do
	if family == IPv6 {
		network, far = "udp6", "[2001:503:ba3e::2:30]:53"
	}
	conn, err := net.Dial(network, far)
	if err != nil {
		return netip.Addr{}
	}
	defer conn.Close()
	return local(conn)
}

// local is the address at our end of a connection.
func local(conn net.Conn) netip.Addr {
	if conn.LocalAddr() == nil {
		return netip.Addr{}
	}
	at, _ := netip.ParseAddrPort(conn.LocalAddr().String())
	return at.Addr().Unmap().WithZone("")
}
