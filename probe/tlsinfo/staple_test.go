package tlsinfo_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe/tlsinfo"
)

// node is a DER value written by hand: its octet of class and tag, its contents.
func node(tag byte, contents ...[]byte) []byte {
	var inside []byte
	for _, part := range contents {
		inside = append(inside, part...)
	}
	return append(header(tag, len(inside)), inside...)
}

func header(tag byte, length int) []byte {
	switch {
	case length < 0x80:
		return []byte{tag, byte(length)}
	case length < 0x100:
		return []byte{tag, 0x81, byte(length)}
	}
	return []byte{tag, 0x82, byte(length >> 8), byte(length)}
}

func der(t *testing.T, value any) []byte {
	t.Helper()
	out, err := asn1.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const (
	sequence = 0x30
	octets   = 0x04
)

// ocsp is an OCSP response about one serial number, with a status and a
// nextUpdate where it is not zero (RFC 6960 s4.2.1).
func ocsp(t *testing.T, serial any, status []byte, next time.Time) []byte {
	t.Helper()
	stamp := func(at time.Time) []byte { return node(0x18, []byte(at.UTC().Format("20060102150405Z"))) }
	algorithm := node(sequence, der(t, asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}))
	single := [][]byte{node(sequence, algorithm, node(octets, make([]byte, 20)), node(octets, make([]byte, 20)), der(t, serial)), status, stamp(time.Now())}
	if !next.IsZero() {
		single = append(single, node(0xa0, stamp(next)))
	}
	data := node(sequence, node(0xa2, node(octets, make([]byte, 20))), stamp(time.Now()), node(sequence, node(sequence, single...)))
	basic := node(sequence, data, algorithm, der(t, asn1.BitString{Bytes: []byte{1}, BitLength: 8}))
	return node(sequence, node(0x0a, []byte{0}), node(0xa0, node(sequence, der(t, asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1}), node(octets, basic))))
}

func TestStaple(t *testing.T) {
	leaf := issue(t, nil, host).certificate
	good, unknown := []byte{0x80, 0}, []byte{0x82, 0}
	revoked := node(0xa1, node(0x18, []byte("20250102030405Z")))
	next := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	whole := ocsp(t, leaf.SerialNumber, good, next)
	for _, test := range []struct {
		name  string
		given []byte
		want  *tlsinfo.Staple
	}{
		{"none", nil, nil},
		{"good, until then", whole, &tlsinfo.Staple{Status: tlsinfo.StapleGood, NextUpdate: next}},
		{"good, without an end", ocsp(t, leaf.SerialNumber, good, time.Time{}), &tlsinfo.Staple{Status: tlsinfo.StapleGood}},
		{"revoked", ocsp(t, leaf.SerialNumber, revoked, next), &tlsinfo.Staple{Status: tlsinfo.StapleRevoked, NextUpdate: next}},
		{"unknown to its authority", ocsp(t, leaf.SerialNumber, unknown, next), &tlsinfo.Staple{Status: tlsinfo.StapleUnknown, NextUpdate: next}},
		{"about another certificate", ocsp(t, 7, good, next), &tlsinfo.Staple{Status: tlsinfo.StapleUnreadable}},
		{"the responder says try later", node(sequence, node(0x0a, []byte{3})), &tlsinfo.Staple{Status: tlsinfo.StapleUnreadable}},
		{"cut off", whole[:len(whole)-9], &tlsinfo.Staple{Status: tlsinfo.StapleUnreadable}},
		{"no ASN.1", []byte("what is this"), &tlsinfo.Staple{Status: tlsinfo.StapleUnreadable}},
	} {
		t.Run(test.name, func(t *testing.T) {
			state := tls.ConnectionState{OCSPResponse: test.given, PeerCertificates: []*x509.Certificate{leaf}}
			got := tlsinfo.Describe(state, "mx.example", x509.NewCertPool(), time.Now()).Staple
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s\n%s", diff, hex.EncodeToString(test.given))
			}
		})
	}
}
