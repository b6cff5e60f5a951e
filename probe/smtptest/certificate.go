package smtptest

import (
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"testing"
	"time"
)

// CertificateOptions says what a made certificate is like. The zero value is a
// self-signed certificate for mx.example, valid from an hour ago for 90 days.
type CertificateOptions struct {
	Names   []string      // subject alternative names, host names or IP addresses; mx.example where empty
	Valid   time.Duration // how long from now; 90 days where 0
	Expired bool          // it ended a day ago
	CA      *CA           // who signs it; nil for self-signed
}

// CA is a made certificate authority.
type CA struct {
	Certificate *x509.Certificate
	key         crypto.Signer
}

// Pool returns a pool that trusts the authority and nothing else.
func (c *CA) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(c.Certificate)
	return pool
}

// NewCA makes a certificate authority, valid from a year ago to ten years from now.
func NewCA(name string) (*CA, error) {
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             now.AddDate(-1, 0, 0),
		NotAfter:              now.AddDate(10, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	made, err := sign(template, nil)
	if err != nil {
		return nil, err
	}
	return &CA{Certificate: made.Leaf, key: made.PrivateKey.(crypto.Signer)}, nil
}

// NewCertificate makes an ECDSA P-256 certificate. Its times count from
// time.Now, so that in a testing/synctest bubble, whose clock starts in 2000,
// one made inside the bubble is valid there. It fails only where the system's
// random source does.
func NewCertificate(options CertificateOptions) (tls.Certificate, error) {
	now := time.Now()
	names := options.Names
	if len(names) == 0 {
		names = []string{"mx.example"}
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("smtptest: serial number: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: names[0]},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(cmp.Or(options.Valid, 90*24*time.Hour)),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if options.Expired {
		template.NotBefore, template.NotAfter = now.AddDate(0, 0, -91), now.AddDate(0, 0, -1)
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	return sign(template, options.CA)
}

// Certificate is NewCertificate for tests.
func Certificate(tb testing.TB, options CertificateOptions) tls.Certificate {
	tb.Helper()
	made, err := NewCertificate(options)
	if err != nil {
		tb.Fatal(err)
	}
	return made
}

// sign makes a key for the template and signs it with the authority's, or with
// its own where there is none. The authority's certificate is sent along, as a
// full chain.
func sign(template *x509.Certificate, ca *CA) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("smtptest: key: %w", err)
	}
	parent, signer := template, crypto.Signer(key)
	if ca != nil {
		parent, signer = ca.Certificate, ca.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("smtptest: certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("smtptest: certificate: %w", err)
	}
	made := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
	if ca != nil {
		made.Certificate = append(made.Certificate, ca.Certificate.Raw)
	}
	return made, nil
}
