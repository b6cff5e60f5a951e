package tlsinfo

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Validate holds a chain against a name by RFC 5280 path validation. Status is
// the worst thing found, Reason names all: a certificate may be expired,
// self-signed and for another name at once.
func Validate(chain []*x509.Certificate, name string, roots *x509.CertPool, now time.Time) PKIX {
	if len(chain) == 0 {
		return held(nil, PKIX{}, name, now)
	}
	return held(chain, path(chain, roots, now), name, now)
}

// held joins what path validation said of a chain with its time and its name.
func held(chain []*x509.Certificate, path PKIX, name string, now time.Time) PKIX {
	if len(chain) == 0 {
		return PKIX{Status: Invalid, Reason: "no certificate was presented"}
	}
	leaf := chain[0]
	var found []PKIX
	switch {
	case now.After(leaf.NotAfter):
		found = append(found, PKIX{Expired, "expired on " + leaf.NotAfter.UTC().Format(time.DateOnly)})
	case now.Before(leaf.NotBefore):
		found = append(found, PKIX{NotYetValid, "valid only from " + leaf.NotBefore.UTC().Format(time.DateOnly)})
	}
	if path.Status != Valid {
		found = append(found, path)
	}
	if name != "" && leaf.VerifyHostname(name) != nil {
		found = append(found, PKIX{NameMismatch, fmt.Sprintf("not for %s but for %s", name, orNobody(namesOf(leaf)))})
	}
	if len(found) == 0 {
		return PKIX{Status: Valid}
	}
	reasons := make([]string, len(found))
	for i, fault := range found {
		reasons[i] = fault.Reason
	}
	return PKIX{Status: found[0].Status, Reason: strings.Join(reasons, "; ")}
}

// path looks for a way to a trusted root, at a time when the leaf is valid, so
// that an expired leaf does not hide an untrusted issuer.
func path(chain []*x509.Certificate, roots *x509.CertPool, now time.Time) PKIX {
	leaf := chain[0]
	if now.After(leaf.NotAfter) || now.Before(leaf.NotBefore) {
		now = leaf.NotBefore.Add(leaf.NotAfter.Sub(leaf.NotBefore) / 2)
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: now})
	if err == nil {
		return PKIX{Status: Valid}
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		if selfSigned(leaf) {
			return PKIX{SelfSigned, "self-signed"}
		}
		return PKIX{Untrusted, "no path to a trusted root: issued by " + leaf.Issuer.String()}
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return PKIX{Expired, "a certificate in the chain has expired"}
	}
	return PKIX{Invalid, strings.TrimPrefix(err.Error(), "x509: ")}
}

// selfSigned tells a certificate signed with its own key from one whose issuer
// merely has its name. A signature too old to be checked (MD5) is believed.
func selfSigned(c *x509.Certificate) bool {
	if !bytes.Equal(c.RawIssuer, c.RawSubject) {
		return false
	}
	err := c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature)
	_, old := errors.AsType[x509.InsecureAlgorithmError](err)
	return err == nil || old || errors.Is(err, x509.ErrUnsupportedAlgorithm)
}

func orNobody(names []string) string {
	if len(names) == 0 {
		return "nobody"
	}
	return strings.Join(names[:min(len(names), 3)], ", ")
}
