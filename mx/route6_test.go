package mx

import (
	"errors"
	"net"
	"testing"
)

// routed is a socket that the system bound to this address.
type routed struct {
	net.Conn
	from string
}

func (r routed) LocalAddr() net.Addr { return &net.UDPAddr{IP: net.ParseIP(r.from), Port: 40000} }
func (r routed) Close() error        { return nil }

func TestHasIPv6(t *testing.T) {
	for name, row := range map[string]struct {
		from string
		err  error
		want bool
	}{
		"native":       {from: "2001:4:112::7", want: true},
		"unique local": {from: "fd00::7"},
		"teredo":       {from: "2001::7"},
		"no route":     {err: errors.New("connect: network is unreachable")},
	} {
		t.Run(name, func(t *testing.T) {
			got := hasIPv6(func(network, address string) (net.Conn, error) {
				if network != "udp6" {
					t.Errorf("dialled %s", network)
				}
				return routed{from: row.from}, row.err
			})
			if got != row.want {
				t.Errorf("HasIPv6 = %v from %q", got, row.from)
			}
		})
	}
}
