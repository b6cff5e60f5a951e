package mx

import (
	_ "embed"
	"net/netip"
	"strings"
	"sync"
)

// Global reports whether an address is globally reachable by IANA's
// special-purpose address registries (RFC 6890, RFC 8190; the table is
// prefixes.txt): whether a machine on the public Internet can be there. It is
// stricter than netip.Addr.IsGlobalUnicast, which lets 10.0.0.1 and 192.0.2.1
// pass, and does not believe IPv6 space that nobody was given yet.
//
// Forms that carry an IPv4 address count as that address, since that is where the
// packets end up: IPv4-mapped ::ffff:0:0/96 (RFC 4291 s2.5.5.2), the
// well-known NAT64 prefix 64:ff9b::/96 (RFC 6052 s2.1, where s3.1 forbids
// private addresses inside) and 6to4 2002::/16 (RFC 3056). Else
// 2002:7f00:1::1 would be a way to 127.0.0.1. Teredo hides two addresses and is
// never global. A zone (fe80::1%eth0) is ignored.
func Global(ip netip.Addr) bool {
	ip = embedded(ip.WithZone(""))
	longest := prefix{}
	for _, row := range prefixes() {
		if row.Contains(ip) && row.Bits() >= longest.Bits() {
			longest = row
		}
	}
	return longest.global
}

// embedded returns the IPv4 address inside an IPv6 address, or the address itself.
func embedded(ip netip.Addr) netip.Addr {
	ip = ip.Unmap()
	if !ip.Is6() {
		return ip
	}
	octets := ip.As16()
	switch {
	case [2]byte(octets[:2]) == [2]byte{0x20, 0x02}:
		return netip.AddrFrom4([4]byte(octets[2:6]))
	case [12]byte(octets[:12]) == [12]byte{0x00, 0x64, 0xff, 0x9b}:
		return netip.AddrFrom4([4]byte(octets[12:]))
	}
	return ip
}

// prefix is a row of the table.
type prefix struct {
	netip.Prefix
	global bool
}

//go:embed prefixes.txt
var prefixText string

// prefixes reads the embedded table once; a test reads every row.
var prefixes = sync.OnceValue(func() []prefix {
	var out []prefix
	for line := range strings.Lines(prefixText) {
		fields := strings.Fields(line)
		if len(fields) < 2 || strings.HasPrefix(line, "#") {
			continue
		}
		if network, err := netip.ParsePrefix(fields[0]); err == nil {
			out = append(out, prefix{network, fields[1] == "yes"})
		}
	}
	return out
})
