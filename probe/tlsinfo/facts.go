package tlsinfo

import (
	"crypto/x509"
	"time"
)

// Facts describe one finished TLS handshake.
type Facts struct {
	Version      string        `json:"version"`       // TLSv1.3, TLSv1.2 ...
	Cipher       string        `json:"cipher"`        // IANA name
	Group        string        `json:"group"`         // key-exchange group: by IANA's name: X25519MLKEM768, x25519, secp256r1 ...; RSA where there was none
	SNI          string        `json:"sni,omitempty"` // server name sent
	Certificates []Certificate `json:"certificates"`  // as presented, the server's own first
	PKIX         PKIX          `json:"pkix"`
	Staple       *Staple       `json:"staple"` // OCSP answer; null for none

	Chain []*x509.Certificate `json:"-"` // the certificates themselves, for DANE; not written
}

// PKIX is what path validation by RFC 5280 against the name says. A bad
// certificate is a fact about the server, never a failure of the session.
type PKIX struct {
	Status PKIXStatus `json:"status"`
	Reason string     `json:"reason,omitempty"` // in one clause, where it is not valid
}

// PKIXStatus is the first thing wrong with a chain.
type PKIXStatus string

const (
	Valid        PKIXStatus = "valid"
	Expired      PKIXStatus = "expired"
	NotYetValid  PKIXStatus = "not_yet_valid"
	NameMismatch PKIXStatus = "name_mismatch"
	SelfSigned   PKIXStatus = "self_signed"
	Untrusted    PKIXStatus = "untrusted" // no path to a trusted root
	Invalid      PKIXStatus = "invalid"   // anything else, see the reason
)

// Certificate is the summary of one certificate.
type Certificate struct {
	Subject   string    `json:"subject"`
	Issuer    string    `json:"issuer"`
	Names     []string  `json:"names"` // subjectAltName DNS and IP entries
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
	Key       string    `json:"key"`         // RSA 2048, ECDSA P-256, Ed25519
	Signature string    `json:"signature"`   // SHA256-RSA ...
	SHA256    string    `json:"sha256"`      // of the DER form, hex
	SPKI      string    `json:"spki_sha256"` // of the public key, hex: the digest of a TLSA 3 1 1 record
}
