package mtasts

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/mxvet/mxvet/mx/resolver"
)

// maxWhy is how many octets of an error's text are told: it may hold the
// server's.
const maxWhy = 200

// blame tells what is wrong with the policy host for every sender, as its
// certificate, from what may be gone in a minute. The time is the end of a
// certificate that was refused.
func blame(err error) (resolver.Presence, string, *time.Time) {
	if refused, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		why, notAfter := certificate(refused)
		return resolver.Faulty, why, notAfter
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return resolver.Faulty, "it does not speak TLS", nil
	}
	why := cut(strings.Join(strings.Fields(err.Error()), " "), maxWhy)
	if alert, ok := errors.AsType[*net.OpError](err); ok && alert.Op == "remote error" {
		return resolver.Faulty, "TLS: " + why, nil
	}
	return resolver.Unproven, why, nil
}

// certificate says why a policy host's certificate was refused.
func certificate(refused *tls.CertificateVerificationError) (string, *time.Time) {
	if len(refused.UnverifiedCertificates) == 0 {
		return "it shows no certificate", nil
	}
	leaf := refused.UnverifiedCertificates[0]
	return "certificate: " + reason(refused.Err, leaf), &leaf.NotAfter
}

func reason(err error, leaf *x509.Certificate) string {
	if other, ok := errors.AsType[x509.HostnameError](err); ok {
		names := leaf.DNSNames[:min(len(leaf.DNSNames), 3)]
		return fmt.Sprintf("not for %s but for %s", other.Host, cut(strings.Join(names, ", "), maxWhy))
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "no path to a trusted root: issued by " + cut(leaf.Issuer.String(), maxWhy)
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		which := ""
		if invalid.Cert != nil && !invalid.Cert.Equal(leaf) {
			leaf, which = invalid.Cert, "its issuer's certificate "
		}
		return fmt.Sprintf("%svalid from %s to %s", which, leaf.NotBefore.UTC().Format(time.DateOnly), leaf.NotAfter.UTC().Format(time.DateOnly))
	}
	return cut(strings.TrimPrefix(err.Error(), "x509: "), maxWhy)
}
