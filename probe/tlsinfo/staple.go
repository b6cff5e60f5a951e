package tlsinfo

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"time"
)

// Staple is the OCSP answer that came with the certificate (RFC 6066 s8). Its
// signature is not checked: it says what the server presents, and a client that
// must know whether a certificate was revoked asks further.
type Staple struct {
	Status     StapleStatus `json:"status"`
	NextUpdate time.Time    `json:"next_update,omitzero"`
}

// StapleStatus is what an OCSP answer says of the certificate (RFC 6960 s2.2).
type StapleStatus string

const (
	StapleGood       StapleStatus = "good"
	StapleRevoked    StapleStatus = "revoked"
	StapleUnknown    StapleStatus = "unknown"
	StapleUnreadable StapleStatus = "unreadable" // it is malformed, an error, or about another certificate
)

// The parts of RFC 6960 s4.2.1 that are needed.
type ocspResponse struct {
	Status asn1.Enumerated
	Bytes  struct {
		Type     asn1.ObjectIdentifier
		Response []byte
	} `asn1:"explicit,tag:0,optional"`
}

type basicResponse struct {
	Data struct {
		Version   int `asn1:"optional,default:0,explicit,tag:0"`
		Responder asn1.RawValue
		Produced  time.Time `asn1:"generalized"`
		Responses []singleResponse
	}
	Algorithm    pkix.AlgorithmIdentifier
	Signature    asn1.BitString
	Certificates []asn1.RawValue `asn1:"explicit,tag:0,optional"`
}

type singleResponse struct {
	ID struct {
		Algorithm pkix.AlgorithmIdentifier
		NameHash  []byte
		KeyHash   []byte
		Serial    *big.Int
	}
	Status     asn1.RawValue
	ThisUpdate time.Time        `asn1:"generalized"`
	NextUpdate time.Time        `asn1:"generalized,explicit,tag:0,optional"`
	Extensions []pkix.Extension `asn1:"explicit,tag:1,optional"`
}

// readStaple looks for the answer about the first certificate; nil for no staple.
func readStaple(der []byte, chain []*x509.Certificate) *Staple {
	if len(der) == 0 {
		return nil
	}
	for _, single := range staples(der) {
		if len(chain) == 0 || single.ID.Serial == nil || single.ID.Serial.Cmp(chain[0].SerialNumber) != 0 {
			continue
		}
		return &Staple{Status: stapleStatus(single.Status), NextUpdate: single.NextUpdate.UTC()}
	}
	return &Staple{Status: StapleUnreadable}
}

// staples are the answers within a response; none where it cannot be read. An
// optional time that is absent stays zero.
func staples(der []byte) []singleResponse {
	var response ocspResponse
	if _, err := asn1.Unmarshal(der, &response); err != nil || response.Status != 0 {
		return nil
	}
	var basic basicResponse
	if _, err := asn1.Unmarshal(response.Bytes.Response, &basic); err != nil {
		return nil
	}
	return basic.Data.Responses
}

// stapleStatus reads CertStatus: [0] good, [1] revoked, [2] unknown.
func stapleStatus(value asn1.RawValue) StapleStatus {
	if value.Class != asn1.ClassContextSpecific {
		return StapleUnreadable
	}
	switch value.Tag {
	case 0:
		return StapleGood
	case 1:
		return StapleRevoked
	case 2:
		return StapleUnknown
	}
	return StapleUnreadable
}
