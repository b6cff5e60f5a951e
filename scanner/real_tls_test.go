//go:build unix

package scanner_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/tlsinfo"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// selfSigned is a certificate for a name, and its key, in PEM form.
func selfSigned(t *testing.T, name string) (certificate, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: name},
		DNSNames:     []string{name},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool = x509.NewCertPool()
	pool.AddCert(parsed)
	return block("CERTIFICATE", der), block("PRIVATE KEY", secret), pool
}

func block(kind string, der []byte) string {
	var out bytes.Buffer
	_ = pem.Encode(&out, &pem.Block{Type: kind, Bytes: der}) // a Buffer takes everything
	return out.String()
}

// submissions finds an address whose port 465 is free: the scanner speaks TLS
// at once there, and nowhere else.
func submissions(t *testing.T) netip.AddrPort {
	t.Helper()
	for last := range 100 {
		addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 53, byte(100 + last)}), 465)
		if listener, err := net.Listen("tcp4", addr.String()); err == nil {
			listener.Close()
			return addr
		}
	}
	realMissing(t, "no loopback address whose port 465 is free for us")
	return netip.AddrPort{}
}

// secured are the addresses of a Postfix with a self-signed certificate.
type secured struct {
	starttls netip.AddrPort // AUTH only after STARTTLS
	mixed    netip.AddrPort // CRAM-MD5 before it, PLAIN and LOGIN too after it, in both forms
	must     netip.AddrPort // no mail without TLS
	broken   netip.AddrPort // STARTTLS offered, and no handshake ever succeeds
	implicit netip.AddrPort // TLS at once, and a login before everything
	roots    *x509.CertPool
}

func postfixThatEncrypts(t *testing.T) secured {
	t.Helper()
	realRoot(t)
	s := secured{realPort(t, "127.0.53.4"), realPort(t, "127.0.53.5"), realPort(t, "127.0.53.6"), realPort(t, "127.0.53.11"), submissions(t), nil}
	certificate, key, pool := selfSigned(t, "mx.c.test")
	s.roots = pool
	realStartPostfix(t, realPostfixFiles{
		"main.cf": `
myhostname = mx.c.test
mynetworks =
virtual_mailbox_domains = c.test
virtual_mailbox_maps = texthash:DIR/mailboxes
virtual_mailbox_base = /nonexistent
smtpd_tls_security_level = may
smtpd_tls_cert_file = DIR/certificate.pem
smtpd_tls_key_file = DIR/key.pem
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
cyrus_sasl_config_path = DIR/sasl
`,
		"mailboxes":       "ann@c.test ann/\n",
		"certificate.pem": certificate,
		"key.pem":         key,
		"sasl/smtpd.conf": "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: DIR/nobody\nmech_list: PLAIN LOGIN CRAM-MD5\n",
	},
		realListener{addr: s.starttls},
		realListener{addr: s.mixed, options: []string{
			"smtpd_tls_auth_only=no",
			"broken_sasl_auth_clients=yes",
			"{ smtpd_sasl_security_options = noanonymous, noplaintext }",
			"smtpd_sasl_tls_security_options=noanonymous",
		}},
		realListener{addr: s.must, options: []string{"smtpd_tls_security_level=encrypt"}},
		realListener{addr: s.broken, options: []string{"smtpd_tls_protocols=TLSv1", "smtpd_tls_ciphers=high", "tls_high_cipherlist=AESGCM"}}, // which TLS 1.0 does not have
		realListener{addr: s.implicit, options: []string{
			"smtpd_tls_wrappermode=yes",
			"{ smtpd_client_restrictions = permit_sasl_authenticated, reject }",
		}},
	)
	return s
}

// sorted is for mechanisms: Cyrus lists them in the order of its directory.
func sorted(words []string) []string { return slices.Sorted(slices.Values(words)) }

