//go:build unix

package mtasts

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mxvet/mxvet/mx/realtest"
	"github.com/mxvet/mxvet/mx/resolver"
)

// startHTTPS serves a folder with OpenSSL's server.
func startHTTPS(t *testing.T, folder string, certificate tls.Certificate) netip.AddrPort {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]})) +
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	addr, file := realtest.Port(t, "127.0.53.43"), realtest.File(t, filepath.Join(realtest.Dir(t), "server.pem"), text)
	realtest.Start(t, realtest.Program(t, "env"), "-C", folder, realtest.Program(t, "openssl"), "s_server", "-accept", addr.String(), "-cert", file, "-key", file, "-WWW", "-quiet")
	realtest.Open(t, addr)
	return addr
}

// TestRealPolicy has DNS by Knot and Unbound, and the policy by OpenSSL.
func TestRealPolicy(t *testing.T) {
	t.Parallel()
	ca, other, folder := newAuthority(t), newAuthority(t), realtest.Dir(t)
	realtest.File(t, filepath.Join(folder, ".well-known", "mta-sts.txt"), Write(Enforce, []string{"mx.good.test"}, 604800))
	right := startHTTPS(t, folder, ca.leaf(t, "mta-sts.good.test", 30))
	wrong := startHTTPS(t, folder, other.leaf(t, "mta-sts.good.test", 30))
	nothing := startHTTPS(t, realtest.Dir(t), ca.leaf(t, "mta-sts.good.test", 30))
	server := realtest.SignedDNS(t, realtest.Zone{Name: "test", Trust: realtest.Signed, Records: `
_mta-sts.good.test.  CNAME _mta-sts.provider.test.
_mta-sts.provider.test. TXT "` + Record("20260301") + `"
mta-sts.good.test.   CNAME web.provider.test.
web.provider.test.   A 127.0.53.43
`})
	lookup, err := resolver.New(resolver.Config{Servers: []netip.AddrPort{server}, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lookup.Close() })
	for name, row := range map[string]struct {
		at   netip.AddrPort
		want Fetch
	}{
		"a policy":           {right, Fetch{Presence: resolver.Present, HTTPStatus: 200, Mode: Enforce}},
		"another authority":  {wrong, Fetch{Presence: resolver.Faulty, Why: "no path to a trusted root"}},
		"no file, says 200":  {nothing, Fetch{Presence: resolver.Faulty, HTTPStatus: 200, Why: "a line is not key: value"}},
		"nobody listens now": {netip.MustParseAddrPort("127.0.53.43:9"), Fetch{Presence: resolver.Unproven, Why: "connection refused"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := &Client{
				Resolver: lookup, Roots: ca.pool(),
				Reaches: func(ip netip.Addr) bool { return ip.IsLoopback() },
				Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
					if address != "127.0.53.43:443" {
						t.Errorf("dials %s", address)
					}
					return new(net.Dialer).DialContext(ctx, network, row.at.String())
				},
			}
			facts, err := c.Facts(t.Context(), "good.test")
			if err != nil || facts.Fetch == nil {
				t.Fatalf("%+v, %v", facts, err)
			}
			alike(t, row.want, *facts.Fetch)
			policy, ok := facts.Policy()
			if ok != (row.want.Presence == resolver.Present) || ok && !policy.Matches("mx.good.test") {
				t.Errorf("policy %+v, %v", policy, ok)
			}
			want := Facts{Presence: resolver.Present, ID: "20260301", Records: []string{"v=STSv1; id=20260301;"}}
			if diff := cmp.Diff(want, facts, cmpopts.IgnoreFields(Facts{}, "Fetch")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
