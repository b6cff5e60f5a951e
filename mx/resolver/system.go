package resolver

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

const (
	resolvConf  = "/etc/resolv.conf"
	defaultPort = 53
)

// errNoServers is what System says of a machine without usable servers.
var errNoServers = errors.New("no DNS server in " + resolvConf + "\nhint: name one with --resolver ip[:port]")

// System returns the servers that this machine is set up to ask, in the order
// of /etc/resolv.conf. Its options and search list are not looked at. The error
// ends in a hint for the user.
func System() ([]netip.AddrPort, error) {
	file, err := os.Open(resolvConf)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", errNoServers, err)
	}
	defer file.Close()
	return nameservers(file)
}

// nameservers reads resolv.conf(5). Lines whose address cannot be used are
// passed over, as the C library does.
func nameservers(file io.Reader) ([]netip.AddrPort, error) {
	config, err := dns.ClientConfigFromReader(file)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", resolvConf, err)
	}
	var out []netip.AddrPort
	for _, text := range config.Servers {
		if ip, err := netip.ParseAddr(text); err == nil {
			out = append(out, netip.AddrPortFrom(ip.Unmap(), defaultPort))
		}
	}
	if len(out) == 0 {
		return nil, errNoServers
	}
	return out, nil
}

// ParseServer reads a server as a user writes it: ip or ip:port, where an IPv6
// address with a port stands in brackets. The port is 53 where none is given.
// The error ends in a hint for the user.
func ParseServer(text string) (netip.AddrPort, error) {
	text = strings.TrimSpace(text)
	if ip, err := netip.ParseAddr(text); err == nil {
		return netip.AddrPortFrom(ip.Unmap(), defaultPort), nil
	}
	if strings.HasSuffix(text, "]") {
		text += ":" + strconv.Itoa(defaultPort)
	}
	server, err := netip.ParseAddrPort(text)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("DNS server %q: not an IP address with or without a port\nhint: write it like 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:53", text)
	}
	if server.Port() == 0 {
		return netip.AddrPort{}, fmt.Errorf("DNS server %q: port 0 cannot be asked\nhint: leave the port out for %d", text, defaultPort)
	}
	return netip.AddrPortFrom(server.Addr().Unmap(), server.Port()), nil
}
