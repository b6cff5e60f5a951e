//go:build unix

package tlsinfo_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mxvet/mxvet/probe/tlsinfo"
)

// openssl is the path of the program; without it the test is skipped, or fails
// where MXVET_REAL=1 says that it must run.
func openssl(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err == nil {
		return path
	}
	if os.Getenv("MXVET_REAL") == "1" {
		t.Fatal(err)
	}
	t.Skip(err)
	return ""
}

// openSSLServer is a sweeper for `openssl s_server` with an RSA certificate.
func openSSLServer(t *testing.T, flags ...string) *tlsinfo.Sweeper {
	t.Helper()
	path, dir := openssl(t), t.TempDir()
	certificate := rsaCertificate(t)
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "both.pem")
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := free.Addr().String()
	free.Close()
	var said bytes.Buffer
	server := exec.Command(path, append([]string{"s_server", "-accept", at, "-cert", file, "-key", file, "-quiet"}, flags...)...)
	server.Stdout, server.Stderr = &said, &said
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Process.Kill()
		server.Wait()
		if t.Failed() {
			t.Logf("openssl said: %.2000s", said.String())
		}
	})
	dial := func(ctx context.Context) (net.Conn, error) { return new(net.Dialer).DialContext(ctx, "tcp", at) }
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) { // a process of its own knows no synctest
		conn, err := dial(t.Context())
		if err == nil {
			conn.Close()
			break
		}
		if time.Since(start) > 10*time.Second {
			t.Fatalf("openssl does not listen: %v, %s", err, said.String())
		}
	}
	return &tlsinfo.Sweeper{Dial: dial, Name: "mx.example", Wait: func(context.Context) error { return nil }}
}

// openSSLSuites is what OpenSSL itself says that a server with an RSA certificate
// and a list of suites can do in one version, by IANA's names.
func openSSLSuites(t *testing.T, version, list string) []string {
	t.Helper()
	out, err := exec.Command(openssl(t), "ciphers", "-s", "-stdname", version, list).Output()
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
