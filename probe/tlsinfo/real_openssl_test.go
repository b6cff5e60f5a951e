//go:build unix

package tlsinfo_test

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mxvet/mxvet/mx/realtest"
	"github.com/mxvet/mxvet/probe/tlsinfo"
)

// openSSLServer is a sweeper for `openssl s_server` with an RSA certificate.
func openSSLServer(t *testing.T, flags ...string) *tlsinfo.Sweeper {
	t.Helper()
	certificate := rsaCertificate(t)
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...)
	file := realtest.File(t, filepath.Join(t.TempDir(), "both.pem"), string(text))
	at := realtest.Port(t, "127.0.53.40")
	realtest.Start(t, realtest.Program(t, "openssl"), append([]string{"s_server", "-accept", at.String(), "-cert", file, "-key", file, "-quiet"}, flags...)...)
	realtest.Open(t, at)
	return &tlsinfo.Sweeper{
		Name: "mx.example",
		Wait: func(context.Context) error { return nil },
		Dial: func(ctx context.Context) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", at.String())
		},
	}
}

// openSSLSuites is what OpenSSL itself says that a server with an RSA certificate
// and a list of suites can do in one version, by IANA's names.
func openSSLSuites(t *testing.T, version, list string) []string {
	t.Helper()
	out, err := exec.Command(realtest.Program(t, "openssl"), "ciphers", "-s", "-stdname", version, list).Output()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for line := range strings.Lines(string(out)) {
		if (strings.Contains(line, "Au=RSA") || strings.Contains(line, "Au=None") || strings.Contains(line, "Au=any")) && !strings.Contains(line, "PSK") && !strings.Contains(line, "SRP") {
			names = append(names, strings.Fields(line)[0])
		}
	}
	if len(names) == 0 {
		t.Fatalf("openssl knows no suites for %s", version)
	}
	return names
}

func TestSweepOfRealOpenSSL(t *testing.T) {
	const all = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
	classical := []string{"x25519", "secp256r1", "x448", "secp521r1", "secp384r1"}
	for _, test := range []struct {
		name     string
		flags    []string
		versions []string // as flags of openssl
		suites   string
		groups   []string
		order    string
	}{
		{"TLS 1.0 alone, with all it has", []string{"-tls1", "-cipher", all, "-serverpref", "-groups", "P-256:P-521"}, []string{"-tls1"}, all, []string{"secp256r1", "secp521r1"}, "server"},
		{"TLS 1.1 alone, the client's order", []string{"-tls1_1", "-cipher", all, "-groups", "X25519:P-384"}, []string{"-tls1_1"}, all, []string{"x25519", "secp384r1"}, "client"},
		{"TLS 1.2 alone, with all it has", []string{"-tls1_2", "-cipher", all, "-serverpref", "-groups", "X25519:P-256:X448:P-521:P-384"}, []string{"-tls1_2"}, all, classical, "server"},
		{"TLS 1.3 alone", []string{"-tls1_3", "-groups", "X25519:P-256:X448:P-521:P-384"}, []string{"-tls1_3"}, "", classical, "client"},
		{"TLS 1.0 to 1.3", []string{"-cipher", "AES128-SHA:AES256-SHA:@SECLEVEL=0", "-serverpref", "-groups", "P-256"}, []string{"-tls1_3", "-tls1_2", "-tls1_1", "-tls1"}, "AES128-SHA:AES256-SHA:@SECLEVEL=0", []string{"secp256r1"}, "server"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := openSSLServer(t, test.flags...)
			s.Limit = 1000
			got := s.Sweep(t.Context())
			want := tlsinfo.Sweep{Groups: test.groups, Order: test.order}
			for _, version := range test.versions {
				name := map[string]string{"-tls1": "TLSv1.0", "-tls1_1": "TLSv1.1", "-tls1_2": "TLSv1.2", "-tls1_3": "TLSv1.3"}[version]
				list := test.suites
				if version == "-tls1_3" {
					list = "DEFAULT" // 1.3 has a list of its own, which -cipher does not touch
				}
				want.Versions = append(want.Versions, tlsinfo.Accepted{Version: name, Suites: openSSLSuites(t, version, list)})
			}
			wantSweep(t, got, want)
			t.Logf("%d connections", got.Connections)
		})
	}
}
