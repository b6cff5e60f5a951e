package audit

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe/tlsinfo"
	"github.com/mxvet/mxvet/scanner"
)

// The name is held against the certificate also where something worse is wrong
// with it.
func TestCertificateForAnotherName(t *testing.T) {
	for name, row := range map[string]struct {
		status tlsinfo.PKIXStatus
		names  []string
		called string
		want   []string
	}{
		"snakeoil":             {tlsinfo.SelfSigned, []string{"localhost"}, "mx1.example.org", []string{"cert_name_mismatch", "cert_self_signed"}},
		"expired":              {tlsinfo.Expired, []string{"www.example.org"}, "mx1.example.org", []string{"cert_expired", "cert_name_mismatch"}},
		"of an own authority":  {tlsinfo.Untrusted, []string{"*.example.net"}, "mx1.example.org", []string{"cert_name_mismatch", "cert_untrusted"}},
		"for nobody":           {tlsinfo.SelfSigned, nil, "mx1.example.org", []string{"cert_name_mismatch", "cert_self_signed"}},
		"a name too deep":      {tlsinfo.Untrusted, []string{"*.org"}, "mx1.example.org", []string{"cert_name_mismatch", "cert_untrusted"}},
		"the right name":       {tlsinfo.SelfSigned, []string{"MX1.example.org"}, "mx1.example.org", []string{"cert_self_signed"}},
		"a wildcard that fits": {tlsinfo.Untrusted, []string{"*.example.org"}, "mx1.example.org", []string{"cert_untrusted"}},
		"the right address":    {tlsinfo.SelfSigned, []string{"192.0.2.1"}, "192.0.2.1", []string{"cert_self_signed"}},
		"another address":      {tlsinfo.SelfSigned, []string{"192.0.2.2"}, "192.0.2.1", []string{"cert_name_mismatch", "cert_self_signed"}},
		"valid":                {tlsinfo.Valid, nil, "mx1.example.org", nil},
		"held against no name": {tlsinfo.Expired, []string{"localhost"}, "", []string{"cert_expired"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := soundServer("mx1.example.org", netip.MustParseAddr("192.0.2.1"), 25)
			s.TLSName, s.TLS.Certificates[0].Names = row.called, row.names
			s.TLS.PKIX = tlsinfo.PKIX{Status: row.status, Reason: "a reason"}
			sameIDs(t, row.want, audited(Options{Now: now}, s))
		})
	}
}

// What mail programs do with a bad certificate is one finding, and none that
// speaks of other servers.
func TestSubmissionCertificateOnce(t *testing.T) {
	for _, port := range []uint16{465, 587} {
		for _, status := range []tlsinfo.PKIXStatus{tlsinfo.Expired, tlsinfo.NotYetValid, tlsinfo.NameMismatch, tlsinfo.SelfSigned, tlsinfo.Untrusted, tlsinfo.Invalid} {
			s := soundServer("mx1.example.org", netip.MustParseAddr("192.0.2.1"), port)
			s.TLS.PKIX, s.TLS.Certificates[0].Names = tlsinfo.PKIX{Status: status, Reason: "a reason"}, []string{"localhost"}
			s.TLS.Certificates[0].NotAfter = now.AddDate(0, 0, -1)
			sameIDs(t, []string{"submission_cert"}, audited(Options{Now: now}, s))
		}
	}
}

func sameIDs(t *testing.T, want []string, got []*scanner.FindingRow) {
	t.Helper()
	if diff := cmp.Diff(want, ids(got)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}
