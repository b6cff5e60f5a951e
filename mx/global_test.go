package mx

import (
	"net/netip"
	"strings"
	"testing"
)

func TestGlobal(t *testing.T) {
	for ip, want := range map[string]bool{
		"8.8.8.8":         true,
		"0.0.0.0":         false,
		"0.1.2.3":         false,
		"9.255.255.255":   true,
		"10.0.0.1":        false,
		"11.0.0.0":        true,
		"100.63.255.255":  true,
		"100.64.0.1":      false,
		"100.127.255.255": false,
		"100.128.0.0":     true,
		"127.0.0.1":       false,
		"127.255.255.254": false,
		"169.254.169.254": false,
		"172.15.255.255":  true,
		"172.16.0.1":      false,
		"172.31.255.255":  false,
		"172.32.0.0":      true,
		"192.0.0.8":       false,
		"192.0.0.9":       true,
		"192.0.0.10":      true,
		"192.0.0.170":     false,
		"192.0.1.0":       true,
		"192.0.2.1":       false,
		"192.31.196.1":    true,
		"192.52.193.1":    true,
		"192.88.99.1":     false,
		"192.168.255.255": false,
		"192.175.48.1":    true,
		"198.17.255.255":  true,
		"198.18.0.1":      false,
		"198.19.255.255":  false,
		"198.51.100.1":    false,
		"203.0.113.1":     false,
		"223.255.255.255": true,
		"224.0.0.1":       false,
		"239.255.255.250": false,
		"240.0.0.1":       false,
		"255.255.255.255": false,

		"::":                        false,
		"::1":                       false,
		"::8.8.8.8":                 false, // IPv4-compatible, deprecated
		"100::1":                    false,
		"100:0:0:1::1":              false,
		"2001::1":                   false, // Teredo
		"2001:1::1":                 true,
		"2001:1::2":                 true,
		"2001:1::3":                 true,
		"2001:1::4":                 false,
		"2001:2::1":                 false,
		"2001:3::1":                 true,
		"2001:4:112::1":             true,
		"2001:5::1":                 false,
		"2001:10::1":                false,
		"2001:20::1":                true,
		"2001:30::1":                true,
		"2001:1ff:ffff::1":          false,
		"2001:200::1":               true,
		"2001:4860:4860::8888":      true,
		"2001:db8::1":               false,
		"2620:4f:8000::1":           true,
		"3fff::1":                   false,
		"3fff:fff:ffff::1":          false,
		"3fff:1000::1":              true,
		"4000::1":                   false, // not given out
		"5f00::1":                   false,
		"fc00::1":                   false,
		"fd12:3456:789a::1":         false,
		"fe80::1":                   false,
		"fe80::1%eth0":              false,
		"fec0::1":                   false,
		"ff02::1":                   false,
		"2001:4860:4860::8888%zone": true,
		"::ffff:8.8.8.8":            true,
		"::ffff:127.0.0.1":          false,
		"::ffff:10.0.0.1":           false,
		"64:ff9b::8.8.8.8":          true,
		"64:ff9b::127.0.0.1":        false,
		"64:ff9b::192.168.0.1":      false,
		"64:ff9b:0:0:0:1:808:808":   false, // outside the /96
		"64:ff9b:1::8.8.8.8":        false,
		"2002:808:808::1":           true, // 8.8.8.8
		"2002:7f00:1::1":            false,
		"2002:a00:1::1":             false,
		"2002:c058:6301::1":         false, // 192.88.99.1
	} {
		if got := Global(netip.MustParseAddr(ip)); got != want {
			t.Errorf("Global(%s) = %v", ip, got)
		}
	}
	if Global(netip.Addr{}) {
		t.Error("no address is global")
	}
}

// TestPrefixesAreAllRead: a row that does not parse would vanish silently.
func TestPrefixesAreAllRead(t *testing.T) {
	rows, seen := 0, map[netip.Prefix]bool{}
	for line := range strings.Lines(prefixText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		rows++
		fields := strings.Fields(line)
		network, err := netip.ParsePrefix(fields[0])
		if err != nil || network != network.Masked() || seen[network] || fields[1] != "yes" && fields[1] != "no" {
			t.Errorf("bad row %q: %v", line, err)
		}
		seen[network] = true
	}
	if got := len(prefixes()); got != rows {
		t.Errorf("%d rows, %d read", rows, got)
	}
}