func TestRealPostfixThatEncrypts(t *testing.T) {
	t.Parallel()
	at := postfixThatEncrypts(t)
	scan := func(t *testing.T, addr netip.AddrPort) (*scanner.Scanner, string) {
		return realScanner(t, realZone(addr, "c.test"), addr), fmt.Sprintf("mx.c.test:%d", addr.Port())
	}
	mechanisms := []string{"CRAM-MD5", "LOGIN", "PLAIN"}

	t.Run("AUTH only after STARTTLS", func(t *testing.T) {
		s, place := scan(t, at.starttls)
		row := realSame(t, s, at.starttls, false, place)
		if diff := cmp.Diff(mechanisms, sorted(row.Encrypted.Auth)); diff != "" || len(row.Plain.Auth) > 0 {
			t.Errorf("AUTH before TLS %q, after it want - got +:\n%s", row.Plain.Auth, diff)
		}
		if row.TLS.PKIX.Status != tlsinfo.SelfSigned || row.TLS.SNI != "mx.c.test" {
			t.Errorf("certificate %+v, asked for as %q", row.TLS.PKIX, row.TLS.SNI)
		}
	})
	t.Run("a certificate that the user trusts", func(t *testing.T) {
		s, place := scan(t, at.starttls)
		s.Roots = at.roots
		if row := realSame(t, s, at.starttls, false, place); row.TLS.PKIX.Status != tlsinfo.Valid {
			t.Errorf("certificate %+v", row.TLS.PKIX)
		}
	})
	t.Run("the certificate of another name", func(t *testing.T) {
		s := realScanner(t, realZone(at.starttls, "other.test"), at.starttls)
		s.Roots = at.roots
		if row := realSame(t, s, at.starttls, false, "other.test"); row.TLS.PKIX.Status != tlsinfo.NameMismatch {
			t.Errorf("certificate %+v", row.TLS.PKIX)
		}
	})
	t.Run("AUTH before STARTTLS too, in two forms", func(t *testing.T) {
		s, place := scan(t, at.mixed)
		row := realSame(t, s, at.mixed, false, place)
		if diff := cmp.Diff([]string{"CRAM-MD5"}, row.Plain.Auth); diff != "" {
			t.Errorf("before TLS: %s", diff)
		}
		if diff := cmp.Diff(mechanisms, sorted(row.Encrypted.Auth)); diff != "" {
			t.Errorf("after TLS: %s", diff)
		}
		if !row.Plain.Extensions.LegacyAuth() || !row.Encrypted.Extensions.LegacyAuth() {
			t.Errorf("no AUTH= among %v, %v", row.Plain.Extensions, row.Encrypted.Extensions)
		}
	})
	t.Run("no mail without TLS", func(t *testing.T) {
		s, place := scan(t, at.must)
		realSame(t, s, at.must, false, place)
		rows := realSays(t, s, []realVerdict{
			{"ann@c.test", judge.Deliverable, judge.Accepted, judge.CatchAllNo},
			{"nobody@c.test", judge.Undeliverable, judge.MailboxUnknown, judge.CatchAllNo},
		})
		if !rows.verdicts[0].Evidence.TLS {
			t.Errorf("asked in clear: %+v", rows.verdicts[0].Evidence)
		}
	})
	t.Run("STARTTLS offered, and the handshake fails", func(t *testing.T) {
		s, place := scan(t, at.broken)
		row := realServers(t, s, place).servers[0]
		if row.StartTLS == probe.No || row.TLS != nil || row.Failure == nil || row.Failure.Stage != smtp.TLS {
			t.Errorf("STARTTLS %s (%s), TLS %+v, ended by %+v", row.StartTLS, row.TLSWhy, row.TLS, row.Failure)
		}
		if row.Injected != "" {
			t.Errorf("an alert taken for an injected reply: %q", row.Injected)
		}
		rows := realSays(t, s, []realVerdict{{"ann@c.test", judge.Deliverable, judge.Accepted, judge.CatchAllNo}})
		if rows.verdicts[0].Evidence.TLS {
			t.Errorf("asked inside TLS: %+v", rows.verdicts[0].Evidence)
		}
	})
	t.Run("TLS from the first octet", func(t *testing.T) {
		s, place := scan(t, at.implicit)
		row := realSame(t, s, at.implicit, true, place)
		if row.Plain != nil || row.StartTLS != probe.No {
			t.Errorf("said in clear %+v, STARTTLS %s", row.Plain, row.StartTLS)
		}
		if diff := cmp.Diff(mechanisms, sorted(row.Encrypted.Auth)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a login before everything", func(t *testing.T) {
		s, _ := scan(t, at.implicit)
		realSays(t, s, []realVerdict{{"ann@c.test", judge.Unknown, judge.ClientBlocked, judge.CatchAllInconclusive}})
	})
}
