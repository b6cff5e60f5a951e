package mx

import (
	"net"
	"net/netip"
)

// HasIPv6 reports whether this machine has a route to the IPv6 Internet, from an
// address that is Global itself. It connects a UDP socket, for which the system
// chooses route and source address but sends no packet. Many machines have
// IPv6 addresses and no way out: without this test every IPv6 exchanger would
// look unreachable.
func HasIPv6() bool { return hasIPv6(net.Dial) }

// wellKnown6 is a root name server's address, a.root-servers.net: as stable as
// an address can be.
const wellKnown6 = "[2001:503:ba3e::2:30]:53"

func hasIPv6(dial func(network, address string) (net.Conn, error)) bool {
	conn, err := dial("udp6", wellKnown6)
	if err != nil {
		return false
	}
	defer conn.Close()
	local, err := netip.ParseAddrPort(conn.LocalAddr().String())
	return err == nil && Global(local.Addr())
}
