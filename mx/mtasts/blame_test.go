package mtasts

import (
	"crypto/x509"
	"testing"
	"time"
)

// TestReasonNamesTheCertificateThatIsOver: dates are those of the one that has
// ended, which may stand above the host's own.
func TestReasonNamesTheCertificateThatIsOver(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	leaf := &x509.Certificate{Raw: []byte("leaf"), NotBefore: day(3), NotAfter: day(30)}
	above := &x509.Certificate{Raw: []byte("above"), NotBefore: day(1), NotAfter: day(5)}
	for want, over := range map[string]*x509.Certificate{
		"valid from 2026-01-03 to 2026-01-30":                          leaf,
		"its issuer's certificate valid from 2026-01-01 to 2026-01-05": above,
	} {
		if got := reason(x509.CertificateInvalidError{Cert: over, Reason: x509.Expired}, leaf); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
