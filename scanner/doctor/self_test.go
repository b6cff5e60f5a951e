package doctor

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/dnstest"
)

func TestIntroduce(t *testing.T) {
	const zone = healthy + `
	2.100.51.198.in-addr.arpa.    PTR  mail.example.org.
	;!delay slow.example.org. 1m
	`
	router := &mx.Router{Resolver: dnstest.New(t, zone), Reaches: documented}
	for name, row := range map[string]struct {
		given, ip string
		want      Self
	}{
		"a given name that is ours":            {"mail.example.org", "198.51.100.1", Self{"mail.example.org", true, ""}},
		"a given name that is another's":       {"mx.gmail.com", "198.51.100.1", Self{"mx.gmail.com", false, "mx.gmail.com does not resolve to this machine's address"}},
		"a given name behind a router":         {"mail.example.org", "192.168.1.5", Self{"mail.example.org", true, ""}},
		"a given name that is nowhere":         {"gone.example.org", "192.168.1.5", Self{"gone.example.org", false, "gone.example.org does not resolve to this machine's address"}},
		"a PTR name that leads back":           {"", "198.51.100.1", Self{"mail.example.org", true, ""}},
		"a PTR name that leads elsewhere":      {"", "198.51.100.2", Self{"[198.51.100.2]", true, ""}},
		"no PTR name":                          {"", "2001:db8::7", Self{"[IPv6:2001:db8::7]", true, ""}},
		"behind a router":                      {"", "192.168.1.5", Self{"[192.168.1.5]", false, "[192.168.1.5] is this machine's own address only behind its router"}},
		"no network":                           {"", "", Self{"[127.0.0.1]", false, "[127.0.0.1] is this machine's own address only behind its router"}},
		"a given name and no network to match": {"mail.example.org", "", Self{"mail.example.org", true, ""}},
	} {
		t.Run(name, func(t *testing.T) {
			ip, _ := netip.ParseAddr(row.ip)
			got := Introduce(t.Context(), router, row.given, ip)
			if got.Confirmed {
				got.Doubt = "" // said of what is not
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("DNS is slow", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			got := Introduce(t.Context(), router, "slow.example.org", netip.MustParseAddr("198.51.100.1"))
			if got.Confirmed || time.Since(start) != 10*time.Second {
				t.Errorf("%+v after %v", got, time.Since(start))
			}
		})
	})
}

func TestParseTarget(t *testing.T) {
	for text, want := range map[string]Target{
		"mx.example.org":       {Name: "mx.example.org"},
		" MX.Example.org ":     {Name: "mx.example.org"},
		"mx.example.org:2525":  {Name: "mx.example.org", Port: 2525},
		"b\u00fccher.example":  {Name: "xn--bcher-kva.example"},
		"192.0.2.7":            {IP: netip.MustParseAddr("192.0.2.7")},
		"192.0.2.7:26":         {IP: netip.MustParseAddr("192.0.2.7"), Port: 26},
		"::ffff:192.0.2.7":     {IP: netip.MustParseAddr("192.0.2.7")},
		"2001:db8::7":          {IP: netip.MustParseAddr("2001:db8::7")},
		"[2001:db8::7]":        {IP: netip.MustParseAddr("2001:db8::7")},
		"[2001:db8::7]:2525":   {IP: netip.MustParseAddr("2001:db8::7"), Port: 2525},
		"mx.example.org:65535": {Name: "mx.example.org", Port: 65535},
	} {
		got, err := ParseTarget(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
	for _, text := range []string{"", ":25", "mx.example.org:", "mx.example.org:0", "mx.example.org:65536", "mx.example.org:smtp", "192.0.2.7:0", "a b", "2001:db8::7:x"} {
		if got, err := ParseTarget(text); err == nil {
			t.Errorf("%q: %+v, want an error", text, got)
		}
	}
}

func TestLargeDomains(t *testing.T) {
	seen := map[string]bool{}
	for _, target := range large() {
		if parsed, err := ParseTarget(target.Name); err != nil || parsed != target || seen[target.Name] {
			t.Errorf("%q: a domain, once", target.Name)
		}
		seen[target.Name] = true
	}
	if len(seen) < 3 {
		t.Errorf("%d domains: too few to tell our fault from theirs", len(seen))
	}
}
