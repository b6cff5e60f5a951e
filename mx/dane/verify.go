package dane

import (
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// maxChain certificates of a server are looked at.
const maxChain = 16

// Verify holds the chain that a server showed, its own certificate first, against
// records. names are those that usage 2 takes in a certificate, which
// [Facts.Names] lists; now is when. The Match's IP is for the caller to fill in.
//
// One record that matches is enough; all that do are listed. Of records with the
// same usage and selector only those with the strongest digest count, beside
// those without any: a sender is not to fall for a digest that was broken
// (RFC 7672 s5, RFC 7671 s9).
func Verify(records []Record, chain []*x509.Certificate, names []string, now time.Time) Match {
	chain = chain[:min(len(chain), maxChain)]
	counted := counting(records)
	switch {
	case len(chain) == 0:
		return Match{Verdict: Unmeasured, Why: "no certificate was seen"}
	case len(counted) == 0:
		return Match{Verdict: Unmeasured, Why: "no record can be used"}
	}
	out := Match{Verdict: Mismatched, Records: []int{}}
	var faults []string
	for _, i := range counted {
		fault := records[i].against(chain, names, now)
		if fault == "" {
			out.Records = append(out.Records, i)
		} else if fault = fmt.Sprintf("%s: %s", records[i].parameters(), fault); len(faults) < 3 && !slices.Contains(faults, fault) {
			faults = append(faults, fault)
		}
	}
	if len(out.Records) > 0 {
		out.Verdict = Matched
	} else {
		out.Why = strings.Join(faults, "; ")
	}
	return out
}

// counting are the indices of the records that a sender goes by.
func counting(records []Record) []int {
	var out []int
	for i, r := range records {
		weaker := slices.ContainsFunc(records, func(other Record) bool {
			return other.Usable && other.Usage == r.Usage && other.Selector == r.Selector && other.Matching > r.Matching
		})
		if r.Usable && (r.Matching == Full || !weaker) {
			out = append(out, i)
		}
	}
	return out
}

// against is why a chain does not satisfy the record, or nothing.
func (r Record) against(chain []*x509.Certificate, names []string, now time.Time) string {
	if r.Usage == TA {
		return r.vouched(chain, names, now)
	}
	if !r.fits(chain[0]) {
		return fmt.Sprintf("the server's %s is another: %s", kindOf(r.Selector), short(From(chain[0], EE, r.Selector, r.Matching).Data))
	}
	return ""
}

func kindOf(selector uint8) string {
	if selector == SPKI {
		return "key"
	}
	return "certificate"
}

// short shows enough of a digest to tell it from another.
func short(data string) string {
	if len(data) > 16 {
		return data[:16] + "..."
	}
	return data
}

// vouched is against for usage 2 (RFC 7672 s3.1.2, s3.2.2).
func (r Record) vouched(chain []*x509.Certificate, names []string, now time.Time) string {
	anchors := r.anchors(chain)
	if len(anchors) == 0 {
		return "the authority's certificate is not in the chain that the server shows (RFC 7672 s3.1.2)"
	}
	fault := ""
	for _, anchor := range anchors {
		if fault = path(chain, anchor, now); fault == "" {
			break
		}
	}
	if fault == "" && !named(chain[0], names) {
		fault = fmt.Sprintf("the certificate is for none of %s (RFC 7672 s3.2.2)", strings.Join(names, ", "))
	}
	return fault
}

// anchors are the certificates from which the record lets a chain hang: those it
// matches above the server's own; the one that it holds itself; or whatever is
// signed with the bare key that it holds (RFC 7671 s5.2).
func (r Record) anchors(chain []*x509.Certificate) []*x509.Certificate {
	var out []*x509.Certificate
	for _, cert := range chain[1:] {
		if r.fits(cert) {
			out = append(out, cert)
		}
	}
	if r.Matching != Full || len(out) > 0 {
		return out
	}
	der, err := hex.DecodeString(r.Data)
	if err != nil {
		return nil
	}
	if r.Selector == Cert {
		if cert, err := x509.ParseCertificate(der); err == nil {
			out = append(out, cert)
		}
		return out
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil
	}
	signer := x509.Certificate{PublicKey: key}
	for _, cert := range chain {
		if signer.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature) == nil {
			out = append(out, cert)
		}
	}
	return out
}

// path is why there is no valid way from the server's certificate up to the
// anchor, or nothing.
func path(chain []*x509.Certificate, anchor *x509.Certificate, now time.Time) string {
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(anchor)
	for _, cert := range chain[1:] {
		between.AddCert(cert)
	}
	leaf := chain[0]
	if now.After(leaf.NotAfter) || now.Before(leaf.NotBefore) {
		return fmt.Sprintf("the certificate is valid from %s to %s", leaf.NotBefore.UTC().Format(time.DateOnly), leaf.NotAfter.UTC().Format(time.DateOnly))
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: now})
	if err != nil {
		why := strings.TrimPrefix(err.Error(), "x509: ")
		return "no way to the authority: " + why[:min(len(why), 200)]
	}
	return ""
}
