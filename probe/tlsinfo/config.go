// Package tlsinfo answers: what did a TLS handshake agree on, and what was the
// server's certificate worth?
//
// Mail between servers is encrypted opportunistically (RFC 7435): a server
// with an expired certificate for another name is still better than none. So
// the handshake here accepts everything, and what is wrong is described
// afterwards: version, cipher suite, key-exchange group, the certificates as
// presented, and what path validation (RFC 5280, RFC 9525 for names) says of
// them. A prober must also offer what nobody should use any more, or old
// servers look broken: TLS 1.0 and every suite that crypto/tls still has.
//
// Three things no configuration can ask for, only a program's //go:debug lines:
// SHA-1 signatures in TLS 1.2 (tlssha1=1), RSA keys under 1024 bits
// (rsa1024min=0) and negative serial numbers (x509negativeserial=1). Without
// them a handshake with such a server fails.
//
// What else the server would have agreed to, a Sweeper finds out.
//
// Left out: DANE (package mx/dane), the signature of an OCSP staple, and asking
// for revocations.
package tlsinfo

import (
	"crypto/tls"
)

// Config offers all that crypto/tls can do and accepts every certificate; give
// the finished handshake to Describe. name is sent as SNI, unless it is an IP
// address, which SNI cannot carry (RFC 6066 s3).
func Config(name string) *tls.Config {
	return &tls.Config{
		ServerName:         sni(name),
		InsecureSkipVerify: true, // a bad certificate is a fact, not a failure
		MinVersion:         tls.VersionTLS10,
		CipherSuites:       allSuites(),
	}
}

// allSuites lists the suites up to TLS 1.2; those of TLS 1.3 are always offered.
func allSuites() []uint16 {
	var ids []uint16
	for _, suite := range tls.CipherSuites() {
		ids = append(ids, suite.ID)
	}
	for _, suite := range tls.InsecureCipherSuites() {
		ids = append(ids, suite.ID)
	}
	return ids
}
