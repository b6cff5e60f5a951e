package audit

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
)

// The record lets those authorities issue that already do.
func TestCAALines(t *testing.T) {
	for name, row := range map[string]struct {
		issuers []string // of mx1's and mx2's certificates
		domain  string
		want    []string
	}{
		"Let's Encrypt":      {[]string{"CN=R11,O=Let's Encrypt,C=US", "CN=E7,O=Let's Encrypt,C=US"}, "example.org", []string{"letsencrypt.org"}},
		"two":                {[]string{"CN=R11,O=Let's Encrypt,C=US", "CN=GlobalSign RSA OV SSL CA 2018,O=GlobalSign nv-sa,C=BE"}, "example.org", []string{"globalsign.com", "letsencrypt.org"}},
		"Google":             {[]string{"CN=WR2,O=Google Trust Services,C=US", "CN=Own CA"}, "example.org", []string{"pki.goog"}},
		"GoDaddy":            {[]string{`CN=Go Daddy Secure Certificate Authority - G2,OU=http://certs.godaddy.com/repository/,O=GoDaddy.com\, Inc.,L=Scottsdale`, ""}, "example.org", []string{"godaddy.com"}},
		"HARICA":             {[]string{"CN=HARICA DV TLS RSA,O=Hellenic Academic and Research Institutions CA,C=GR", ""}, "example.org", []string{"harica.gr"}},
		"ZeroSSL":            {[]string{"CN=ZeroSSL ECC Domain Secure Site CA,O=ZeroSSL,C=AT", ""}, "example.org", []string{"sectigo.com"}},
		"the unit of no CA":  {[]string{"CN=x,OU=O=DigiCert,O=Own", ""}, "example.org", []string{"DOMAIN-OF-YOUR-AUTHORITY"}},
		"an own authority":   {[]string{"CN=Own CA,O=Example", ""}, "example.org", []string{"DOMAIN-OF-YOUR-AUTHORITY"}},
		"somebody's servers": {[]string{"CN=R11,O=Let's Encrypt,C=US", ""}, "example.net", []string{"DOMAIN-OF-YOUR-AUTHORITY"}},
		"a longer name":      {[]string{"CN=R11,O=Let's Encrypt,C=US", ""}, "ample.org", []string{"DOMAIN-OF-YOUR-AUTHORITY"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := sound()
			for i, s := range w.servers {
				s.TLS.Certificates[0].Issuer = row.issuers[i/2]
			}
			w.domain.Domain, w.domain.CAA = row.domain, &mx.CAA{Presence: resolver.Absent}
			var want []string
			for _, name := range row.want {
				want = append(want, row.domain+`. IN CAA 0 issue "`+name+`"`)
			}
			if diff := cmp.Diff([]string{strings.Join(want, "\n")}, fixes(t, w, "caa_")); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}
