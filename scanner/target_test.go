package scanner

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParsePlace(t *testing.T) {
	domain := func(name, unicode string) place { return place{Domain: name, Unicode: unicode} }
	host := func(name string, port uint16) place { return place{Host: name, Port: port} }
	ip := func(text string, port uint16) place { return place{IP: netip.MustParseAddr(text), Port: port} }
	for text, want := range map[string]place{
		"example.org":               domain("example.org", "example.org"),
		"  Example.ORG.\t":          domain("example.org", "example.org"),
		"b\u00fccher.example":       domain("xn--bcher-kva.example", "b\u00fccher.example"),
		"ann@example.org":           domain("example.org", "example.org"),
		"\"a@b\"@example.org":       domain("example.org", "example.org"),
		"mx.example.net:587":        host("mx.example.net", 587),
		"MX.b\u00fccher.example:25": host("mx.xn--bcher-kva.example", 25),
		"ann@mx.example.net:465":    host("mx.example.net", 465),
		"192.0.2.7":                 ip("192.0.2.7", 0),
		"192.0.2.7:587":             ip("192.0.2.7", 587),
		"[192.0.2.7]":               ip("192.0.2.7", 0),
		"[192.0.2.7]:65535":         ip("192.0.2.7", 65535),
		"ann@[192.0.2.7]":           ip("192.0.2.7", 0),
		"2001:db8::7":               ip("2001:db8::7", 0),
		"[2001:db8::7]":             ip("2001:db8::7", 0),
		"[2001:db8::7]:465":         ip("2001:db8::7", 465),
		"::ffff:192.0.2.7":          ip("192.0.2.7", 0),
		"[::ffff:192.0.2.7]:25":     ip("192.0.2.7", 25),
		"[IPv6:2001:db8::7]":        ip("2001:db8::7", 0),
		"ann@[IPv6:2001:db8::7]":    ip("2001:db8::7", 0),
	} {
		got, err := parsePlace(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestParsePlaceErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                      "",
		"ann@":                  "",
		"exa mple.org":          "",
		"http://example.org/":   "web address",
		"example..org":          "",
		"192.0.2.256":           "",
		"mx.example.net:0":      "1 to 65535",
		"mx.example.net:65536":  "1 to 65535",
		"mx.example.net:":       "1 to 65535",
		"mx.example.net:smtp":   "1 to 65535",
		"2001:db8::7:70000":     "[2001:db8::7]:465",
		"https://example.org/":  "",
		"[2001:db8::7]465":      "[2001:db8::7]:465",
		"mx.example.net:25:587": "host:port",
		":25":                   "",
	} {
		got, err := parsePlace(text)
		if err == nil {
			t.Errorf("%q is read as %+v", text, got)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %q does not say %q", text, err, want)
		}
	}
}
