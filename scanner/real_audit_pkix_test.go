//go:build unix

package scanner_test

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mxvet/mxvet/mx/mtasts"
	"github.com/mxvet/mxvet/mx/realtest"
	"github.com/mxvet/mxvet/probe/tlsinfo"
	"github.com/mxvet/mxvet/scanner/judge"
)

// worn is a certificate with something wrong, and what becomes of it where the
// domain promised by MTA-STS that it would be right.
type worn struct {
	bundle   string
	status   tlsinfo.PKIXStatus
	verify   int    // by OpenSSL, X509_V_ERR_...
	word     string // by posttls-finger
	mtasts   judge.FareWord
	findings []string
}

func wornCertificates(t *testing.T, ca *realAuthority) map[string]worn {
	t.Helper()
	now, other := time.Now(), newRealAuthority(t)
	below := ca.below(t)
	failing := func(id string) []string { return []string{id, "delivery_mta_sts_stops", "mta_sts_server_fails"} }
	return map[string]worn{
		"sound":    {ca.leaf(t, realKind{}, "mx.sound.test").bundle, tlsinfo.Valid, 0, "Verified", judge.Authenticated, nil},
		"rsa":      {ca.leaf(t, realKind{key: rsaKey(t, 2048)}, "mx.rsa.test").bundle, tlsinfo.Valid, 0, "Verified", judge.Authenticated, nil},
		"wildcard": {ca.leaf(t, realKind{}, "*.wildcard.test").bundle, tlsinfo.Valid, 0, "Verified", judge.Authenticated, nil},
		"chain":    {below.leaf(t, realKind{}, "mx.chain.test").bundle, tlsinfo.Valid, 0, "Verified", judge.Authenticated, nil},
		"ending": {ca.leaf(t, realKind{from: now.AddDate(0, 0, -85), to: now.AddDate(0, 0, 5)}, "mx.ending.test").bundle,
			tlsinfo.Valid, 0, "Verified", judge.Authenticated, []string{"cert_expiring"}},
		"weak": {ca.leaf(t, realKind{key: rsaKey(t, 1024)}, "mx.weak.test").bundle,
			tlsinfo.Valid, 66, "Verified", judge.Authenticated, []string{"cert_key_weak"}}, // EE_KEY_TOO_SMALL, at Debian's level of security
		"expired": {ca.leaf(t, realKind{from: now.AddDate(0, 0, -91), to: now.AddDate(0, 0, -1)}, "mx.expired.test").bundle,
			tlsinfo.Expired, 10, "Untrusted", judge.Delayed, failing("cert_expired")},
		"early": {ca.leaf(t, realKind{from: now.AddDate(0, 0, 1)}, "mx.early.test").bundle,
			tlsinfo.NotYetValid, 9, "Untrusted", judge.Delayed, failing("cert_not_yet_valid")},
		"self": {ca.leaf(t, realKind{selfSigned: true}, "mx.self.test").bundle,
			tlsinfo.SelfSigned, 18, "Untrusted", judge.Delayed, failing("cert_self_signed")},
		"named": {ca.leaf(t, realKind{}, "mx.elsewhere.test").bundle,
			tlsinfo.NameMismatch, 62, "Untrusted", judge.Delayed, failing("cert_name_mismatch")},
		"foreign": {other.leaf(t, realKind{}, "mx.foreign.test").alone,
			tlsinfo.Untrusted, 21, "Untrusted", judge.Delayed, failing("cert_untrusted")},
		"broken": {below.leaf(t, realKind{}, "mx.broken.test").alone,
			tlsinfo.Untrusted, 21, "Untrusted", judge.Delayed, failing("cert_untrusted")}, // the link to the root is not sent
	}
}

