package mx

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/mx/dnstest"
	"github.com/mxvet/mxvet/mx/resolver"
)

// rsaKey is a number of so many bits in the place of a modulus: nobody signs
// with it.
func rsaKey(bits uint) *rsa.PublicKey {
	n := new(big.Int).Lsh(big.NewInt(1), bits-1)
	return &rsa.PublicKey{N: n.Add(n, big.NewInt(1)), E: 65537}
}

func wrapped(t *testing.T, key any) string {
	t.Helper()
	octets, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(octets)
}

func TestDKIM(t *testing.T) {
	long := wrapped(t, rsaKey(2048))
	bare := base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PublicKey(rsaKey(1024)))
	edwards := ed25519.PublicKey(make([]byte, ed25519.PublicKeySize))
	short := base64.StdEncoding.EncodeToString(edwards)
	key := func(name string, problems ...string) DKIM {
		return DKIM{Presence: resolver.Present, Key: name, Problems: problems}
	}
	faulty := func(why string) DKIM { return DKIM{Presence: resolver.Faulty, Why: why} }
	for name, row := range map[string]struct {
		records []string
		want    DKIM
	}{
		"RSA of 2048 bits":                      {[]string{"v=DKIM1; k=rsa; p=" + long}, key("RSA 2048")},
		"neither version nor kind":              {[]string{"p=" + long}, key("RSA 2048")},
		"blanks within the key":                 {[]string{"v=DKIM1; p=" + long[:40] + " " + long[40:] + ";"}, key("RSA 2048")},
		"the other form of RSA (erratum 3017)":  {[]string{"v=DKIM1; p=" + bare}, key("RSA 1024")},
		"RSA of 512 bits":                       {[]string{"p=" + wrapped(t, rsaKey(512))}, key("RSA 512", "512 bits: verifiers do not take RSA keys under 1024 (RFC 8301 s3.2)")},
		"Ed25519":                               {[]string{"v=DKIM1; k=ed25519; p=" + short}, key("Ed25519")},
		"a trial for the domain alone":          {[]string{"v=DKIM1; t=y:s; p=" + short + "; k=ed25519"}, DKIM{Presence: resolver.Present, Key: "Ed25519", Testing: true, Strict: true}},
		"revoked":                               {[]string{"v=DKIM1; p="}, DKIM{Presence: resolver.Present, Revoked: true}},
		"for SHA-1 alone":                       {[]string{"h=sha1; p=" + long}, key("RSA 2048", "h= does not allow sha256, the only hash that counts (RFC 8301 s3.1)")},
		"for SHA-1 and SHA-256":                 {[]string{"h=sha1:sha256; s=*; p=" + long}, key("RSA 2048")},
		"not for mail":                          {[]string{"s=tlsrpt; p=" + long}, key("RSA 2048", "s= does not allow email")},
		"the version is not first":              {[]string{"k=rsa; v=DKIM1; p=" + long}, key("RSA 2048", "v= is not the first tag, as it must be (RFC 6376 s3.6.1)")},
		"a tag twice":                           {[]string{"p=" + long + "; k=rsa; k=rsa"}, key("RSA 2048", "k= is there twice: the second is not read")},
		"cut short":                             {[]string{"v=DKIM1; p=" + long[:255]}, faulty("p= is no base64: it was cut short or mangled")},
		"cut at four octets":                    {[]string{"v=DKIM1; p=" + long[:100]}, faulty("p= holds no RSA key")},
		"another kind of key in RSA's place":    {[]string{"p=" + wrapped(t, edwards)}, faulty("p= holds no RSA key")},
		"Ed25519 in a wrapping":                 {[]string{"k=ed25519; p=" + wrapped(t, edwards)}, faulty("p= holds an Ed25519 key in a wrapping: the bare 32 octets are wanted (RFC 8463 s4.2)")},
		"Ed25519 of 31 octets":                  {[]string{"k=ed25519; p=" + base64.StdEncoding.EncodeToString(edwards[:31])}, faulty("p= holds no Ed25519 key, which is 32 octets")},
		"a kind that there is not":              {[]string{"k=dsa; p=" + short}, faulty(`k="dsa" is a kind of key that nobody reads`)},
		"two keys":                              {[]string{"p=" + long, "v=DKIM1; p="}, faulty("2 keys under one selector, where there may be one: which of them is used is chance")},
		"a record without a key":                {[]string{"v=DKIM1; k=rsa"}, faulty(`"v=DKIM1; k=rsa" has no key in p=`)},
		"a wildcard's SPF record is no key":     {[]string{"v=spf1 -all"}, DKIM{Presence: resolver.Absent, Why: "no such record among the TXT records of s1._domainkey.example.org"}},
		"a wildcard's DMARC record is no key":   {[]string{"v=DMARC1; p=reject"}, DKIM{Presence: resolver.Absent, Why: "no such record among the TXT records of s1._domainkey.example.org"}},
		"no record":                             {nil, DKIM{Presence: resolver.Absent, Why: "s1._domainkey.example.org does not exist"}},
		"a key beside somebody else's TXT text": {[]string{"hello", "p=" + long}, key("RSA 2048")},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := dkim(t.Context(), dnstest.New(t, txt("s1._domainkey.example.org", row.records...)), "s1", "example.org")
			if err != nil {
				t.Fatal(err)
			}
			row.want.Selector = "s1"
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDKIMOfASilentServer(t *testing.T) {
	got, err := dkim(t.Context(), dnstest.New(t, ";!timeout s1._domainkey.example.org"), "s1", "example.org")
	want := DKIM{Selector: "s1", Presence: resolver.Unproven, Why: "TXT of s1._domainkey.example.org look-up: no server answered in time"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
}

// txt is a zone of TXT records at one name, in strings of at most 255 octets.
func txt(name string, records ...string) string {
	var zone strings.Builder
	for _, record := range records {
		fmt.Fprintf(&zone, "%s. TXT", name)
		for len(record) > 255 {
			fmt.Fprintf(&zone, " %q", record[:255])
			record = record[255:]
		}
		fmt.Fprintf(&zone, " %q\n", record)
	}
	return zone.String()
}
