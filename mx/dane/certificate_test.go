package dane

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"
)

// made is a certificate of this test with its key.
type made struct {
	*x509.Certificate
	key *ecdsa.PrivateKey
}

// issue makes a certificate for a name, signed by itself or another. It
// is valid for 90 days, the last of which is so many days from now.
func issue(t *testing.T, by *made, name string, days int, change ...func(*x509.Certificate)) made {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(len(name) + days + 1000)), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().AddDate(0, 0, days-90), NotAfter: time.Now().AddDate(0, 0, days),
		DNSNames: []string{name},
	}
	for _, c := range change {
		c(template)
	}
	parent := made{template, key}
	if by != nil {
		parent = *by
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent.Certificate, key.Public(), parent.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return made{cert, key}
}

func authority(c *x509.Certificate) {
	c.IsCA, c.BasicConstraintsValid, c.KeyUsage, c.DNSNames = true, true, x509.KeyUsageCertSign, nil
}

func nameless(c *x509.Certificate) { c.DNSNames = nil }

func chain(certs ...made) []*x509.Certificate {
	var out []*x509.Certificate
	for _, c := range certs {
		out = append(out, c.Certificate)
	}
	return out
}
