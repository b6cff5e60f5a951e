package tlsinfo_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe/smtptest"
	"github.com/mxvet/mxvet/probe/tlsinfo"
)

// handshake is what a prober's handshake with a server agrees on.
func handshake(t *testing.T, name string, config *tls.Config) tls.ConnectionState {
	t.Helper()
	near, far := smtptest.Pipe(nil, nil)
	defer near.Close()
	served := make(chan error, 1)
	go func() { served <- tls.Server(far, config).Handshake() }()
	client := tls.Client(near, tlsinfo.Config(name))
	if err := client.Handshake(); err != nil {
		t.Fatal(err)
	}
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	return client.ConnectionState()
}

// selfSigned is a certificate for mx.example and 192.0.2.1 with this key.
func selfSigned(t *testing.T, public, private any) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "mx.example", Organization: []string{"Example"}},
		DNSNames:     []string{"mx.example"},
		IPAddresses:  []net.IP{net.IPv4(192, 0, 2, 1)},
		NotBefore:    time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}
}

func rsaCertificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return selfSigned(t, key.Public(), key)
}

func TestDescribeWhatWasAgreedOn(t *testing.T) {
	certificate := rsaCertificate(t)
	for _, test := range []struct {
		name                   string
		version                uint16
		suite                  uint16 // up to TLS 1.2
		group                  tls.CurveID
		wantVersion, wantGroup string
		wantCipher             string // suite's own name where empty
	}{
		{"as good as it gets", tls.VersionTLS13, 0, tls.X25519MLKEM768, "TLSv1.3", "X25519MLKEM768", "TLS_AES_128_GCM_SHA256"},
		{"another hybrid", tls.VersionTLS13, 0, tls.SecP256r1MLKEM768, "TLSv1.3", "SecP256r1MLKEM768", "TLS_AES_128_GCM_SHA256"},
		{"x25519", tls.VersionTLS13, 0, tls.X25519, "TLSv1.3", "x25519", "TLS_AES_128_GCM_SHA256"},
		{"P-256", tls.VersionTLS13, 0, tls.CurveP256, "TLSv1.3", "secp256r1", "TLS_AES_128_GCM_SHA256"},
		{"P-384", tls.VersionTLS13, 0, tls.CurveP384, "TLSv1.3", "secp384r1", "TLS_AES_128_GCM_SHA256"},
		{"P-521", tls.VersionTLS13, 0, tls.CurveP521, "TLSv1.3", "secp521r1", "TLS_AES_128_GCM_SHA256"},
		{"TLS 1.2 with ECDHE", tls.VersionTLS12, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, tls.CurveP384, "TLSv1.2", "secp384r1", ""},
		{"TLS 1.2, the secret encrypted to the RSA key", tls.VersionTLS12, tls.TLS_RSA_WITH_AES_128_GCM_SHA256, 0, "TLSv1.2", "RSA", ""},
		{"TLS 1.2 with 3DES", tls.VersionTLS12, tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA, 0, "TLSv1.2", "RSA", ""},
		{"TLS 1.1", tls.VersionTLS11, tls.TLS_RSA_WITH_AES_256_CBC_SHA, 0, "TLSv1.1", "RSA", ""},
		{"TLS 1.0 with RC4, out of a museum", tls.VersionTLS10, tls.TLS_RSA_WITH_RC4_128_SHA, 0, "TLSv1.0", "RSA", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: test.version, MaxVersion: test.version}
			if test.suite != 0 {
				config.CipherSuites = []uint16{test.suite}
			}
			if test.group != 0 {
				config.CurvePreferences = []tls.CurveID{test.group}
			}
			got := tlsinfo.Describe(handshake(t, "mx.example.", config), "mx.example.", x509.NewCertPool(), time.Now())
			want := [...]string{test.wantVersion, test.wantGroup, "mx.example", test.wantCipher}
			if test.suite != 0 {
				want[3] = tls.CipherSuiteName(test.suite)
			}
			if diff := cmp.Diff(want, [...]string{got.Version, got.Group, got.SNI, got.Cipher}); diff != "" {
				t.Errorf("version, group, SNI, cipher: -want +got:\n%s", diff)
			}
		})
	}
}

