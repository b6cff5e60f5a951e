package mx

import (
	"context"
	"errors"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/mx/dnstest"
	"github.com/mxvet/mxvet/mx/resolver"
)

func TestReverseName(t *testing.T) {
	for ip, want := range map[string]string{
		"192.0.2.1":          "1.2.0.192.in-addr.arpa",
		"::ffff:192.0.2.1":   "1.2.0.192.in-addr.arpa",
		"2001:db8::567:89ab": "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
	} {
		if got := ReverseName(netip.MustParseAddr(ip)); got != want {
			t.Errorf("%s: %s, want %s", ip, got, want)
		}
	}
}

const reverses = `
	1.2.0.192.in-addr.arpa.   PTR  Mail.named.example.
	mail.named.example.       A    192.0.2.1
	2.2.0.192.in-addr.arpa.   PTR  borrowed.example.
	borrowed.example.         A    198.51.100.9
	3.2.0.192.in-addr.arpa.   PTR  gone.example.
	                          PTR  second.example.
	second.example.           A    192.0.2.3
	5.2.0.192.in-addr.arpa.   PTR  broken.example.
	1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR six.example.
	six.example.              AAAA 2001:db8::1
	;!servfail broken.example.
	;!timeout 6.2.0.192.in-addr.arpa.
`

func TestReverse(t *testing.T) {
	router := Router{Resolver: dnstest.New(t, reverses)}
	for name, row := range map[string]struct {
		ip   string
		want Reverse
	}{
		"leads back": {"192.0.2.1", Reverse{DNS: resolver.NoError, Names: []string{"mail.named.example"}, Confirmed: "mail.named.example"}},
		"somebody else's name": {"192.0.2.2", Reverse{DNS: resolver.NoError, Names: []string{"borrowed.example"},
			Detail: "borrowed.example does not lead back to 192.0.2.2"}},
		"the second name leads back": {"192.0.2.3", Reverse{DNS: resolver.NoError, Names: []string{"gone.example", "second.example"}, Confirmed: "second.example"}},
		"no name":                    {"192.0.2.4", Reverse{DNS: resolver.NXDomain, Detail: "4.2.0.192.in-addr.arpa does not exist"}},
		"a name that DNS fails on": {"192.0.2.5", Reverse{DNS: resolver.NoError, Names: []string{"broken.example"}, Pending: true,
			Detail: "broken.example does not lead back to 192.0.2.5"}},
		"reverse zone is silent": {"192.0.2.6", Reverse{DNS: resolver.Timeout, Detail: "no server answered in time"}},
		"IPv6":                   {"2001:db8::1", Reverse{DNS: resolver.NoError, Names: []string{"six.example"}, Confirmed: "six.example"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := router.Reverse(t.Context(), netip.MustParseAddr(row.ip))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReverseEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	router := Router{Resolver: dnstest.New(t, reverses)}
	if _, err := router.Reverse(ctx, netip.MustParseAddr("192.0.2.1")); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
}
