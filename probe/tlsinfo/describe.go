package tlsinfo

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Describe summarises a finished handshake. name is what the certificate is
// held against, roots what is trusted (nil is the system's), now the time at
// which it counts.
func Describe(state tls.ConnectionState, name string, roots *x509.CertPool, now time.Time) *Facts {
	return (*Known)(nil).Describe(state, name, roots, now)
}

// Describe is the function of that name, with chains known before from memory.
func (k *Known) Describe(state tls.ConnectionState, name string, roots *x509.CertPool, now time.Time) *Facts {
	known := k.of(state.PeerCertificates, roots, now)
	return &Facts{
		Version: versionName(state.Version),
		Cipher:  tls.CipherSuiteName(state.CipherSuite),
		Group:   group(state),
		SNI:     state.ServerName,
		PKIX:    held(state.PeerCertificates, known.path, name, now),
		Staple:  readStaple(state.OCSPResponse, state.PeerCertificates),
		Chain:   state.PeerCertificates,

		Certificates: known.certificates,
	}
}

// versionName writes TLSv1.3, as OpenSSL and Postfix do.
func versionName(version uint16) string {
	return strings.Replace(tls.VersionName(version), "TLS ", "TLSv", 1)
}

// group names what the keys were agreed with; a suite without (EC)DHE
// encrypts a secret to the server's RSA key.
func group(state tls.ConnectionState) string {
	if state.CurveID != 0 {
		return groupName(uint16(state.CurveID))
	}
	if strings.HasPrefix(tls.CipherSuiteName(state.CipherSuite), "TLS_RSA_") {
		return "RSA"
	}
	return ""
}

func summarise(c *x509.Certificate) Certificate {
	whole, key := sha256.Sum256(c.Raw), sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return Certificate{
		Subject:   c.Subject.String(),
		Issuer:    c.Issuer.String(),
		Names:     namesOf(c),
		NotBefore: c.NotBefore,
		NotAfter:  c.NotAfter,
		Key:       keyKind(c),
		Signature: c.SignatureAlgorithm.String(),
		SHA256:    hex.EncodeToString(whole[:]),
		SPKI:      hex.EncodeToString(key[:]),
	}
}

// namesOf lists the DNS and IP entries of subjectAltName; it is never nil.
func namesOf(c *x509.Certificate) []string {
	names := append([]string{}, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	return names
}

func keyKind(c *x509.Certificate) string {
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", key.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + key.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	default:
		return c.PublicKeyAlgorithm.String()
	}
}
