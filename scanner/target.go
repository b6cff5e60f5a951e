package scanner

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/mxvet/mxvet/mx/address"
)

// place is what a line of a scan's input names: a domain whose exchangers are
// wanted, or one server by name or IP address.
type place struct {
	Domain  string // A-label form; set for a domain
	Unicode string
	Host    string     // name of a server
	IP      netip.Addr // of a server given by address
	Port    uint16     // 0 where none was given
}

// parsePlace reads example.org (a domain), mx.example.net:587, 192.0.2.7,
// 192.0.2.7:587, [2001:db8::7]:465, ann@example.org (its domain) and address
// literals, [IPv6:2001:db8::7] among them.
func parsePlace(text string) (place, error) {
	text = strings.TrimSpace(text)
	if strings.Contains(text, "://") {
		return place{}, fmt.Errorf("%q is a web address: give the domain alone", text)
	}
	if i := strings.LastIndexByte(text, '@'); i >= 0 {
		text = text[i+1:]
	}
	literal := strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	if ip, err := netip.ParseAddr(strings.TrimPrefix(literal, "IPv6:")); err == nil {
		return place{IP: ip.Unmap()}, nil
	}
	name, port, err := splitPort(text)
	if err != nil {
		return place{}, err
	}
	if ip, err := netip.ParseAddr(name); err == nil {
		return place{IP: ip.Unmap(), Port: port}, nil
	}
	ascii, unicode, err := address.ParseDomain(name)
	switch {
	case err != nil:
		return place{}, err
	case port != 0:
		return place{Host: ascii, Port: port}, nil
	default:
		return place{Domain: ascii, Unicode: unicode}, nil
	}
}

func splitPort(text string) (name string, port uint16, err error) {
	if !strings.Contains(text, ":") {
		return text, 0, nil
	}
	name, digits, err := net.SplitHostPort(text)
	if err != nil {
		return "", 0, fmt.Errorf("%q is neither a domain nor host:port; an IPv6 address with a port is written [2001:db8::7]:465", text)
	}
	number, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || number == 0 {
		return "", 0, fmt.Errorf("%q is no port: want a number from 1 to 65535", digits)
	}
	return name, uint16(number), nil
}
