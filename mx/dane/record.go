package dane

import (
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/miekg/dns"

	"github.com/mxvet/mxvet/mx/resolver"
)

// Usages for mail, selectors and matching types (RFC 6698 s2.1, RFC 7218).
const (
	TA uint8 = 2 // DANE-TA: the authority
	EE uint8 = 3 // DANE-EE: the server's own certificate

	Cert uint8 = 0 // all of the certificate
	SPKI uint8 = 1 // its public key

	Full   uint8 = 0 // as it is
	SHA256 uint8 = 1
	SHA512 uint8 = 2
)

const (
	maxRecords = 32      // that are kept of an answer
	maxData    = 8 << 10 // octets of a record: a certificate has room in a quarter of it
)

// recordsOf reads the TLSA records of an answer; none are an empty list.
func recordsOf(answer resolver.Answer) []Record {
	out := []Record{}
	for _, rr := range answer.Records {
		if tlsa, ok := rr.(*dns.TLSA); ok && len(out) < maxRecords {
			out = append(out, record(tlsa.Usage, tlsa.Selector, tlsa.MatchingType, tlsa.Certificate))
		}
	}
	return out
}

// record is the Record of these fields, judged.
func record(usage, selector, matching uint8, data string) Record {
	r := Record{Usage: usage, Selector: selector, Matching: matching, Data: strings.ToLower(data)}
	r.Why = r.fault()
	r.Usable = r.Why == ""
	r.Data = r.Data[:min(len(r.Data), 2*maxData)]
	return r
}

// fault is why no mail sender can use the record, in one clause.
func (r Record) fault() string {
	data, err := hex.DecodeString(r.Data)
	switch {
	case r.Usage < TA:
		return fmt.Sprintf("usage %d wants a public authority, which mail senders do not ask for (RFC 7672 s3.1.3)", r.Usage)
	case r.Usage > EE:
		return fmt.Sprintf("unknown usage %d", r.Usage)
	case r.Selector > SPKI:
		return fmt.Sprintf("unknown selector %d", r.Selector)
	case r.Matching > SHA512:
		return fmt.Sprintf("unknown matching type %d", r.Matching)
	case err != nil || len(data) == 0:
		return "no data"
	case r.Matching == SHA256 && len(data) != sha256.Size, r.Matching == SHA512 && len(data) != sha512.Size:
		return fmt.Sprintf("%d octets are no digest of matching type %d", len(data), r.Matching)
	case len(data) > maxData:
		return fmt.Sprintf("%d octets of data", len(data))
	case r.Matching == Full && !r.readable(data):
		return "its data is neither a certificate nor a key that can be read"
	}
	return ""
}

// readable says whether data that is no digest is what the selector says.
func (r Record) readable(data []byte) bool {
	if r.Selector == Cert {
		_, err := x509.ParseCertificate(data)
		return err == nil
	}
	_, err := x509.ParsePKIXPublicKey(data)
	return err == nil
}

// String is the record's data as a zone file has it: 3 1 1 and the hex digits.
func (r Record) String() string {
	return fmt.Sprintf("%d %d %d %s", r.Usage, r.Selector, r.Matching, r.Data)
}

// parameters are the three numbers alone.
func (r Record) parameters() string { return fmt.Sprintf("%d %d %d", r.Usage, r.Selector, r.Matching) }

// Name is where the records of a host and port are, without the final dot
// (RFC 6698 s3).
func Name(host string, port uint16) string {
	return fmt.Sprintf("_%d._tcp.%s", port, strings.TrimSuffix(host, "."))
}

// Line is a record as a line of a zone file.
func Line(host string, port uint16, r Record) string {
	return fmt.Sprintf("%s. IN TLSA %s", Name(host, port), r)
}

// From makes the record that fits a certificate: of a server for usage 3, of its
// authority for usage 2. Parameters that are not for mail make one that is not
// Usable.
func From(cert *x509.Certificate, usage, selector, matching uint8) Record {
	return record(usage, selector, matching, hex.EncodeToString(digest(selected(cert, selector), matching)))
}

// selected is what of a certificate a selector means, in DER; nil for an unknown
// one (RFC 6698 s2.1.2).
func selected(cert *x509.Certificate, selector uint8) []byte {
	switch selector {
	case Cert:
		return cert.Raw
	case SPKI:
		return cert.RawSubjectPublicKeyInfo
	}
	return nil
}

// digest is how a matching type writes it (RFC 6698 s2.1.3).
func digest(der []byte, matching uint8) []byte {
	switch matching {
	case Full:
		return der
	case SHA256:
		sum := sha256.Sum256(der)
		return sum[:]
	case SHA512:
		sum := sha512.Sum512(der)
		return sum[:]
	}
	return nil
}

// fits says whether the record is of this certificate.
func (r Record) fits(cert *x509.Certificate) bool {
	return r.Data != "" && r.Data == hex.EncodeToString(digest(selected(cert, r.Selector), r.Matching))
}
