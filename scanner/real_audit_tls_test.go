//go:build unix

package scanner_test

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mxvet/mxvet/mx/realtest"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtptest"
	"github.com/mxvet/mxvet/probe/tlsinfo"
)

// tlsAges are the addresses of one Postfix whose TLS is of several ages.
func tlsAges(t *testing.T, ca *realAuthority) map[string]netip.AddrPort {
	t.Helper()
	at := map[string]netip.AddrPort{}
	files := realPostfixFiles{
		"main.cf":    "myhostname = mx.age.test\nmynetworks =\nsmtpd_tls_security_level = may\nsmtpd_tls_chain_files = DIR/server.pem\nsmtpd_tls_eecdh_grade = auto\n",
		"server.pem": ca.leaf(t, realKind{key: rsaKey(t, 2048)}, "mx.oldest.test", "mx.middle.test", "mx.default.test", "mx.strict.test", "mx.static.test").bundle,
	}
	var listeners []realListener
	for name, options := range map[string][]string{
		"oldest":  {"smtpd_tls_protocols=TLSv1"},
		"middle":  {"{ smtpd_tls_protocols = !SSLv2, !SSLv3, !TLSv1.2, !TLSv1.3 }"},
		"default": nil,
		"strict":  {"smtpd_tls_protocols=>=TLSv1.2", "{ smtpd_tls_exclude_ciphers = aNULL, kRSA, SHA1, SHA256, SHA384, CAMELLIA, ARIA, AESCCM }", "{ tls_eecdh_auto_curves = X25519 prime256v1 }"},
		"static":  {"smtpd_tls_protocols=TLSv1.2", "tls_medium_cipherlist=AES128-SHA:AES256-SHA"},
	} {
		at[name] = netip.AddrPortFrom(realtest.Place(t, 25), 25)
		listeners = append(listeners, realListener{addr: at[name], options: options})
	}
	realStartPostfix(t, files, listeners...)
	return at
}

// TestRealAuditOfOldTLS sweeps servers whose TLS is of several ages, and asks
// OpenSSL for each version, suite and group by itself.
func TestRealAuditOfOldTLS(t *testing.T) {
	t.Parallel()
	ca := newRealAuthority(t)
	at := tlsAges(t, ca)
	records := ""
	var domains []string
	for name, addr := range at {
		records += fmt.Sprintf("%[1]s.test. MX 10 mx.%[1]s.test.\nmx.%[1]s.test. A %[2]s\n", name, addr.Addr())
		domains = append(domains, name+".test")
	}
	s := realAuditor(t, realtest.SignedDNS(t, realtest.Zone{Name: "test", Trust: realtest.Insecure, Records: records}), ca.pool)
	tryTLS(s)
	a := realAudit(t, s, domains...)
	for name, want := range map[string]struct {
		version  string
		versions []string
		findings []string
	}{
		"oldest":  {"TLSv1.0", []string{"TLSv1.0"}, []string{"sweep_anonymous", "sweep_static_rsa", "sweep_tls_1_0", "tls_version_old"}},
		"middle":  {"TLSv1.1", []string{"TLSv1.1", "TLSv1.0"}, []string{"sweep_anonymous", "sweep_static_rsa", "sweep_tls_1_0", "tls_version_old"}},
		"default": {"TLSv1.3", []string{"TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1.0"}, []string{"sweep_anonymous", "sweep_static_rsa", "sweep_tls_1_0"}},
		"strict":  {"TLSv1.3", []string{"TLSv1.3", "TLSv1.2"}, nil},
		"static":  {"TLSv1.2", []string{"TLSv1.2"}, []string{"sweep_static_rsa", "tls_1_3_absent", "tls_no_forward_secrecy"}},
	} {
		t.Run(name, func(t *testing.T) {
			host := "mx." + name + ".test"
			row := a.at(t, host, at[name].Addr())
			if row.TLS == nil || row.Sweep == nil {
				t.Fatalf("no TLS: %+v", row.Server)
			}
			same(t, "version", want.version, row.TLS.Version)
			var versions []string
			for _, accepted := range row.Sweep.Versions {
				versions = append(versions, accepted.Version)
			}
			same(t, "versions", want.versions, versions)
			same(t, "findings", want.findings, slices.DeleteFunc(a.ids(host, "tls_", "sweep_", "starttls"), func(id string) bool { return id == "tls_no_post_quantum" }))
			same(t, "ended early", "", row.Sweep.Why)
			spotChecks(t, at[name], host, row.Sweep)
		})
	}
}

