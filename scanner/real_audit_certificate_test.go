//go:build unix

package scanner_test

import (
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"path/filepath"
	"testing"
	"time"
)

// realAuthority signs certificates for real servers.
type realAuthority struct {
	certificate *x509.Certificate
	key         crypto.Signer
	file        string // its certificate in PEM form, for programs that take a --ca-file
	pool        *x509.CertPool
	above       string // certificates between it and the root, in PEM form, with its own
}

// realLeaf is a server's certificate and its key.
type realLeaf struct {
	certificate *x509.Certificate
	bundle      string // key, certificate and those above it, as Postfix and OpenSSL take them
	alone       string // the same without those above it
}

// realKind says how a certificate departs from one that is in order.
type realKind struct {
	key        crypto.Signer // ECDSA P-256 where nil
	from, to   time.Time     // an hour ago and 90 days later where zero
	selfSigned bool
}

func newRealAuthority(t *testing.T) *realAuthority {
	t.Helper()
	key := p256(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Private Authority"},
		NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().AddDate(10, 0, 0),
		KeyUsage: x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true,
	}
	certificate := realSign(t, template, template, key.Public(), key)
	pool := x509.NewCertPool()
	pool.AddCert(certificate)
	file := realFile(t, filepath.Join(realDir(t), "ca.pem"), block("CERTIFICATE", certificate.Raw))
	return &realAuthority{certificate, key, file, pool, block("CERTIFICATE", certificate.Raw)}
}

// below is an authority that this one vouches for.
func (a *realAuthority) below(t *testing.T) *realAuthority {
	t.Helper()
	key := p256(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Authority Below"},
		NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().AddDate(5, 0, 0),
		KeyUsage: x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true,
	}
	certificate := realSign(t, template, a.certificate, key.Public(), a.key)
	return &realAuthority{certificate, key, a.file, a.pool, block("CERTIFICATE", certificate.Raw) + a.above}
}

func p256(t *testing.T) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func rsaKey(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func realSign(t *testing.T, template, parent *x509.Certificate, public crypto.PublicKey, signer crypto.Signer) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, signer)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

// leaf makes a certificate for the names.
func (a *realAuthority) leaf(t *testing.T, kind realKind, names ...string) realLeaf {
	t.Helper()
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	if kind.key == nil {
		kind.key = p256(t)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: names[0]}, DNSNames: names,
		NotBefore: cmp.Or(kind.from, now.Add(-time.Hour)), NotAfter: cmp.Or(kind.to, now.AddDate(0, 0, 90)),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	parent, signer := a.certificate, a.key
	if kind.selfSigned {
		parent, signer = template, kind.key
	}
	certificate := realSign(t, template, parent, kind.key.Public(), signer)
	secret, err := x509.MarshalPKCS8PrivateKey(kind.key)
	if err != nil {
		t.Fatal(err)
	}
	alone := block("PRIVATE KEY", secret) + block("CERTIFICATE", certificate.Raw)
	if kind.selfSigned {
		return realLeaf{certificate, alone, alone}
	}
	return realLeaf{certificate, alone + a.above, alone}
}
