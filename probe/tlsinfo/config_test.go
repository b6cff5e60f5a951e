package tlsinfo_test

import (
	"crypto/tls"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/mxvet/mxvet/probe/tlsinfo"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestServerNameIndication(t *testing.T) {
	for _, test := range []struct{ name, given, want string }{
		{"host name", "mx.example", "mx.example"},
		{"without the root's dot (RFC 6066 s3)", "mx.example.", "mx.example"},
		{"IPv4 address: none", "192.0.2.1", ""},
		{"IPv6 address: none", "2001:db8::1", ""},
		{"no name: none", "", ""},
	} {
		if got := tlsinfo.Config(test.given).ServerName; got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestConfigOffersWhatNobodyShouldUse(t *testing.T) {
	config := tlsinfo.Config("mx.example")
	if config.MinVersion != tls.VersionTLS10 || config.MaxVersion != 0 {
		t.Errorf("versions %#x to %#x, want TLS 1.0 to the newest", config.MinVersion, config.MaxVersion)
	}
	for _, id := range []uint16{
		tls.TLS_RSA_WITH_RC4_128_SHA,
		tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA,
		tls.TLS_RSA_WITH_AES_128_CBC_SHA,
		tls.TLS_RSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_RSA_WITH_RC4_128_SHA,
		tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA,
		tls.TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA,
		tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
		tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	} {
		if !slices.Contains(config.CipherSuites, id) {
			t.Errorf("%s is not offered", tls.CipherSuiteName(id))
		}
	}
	seen := map[uint16]bool{}
	for _, id := range config.CipherSuites {
		if seen[id] {
			t.Errorf("%s is offered twice", tls.CipherSuiteName(id))
		}
		seen[id] = true
	}
}