// TestRealAuditOfCertificates has one Postfix with a certificate of each kind, at
// as many addresses.
func TestRealAuditOfCertificates(t *testing.T) {
	t.Parallel()
	ca := newRealAuthority(t)
	kinds := wornCertificates(t, ca)
	files := realPostfixFiles{"main.cf": "mynetworks =\nsmtpd_tls_security_level = may\n"}
	var listeners []realListener
	var hosts, domains, webs []string
	at, records := map[string]netip.AddrPort{}, ""
	for name, kind := range kinds {
		ip := realtest.Place(t, 25)
		at[name] = netip.AddrPortFrom(ip, 25)
		files[name+".pem"] = kind.bundle
		listeners = append(listeners, realListener{addr: at[name], options: []string{"myhostname=mx." + name + ".test", "smtpd_tls_chain_files=DIR/" + name + ".pem"}})
		hosts, domains, webs = append(hosts, "mx."+name+".test"), append(domains, name+".test"), append(webs, "mta-sts."+name+".test")
		records += fmt.Sprintf("%[1]s.test. MX 10 mx.%[1]s.test.\nmx.%[1]s.test. A %[2]s\n_mta-sts.%[1]s.test. TXT %[3]q\nmta-sts.%[1]s.test. CNAME web.test.\n",
			name, ip, mtasts.Record("20260301"))
	}
	postfix := realStartPostfix(t, files, listeners...)
	web := startPolicy(t, ca.leaf(t, realKind{}, webs...).bundle, mtasts.Write(mtasts.Enforce, hosts, 1209600))
	dns := realtest.SignedDNS(t, realtest.Zone{Name: "test", Trust: realtest.Insecure, Records: records + fmt.Sprintf("web.test. A %s\n", web)})
	a := realAudit(t, realAuditor(t, dns, ca.pool), domains...)

	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			domain, host := name+".test", "mx."+name+".test"
			row := a.at(t, host, at[name].Addr())
			if row.TLS == nil {
				t.Fatalf("%s, STARTTLS %s (%s), ended by %+v", row.Why, row.StartTLS, row.TLSWhy, row.Failure)
			}
			same(t, "PKIX", kind.status, row.TLS.PKIX.Status)
			seen, ok := openSSLSees(t, at[name], host, "-CAfile", ca.file, "-verify_hostname", host)
			same(t, "by OpenSSL", kind.verify, seen.verify)
			same(t, "certificate by OpenSSL", openSSLTells(t, seen.certificate), summary(row.TLS.Certificates[0]))
			same(t, "by posttls-finger", postTLS{kind.word, seen.version, row.TLS.Certificates[0].SHA256, row.TLS.Certificates[0].SPKI}, postfix.finger(t, at[name], host, ca.file))
			same(t, "deliveries", [4]judge.FareWord{judge.Encrypted, kind.mtasts, judge.Encrypted, judge.Returned}, fares(a.domain(t, domain)))
			prefixes := []string{"cert_", "mta_sts_server", "mta_sts_mx", "delivery_", "tls_v", "starttls"}
			same(t, "findings", kind.findings, append(a.ids(host, prefixes...), a.ids(domain, prefixes...)...))
			if !ok {
				t.Error("OpenSSL could not shake hands")
			}
		})
	}
}

// openSSLTells is a certificate as `openssl x509` tells of it.
func openSSLTells(t *testing.T, text string) [7]string {
	t.Helper()
	file := realFile(t, t.TempDir()+"/leaf.pem", text)
	said := realSaid(t, "openssl", "x509", "-in", file, "-noout", "-text", "-fingerprint", "-sha256", "-nameopt", "RFC2253")
	find := func(pattern string) string {
		match := regexp.MustCompile(pattern).FindStringSubmatch(said)
		if match == nil {
			t.Fatalf("no %s in\n%s", pattern, said)
		}
		return strings.TrimSpace(match[1])
	}
	return [7]string{
		find(`Subject: (.*)`), find(`Issuer: (.*)`), find(`DNS:(.*)`), find(`Not Before: (.*)`), find(`Not After ?: (.*)`),
		find(`Public-Key: \((\d+) bit\)`), strings.ToLower(strings.ReplaceAll(find(`sha256 Fingerprint=(.*)`), ":", "")),
	}
}

// summary is the same of a certificate in a row.
func summary(c tlsinfo.Certificate) [7]string {
	_, bits, _ := strings.Cut(c.Key, " ")
	when := func(at time.Time) string { return at.UTC().Format("Jan _2 15:04:05 2006 GMT") }
	return [7]string{c.Subject, c.Issuer, strings.Join(c.Names, ", DNS:"), when(c.NotBefore), when(c.NotAfter), strings.TrimPrefix(bits, "P-"), c.SHA256}
}