func TestDescribeCertificates(t *testing.T) {
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	edPublic, edPrivate, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		certificate    tls.Certificate
		key, signature string
	}{
		{rsaCertificate(t), "RSA 2048", "SHA256-RSA"},
		{selfSigned(t, p384.Public(), p384), "ECDSA P-384", "ECDSA-SHA384"},
		{selfSigned(t, edPublic, edPrivate), "Ed25519", "Ed25519"},
	} {
		t.Run(test.key, func(t *testing.T) {
			state := handshake(t, "192.0.2.1", &tls.Config{Certificates: []tls.Certificate{test.certificate}})
			got := tlsinfo.Describe(state, "192.0.2.1", x509.NewCertPool(), time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))
			whole, key := sha256.Sum256(state.PeerCertificates[0].Raw), sha256.Sum256(state.PeerCertificates[0].RawSubjectPublicKeyInfo)
			want := &tlsinfo.Facts{
				Version: "TLSv1.3", Cipher: "TLS_AES_128_GCM_SHA256", Group: "X25519MLKEM768",
				Certificates: []tlsinfo.Certificate{{
					Subject: "CN=mx.example,O=Example", Issuer: "CN=mx.example,O=Example", Names: []string{"mx.example", "192.0.2.1"},
					NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
					Key: test.key, Signature: test.signature, SHA256: hex.EncodeToString(whole[:]), SPKI: hex.EncodeToString(key[:]),
				}},
				PKIX:  tlsinfo.PKIX{Status: tlsinfo.SelfSigned, Reason: "self-signed"},
				Chain: state.PeerCertificates,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestDescribeTheChainAsPresented(t *testing.T) {
	ca, err := smtptest.NewCA("The Authority")
	if err != nil {
		t.Fatal(err)
	}
	certificate := smtptest.Certificate(t, smtptest.CertificateOptions{CA: ca})
	state := handshake(t, "mx.example", &tls.Config{Certificates: []tls.Certificate{certificate}})
	got := tlsinfo.Describe(state, "mx.example", ca.Pool(), time.Now())
	var subjects []string
	for _, c := range got.Certificates {
		subjects = append(subjects, c.Subject)
	}
	if diff := cmp.Diff([]string{"CN=mx.example", "CN=The Authority"}, subjects); diff != "" || got.PKIX.Status != tlsinfo.Valid {
		t.Errorf("pkix %+v; subjects, -want +got:\n%s", got.PKIX, diff)
	}
}

// A certificate without names has none, which was measured: a list, not null.
func TestFactsAsJSON(t *testing.T) {
	root := issue(t, nil, func(c *x509.Certificate) { c.Subject = pkix.Name{CommonName: "old"} })
	state := tls.ConnectionState{Version: tls.VersionTLS12, CipherSuite: tls.TLS_RSA_WITH_AES_128_CBC_SHA, PeerCertificates: []*x509.Certificate{root.certificate}}
	text, err := json.Marshal(tlsinfo.Describe(state, "mx.example", x509.NewCertPool(), time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	certificate := got["certificates"].([]any)[0].(map[string]any)
	for _, key := range []string{"not_before", "not_after", "sha256", "spki_sha256"} {
		delete(certificate, key)
	}
	want := map[string]any{
		"version": "TLSv1.2", "cipher": "TLS_RSA_WITH_AES_128_CBC_SHA", "group": "RSA",
		"certificates": []any{map[string]any{"subject": "CN=old", "issuer": "CN=old", "names": []any{}, "key": "ECDSA P-256", "signature": "ECDSA-SHA256"}},
		"pkix":         map[string]any{"status": "self_signed", "reason": "self-signed; not for mx.example but for nobody"},
		"staple":       nil,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
