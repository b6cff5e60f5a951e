package audit

import (
	"net/netip"
	"testing"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
)

// An address of a network of one's own needs no name in public.
func TestAddressesWithoutNames(t *testing.T) {
	for text, want := range map[string][]string{
		"192.0.2.1":       {"ptr_missing"},
		"2001:db8::1":     {"ptr_missing"},
		"172.32.0.1":      {"ptr_missing"},
		"100.128.0.1":     {"ptr_missing"},
		"10.0.0.1":        nil,
		"172.16.0.1":      nil,
		"192.168.1.1":     nil,
		"100.64.0.1":      nil,
		"169.254.0.1":     nil,
		"::ffff:10.0.0.1": nil,
		"fd00::1":         nil,
		"fe80::1":         nil,
	} {
		t.Run(text, func(t *testing.T) {
			s := soundServer("mx1.example.org", netip.MustParseAddr(text), 25)
			s.Reverse = &mx.Reverse{DNS: resolver.NXDomain}
			sameIDs(t, want, audited(Options{Now: now}, s))
		})
	}
}
