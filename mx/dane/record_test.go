package dane

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/mxvet/mxvet/mx/resolver"
)

// TestFrom makes records that another implementation reads and finds right.
func TestFrom(t *testing.T) {
	cert := issue(t, nil, "mx.example.org", 30)
	for _, p := range [][3]uint8{{3, 1, 1}, {3, 0, 1}, {3, 1, 2}, {3, 0, 2}, {3, 1, 0}, {3, 0, 0}, {2, 1, 1}, {2, 0, 1}, {1, 1, 1}, {0, 0, 1}} {
		got := From(cert.Certificate, p[0], p[1], p[2])
		t.Run(got.parameters(), func(t *testing.T) {
			rr, err := dns.NewRR(Line("MX.example.org.", 25, got))
			if err != nil {
				t.Fatal(err)
			}
			tlsa, ok := rr.(*dns.TLSA)
			if !ok || tlsa.Hdr.Name != "_25._tcp.MX.example.org." || tlsa.Usage != p[0] || tlsa.Verify(cert.Certificate) != nil {
				t.Errorf("%s is read as %v", Line("MX.example.org.", 25, got), rr)
			}
			if mail := p[0] >= TA; got.Usable != mail || (got.Why == "") != mail {
				t.Errorf("usable: %v, %q", got.Usable, got.Why)
			}
		})
	}
	sum := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	want := "_465._tcp.mx.example.org. IN TLSA 3 1 1 " + hex.EncodeToString(sum[:])
	if got := Line("mx.example.org", 465, From(cert.Certificate, EE, SPKI, SHA256)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestRecordUnusable(t *testing.T) {
	cert := issue(t, nil, "mx.example.org", 30)
	digest := strings.Repeat("ab", 32)
	for why, r := range map[string]Record{
		"usage 0 wants a public authority":          record(0, 0, 1, digest),
		"usage 1 wants a public authority":          record(1, 1, 1, digest),
		"unknown usage 4":                           record(4, 1, 1, digest),
		"unknown usage 255":                         record(255, 1, 1, digest), // PrivCert
		"unknown selector 2":                        record(3, 2, 1, digest),
		"unknown matching type 3":                   record(3, 1, 3, digest),
		"no data":                                   record(3, 1, 1, ""),
		"32 octets are no digest of matching":       record(3, 1, 2, digest),
		"64 octets are no digest of matching":       record(3, 1, 1, digest+digest),
		"neither a certificate nor a key":           record(2, 0, 0, digest),
		"neither a certificate nor a key that":      record(3, 1, 0, hex.EncodeToString(cert.Raw)),
		"8193 octets of data":                       record(3, 0, 0, strings.Repeat("ab", maxData+1)),
		"unknown selector 7":                        From(cert.Certificate, EE, 7, SHA256),
		"unknown matching type 9":                   From(cert.Certificate, EE, SPKI, 9),
		"neither a certificate nor a key that can ": record(2, 0, 0, hex.EncodeToString(cert.RawSubjectPublicKeyInfo)),
	} {
		if r.Usable || !strings.Contains(r.Why, why) || len(r.Data) > 2*maxData {
			t.Errorf("%s: %+v", why, r)
		}
	}
}

// FuzzRecord: any numbers and data a zone can hold give bounded words, and no
// record that is not usable matches.
func FuzzRecord(f *testing.F) {
	f.Add(uint8(3), uint8(1), uint8(1), []byte(strings.Repeat("x", 32)))
	f.Add(uint8(2), uint8(0), uint8(0), []byte{0x30, 0x03, 0x02, 0x01, 0x01})
	f.Fuzz(func(t *testing.T, usage, selector, matching uint8, data []byte) {
		rr := &dns.TLSA{Usage: usage, Selector: selector, MatchingType: matching, Certificate: hex.EncodeToString(data)}
		records := recordsOf(resolver.Answer{Records: []dns.RR{rr}})
		if len(records) != 1 || records[0].Usable != (records[0].Why == "") || len(records[0].Why) > 200 {
			t.Errorf("%+v", records)
		}
		if r := records[0]; r.Usable && (usage < TA || usage > EE || len(data) == 0) {
			t.Errorf("usable: %s", r)
		}
	})
}
