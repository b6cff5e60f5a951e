package tlsinfo_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe/smtptest"
	"github.com/mxvet/mxvet/probe/tlsinfo"
)

func TestValidate(t *testing.T) {
	ca, err := smtptest.NewCA("The Authority")
	if err != nil {
		t.Fatal(err)
	}
	made := func(options smtptest.CertificateOptions) []*x509.Certificate {
		return parsed(t, smtptest.Certificate(t, options))
	}
	good := made(smtptest.CertificateOptions{CA: ca})
	stale := made(smtptest.CertificateOptions{CA: ca, Expired: true})
	own := made(smtptest.CertificateOptions{})
	many := made(smtptest.CertificateOptions{CA: ca, Names: []string{"a.example", "b.example", "c.example", "d.example"}})
	wild := made(smtptest.CertificateOptions{CA: ca, Names: []string{"*.example"}})
	address := made(smtptest.CertificateOptions{CA: ca, Names: []string{"192.0.2.1"}})
	ended := "expired on " + stale[0].NotAfter.UTC().Format(time.DateOnly)
	early := "valid only from " + good[0].NotBefore.UTC().Format(time.DateOnly)
	now, none := time.Now(), x509.NewCertPool()

	for _, test := range []struct {
		diagnosis string
		chain     []*x509.Certificate
		name      string
		roots     *x509.CertPool
		now       time.Time
		status    tlsinfo.PKIXStatus
		reason    string
	}{
		{"valid", good, "mx.example", ca.Pool(), now, tlsinfo.Valid, ""},
		{"valid, the root's dot does not count", good, "mx.example.", ca.Pool(), now, tlsinfo.Valid, ""},
		{"valid, in capitals", good, "MX.Example", ca.Pool(), now, tlsinfo.Valid, ""},
		{"valid, no name to hold it against", good, "", ca.Pool(), now, tlsinfo.Valid, ""},
		{"valid, by a wildcard", wild, "mx.example", ca.Pool(), now, tlsinfo.Valid, ""},
		{"valid, for an address", address, "192.0.2.1", ca.Pool(), now, tlsinfo.Valid, ""},
		{"expired", stale, "mx.example", ca.Pool(), now, tlsinfo.Expired, ended},
		{"not yet", good, "mx.example", ca.Pool(), now.Add(-2 * time.Hour), tlsinfo.NotYetValid, early},
		{"another name", good, "mail.example", ca.Pool(), now, tlsinfo.NameMismatch, "not for mail.example but for mx.example"},
		{"another name, three of many are told", many, "mx.example", ca.Pool(), now, tlsinfo.NameMismatch, "not for mx.example but for a.example, b.example, c.example"},
		{"a wildcard is for one label", wild, "a.mx.example", ca.Pool(), now, tlsinfo.NameMismatch, "not for a.mx.example but for *.example"},
		{"a wildcard is not for the name above", wild, "example", ca.Pool(), now, tlsinfo.NameMismatch, "not for example but for *.example"},
		{"an address is no name", address, "mx.example", ca.Pool(), now, tlsinfo.NameMismatch, "not for mx.example but for 192.0.2.1"},
		{"self-signed", own, "mx.example", none, now, tlsinfo.SelfSigned, "self-signed"},
		{"untrusted", good, "mx.example", none, now, tlsinfo.Untrusted, "no path to a trusted root: issued by CN=The Authority"},
		{"untrusted, its issuer not sent along", good[:1], "mx.example", none, now, tlsinfo.Untrusted, "no path to a trusted root: issued by CN=The Authority"},
		{"nothing", nil, "mx.example", none, now, tlsinfo.Invalid, "no certificate was presented"},
		{"expired, untrusted and for another name", stale, "mail.example", none, now, tlsinfo.Expired,
			ended + "; no path to a trusted root: issued by CN=The Authority; not for mail.example but for mx.example"},
		{"self-signed and for another name", own, "mail.example", none, now, tlsinfo.SelfSigned, "self-signed; not for mail.example but for mx.example"},
	} {
		t.Run(test.diagnosis, func(t *testing.T) {
			got := tlsinfo.Validate(test.chain, test.name, test.roots, test.now)
			if diff := cmp.Diff(tlsinfo.PKIX{Status: test.status, Reason: test.reason}, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func parsed(t *testing.T, certificate tls.Certificate) []*x509.Certificate {
	t.Helper()
	var chain []*x509.Certificate
	for _, der := range certificate.Certificate {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		chain = append(chain, c)
	}
	return chain
}

// issuer signs certificates that smtptest does not make.
type issuer struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// issue makes a certificate valid from an hour ago for a day, changed before
// it is signed: by the parent, or by its own key where there is none.
func issue(t *testing.T, parent *issuer, change func(*x509.Certificate)) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(23 * time.Hour),
	}
	change(template)
	if parent == nil {
		parent = &issuer{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent.certificate, key.Public(), parent.key)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &issuer{made, key}
}

func authority(name string) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.Subject = pkix.Name{CommonName: name}
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
	}
}

func host(c *x509.Certificate) {
	c.Subject = pkix.Name{CommonName: "mx.example"}
	c.DNSNames = []string{"mx.example"}
	c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
}

func TestValidateChains(t *testing.T) {
	root := issue(t, nil, authority("Root"))
	middle := issue(t, root, authority("Middle"))
	stale := issue(t, root, func(c *x509.Certificate) {
		authority("Stale")(c)
		c.NotBefore, c.NotAfter = time.Now().Add(-48*time.Hour), time.Now().Add(-24*time.Hour)
	})
	notCA := issue(t, root, host)
	roots := x509.NewCertPool()
	roots.AddCert(root.certificate)

	for _, test := range []struct {
		diagnosis string
		chain     []*issuer
		status    tlsinfo.PKIXStatus
		reason    string
	}{
		{"an intermediate between", []*issuer{issue(t, middle, host), middle}, tlsinfo.Valid, ""},
		{"the intermediate not sent along", []*issuer{issue(t, middle, host)}, tlsinfo.Untrusted, "no path to a trusted root: issued by CN=Middle"},
		{"out of order, strangers among them", []*issuer{issue(t, middle, host), notCA, root, middle}, tlsinfo.Valid, ""},
		{"the intermediate expired, the host's not", []*issuer{issue(t, stale, host), stale}, tlsinfo.Expired, "a certificate in the chain has expired"},
		{"signed by a host's certificate", []*issuer{issue(t, notCA, host), notCA}, tlsinfo.Untrusted, "no path to a trusted root: issued by CN=mx.example"},
		{"made for clients", []*issuer{issue(t, root, func(c *x509.Certificate) {
			host(c)
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		})}, tlsinfo.Invalid, "certificate specifies an incompatible key usage"},
		{"the name in CN only, which counts for nothing (RFC 9525 s2)", []*issuer{issue(t, root, func(c *x509.Certificate) {
			host(c)
			c.DNSNames = nil
		})}, tlsinfo.NameMismatch, "not for mx.example but for nobody"},
	} {
		t.Run(test.diagnosis, func(t *testing.T) {
			var chain []*x509.Certificate
			for _, one := range test.chain {
				chain = append(chain, one.certificate)
			}
			got := tlsinfo.Validate(chain, "mx.example", roots, time.Now())
			if diff := cmp.Diff(tlsinfo.PKIX{Status: test.status, Reason: test.reason}, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
