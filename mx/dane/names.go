package dane

import (
	"crypto/x509"
	"slices"
	"strings"
)

// Names are those of which a certificate under usage 2 must have one: the base,
// the domain that mail is for, and the names that its own CNAME led to, if it has
// one. All of these are proven, since the MX answer was validated (RFC 7672
// s3.2.2).
func (f Facts) Names(domain string, aliases ...string) []string {
	var out []string
	for _, name := range append([]string{f.Base, domain}, aliases...) {
		name = strings.ToLower(strings.TrimSuffix(name, "."))
		if name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// named says whether a certificate is for one of the names. A star stands for
// the whole first label only; the subject's common name counts where there is no
// DNS name beside it (RFC 7672 s3.2.3).
func named(cert *x509.Certificate, names []string) bool {
	if len(cert.DNSNames) == 0 {
		cert = &x509.Certificate{DNSNames: []string{cert.Subject.CommonName}}
	}
	return slices.ContainsFunc(names, func(name string) bool { return cert.VerifyHostname(name) == nil })
}