// spotChecks asks OpenSSL for versions, suites and groups one at a time.
func spotChecks(t *testing.T, at netip.AddrPort, host string, sweep *tlsinfo.Sweep) {
	t.Helper()
	taken := map[string][]string{}
	for _, accepted := range sweep.Versions {
		taken[accepted.Version] = accepted.Suites
	}
	for version, flag := range map[string]string{"TLSv1.0": "-tls1", "TLSv1.1": "-tls1_1", "TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"} {
		_, ok := openSSLSees(t, at, host, flag, "-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0")
		same(t, version, ok, taken[version] != nil)
	}
	for name, suite := range map[string]string{ // by OpenSSL's names, of all kinds
		"ECDHE-RSA-AES256-GCM-SHA384":   "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
		"ECDHE-RSA-CHACHA20-POLY1305":   "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
		"ECDHE-ECDSA-AES128-GCM-SHA256": "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
		"DHE-RSA-AES128-GCM-SHA256":     "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
		"ECDHE-RSA-CAMELLIA256-SHA384":  "TLS_ECDHE_RSA_WITH_CAMELLIA_256_CBC_SHA384",
		"AES128-SHA":                    "TLS_RSA_WITH_AES_128_CBC_SHA",
		"AES256-GCM-SHA384":             "TLS_RSA_WITH_AES_256_GCM_SHA384",
		"ADH-AES128-SHA256":             "TLS_DH_anon_WITH_AES_128_CBC_SHA256",
		"AECDH-AES256-SHA":              "TLS_ECDH_anon_WITH_AES_256_CBC_SHA",
		"NULL-SHA256":                   "TLS_RSA_WITH_NULL_SHA256",
	} {
		_, ok := openSSLSees(t, at, host, "-tls1_2", "-cipher", name+":@SECLEVEL=0")
		same(t, suite, ok, slices.Contains(taken["TLSv1.2"], suite))
	}
	flags := []string{"-cipher", "ECDHE:@SECLEVEL=0"}
	for _, group := range []string{"x25519", "secp256r1", "secp384r1", "secp521r1", "x448"} {
		seen, ok := openSSLSees(t, at, host, append(flags, "-groups", openSSLGroup(group))...)
		same(t, group, ok && seen.group != "", slices.Contains(sweep.Groups, group))
	}
}

// TestRealAuditOfMLKEM has a server that Go's crypto/tls encrypts for: Debian 12's
// OpenSSL knows no ML-KEM. What was agreed upon is what the server itself says.
func TestRealAuditOfMLKEM(t *testing.T) {
	t.Parallel()
	ca := newRealAuthority(t)
	leaf := ca.leaf(t, realKind{}, "mx.quantum.test")
	pair, err := tls.X509KeyPair([]byte(leaf.bundle), []byte(leaf.bundle))
	if err != nil {
		t.Fatal(err)
	}
	var agreed atomic.Uint32
	server := &smtptest.Server{Character: smtptest.Character{Name: "mx.quantum.test"}, TLS: &tls.Config{
		Certificates:     []tls.Certificate{pair},
		VerifyConnection: func(state tls.ConnectionState) error { agreed.Store(uint32(state.CurveID)); return nil },
	}}
	at := netip.AddrPortFrom(realtest.Place(t, 25), 25)
	serveSMTP(t, server, at)
	s := realAuditor(t, realtest.SignedDNS(t, realtest.Zone{
		Name: "test", Trust: realtest.Insecure, Records: fmt.Sprintf("quantum.test. MX 10 mx.quantum.test.\nmx.quantum.test. A %s\n", at.Addr()),
	}), ca.pool)
	a := realAudit(t, s, "quantum.test")
	row := a.at(t, "mx.quantum.test", at.Addr())
	same(t, "group by the server", tls.CurveID(agreed.Load()), tls.X25519MLKEM768)
	same(t, "group", "X25519MLKEM768", row.TLS.Group)
	same(t, "findings", nil, a.ids("mx.quantum.test", "tls_", "cert_", "starttls"))

	tryTLS(s)
	swept := realAudit(t, s, "quantum.test").at(t, "mx.quantum.test", at.Addr())
	if !slices.Contains(swept.Sweep.Groups, "X25519MLKEM768") || !slices.Contains(swept.Sweep.Groups, "x25519") {
		t.Errorf("groups %s", strings.Join(swept.Sweep.Groups, ", "))
	}
	same(t, "resumption", probe.Yes, swept.Resumed)
}

// serveSMTP has a server of ours at an address of this machine.
func serveSMTP(t *testing.T, server *smtptest.Server, at netip.AddrPort) {
	t.Helper()
	var listener net.Listener
	realWithin(t, 10*time.Second, "listening at "+at.String(), func() (ok bool) {
		var err error
		listener, err = net.Listen("tcp", at.String()) // programs that are just being started have all our files for a moment
		return err == nil
	})
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go server.Serve(conn)
		}
	}()
}
