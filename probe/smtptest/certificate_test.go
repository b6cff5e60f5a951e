package smtptest

import (
	"crypto/x509"
	"testing"
	"testing/synctest"
	"time"
)

func TestCertificates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // the year 2000
		ca, err := NewCA("Practice CA")
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			name    string
			options CertificateOptions
			host    string
			want    bool
		}{
			{"signed", CertificateOptions{Names: []string{"mx.example"}, CA: ca}, "mx.example", true},
			{"signed for an address", CertificateOptions{Names: []string{"192.0.2.1"}, CA: ca}, "192.0.2.1", true},
			{"signed for another host", CertificateOptions{Names: []string{"mx.example"}, CA: ca}, "mx2.example", false},
			{"expired", CertificateOptions{Expired: true, CA: ca}, "mx.example", false},
			{"self-signed", CertificateOptions{}, "mx.example", false},
		} {
			made := Certificate(t, test.options)
			_, err := made.Leaf.Verify(x509.VerifyOptions{DNSName: test.host, Roots: ca.Pool(), CurrentTime: time.Now()})
			if (err == nil) != test.want {
				t.Errorf("%s: %v, want trusted: %v", test.name, err, test.want)
			}
		}
	})
}
