package tlsinfo

import (
	"bytes"
	"slices"
	"testing"
)

func TestFaultsInTheTableOfSuites(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"no number", "TLS_RSA_WITH_RC4_128_SHA", `suites line 1: "TLS_RSA_WITH_RC4_128_SHA" is not four hexadecimal digits and a name`},
		{"no name", "# head\n0005", `suites line 2: "0005" is not four hexadecimal digits and a name`},
		{"twice", "0005 TLS_A\n0005 TLS_B", "suites line 2: 0005 is there twice"},
	} {
		if _, err := parseSuites(test.text); err == nil || err.Error() != test.want {
			t.Errorf("%s: got %v, want %s", test.name, err, test.want)
		}
	}
	if table, err := parseSuites(suitesText); err != nil || len(table.ids) != 356 {
		t.Errorf("the table has %d suites: %v", len(table.ids), err)
	}
}

func TestSuitesOfAnEra(t *testing.T) {
	for _, test := range []struct {
		name     string
		versions []uint16
	}{
		{"TLS_AES_128_GCM_SHA256", []uint16{tls13}},
		{"TLS_SHA256_SHA256", []uint16{tls13}},
		{"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", []uint16{tls12}},
		{"TLS_RSA_WITH_AES_128_CBC_SHA256", []uint16{tls12}},
		{"TLS_PSK_WITH_AES_128_CBC_SHA256", []uint16{tls12, 0x0302, tls10, ssl3}},
		{"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", []uint16{tls12, 0x0302, tls10}},
		{"TLS_RSA_EXPORT_WITH_RC4_40_MD5", []uint16{tls12, 0x0302, tls10, ssl3}},
		{"TLS_DH_anon_WITH_RC4_128_MD5", []uint16{tls12, 0x0302, tls10, ssl3}},
		{"TLS_RSA_WITH_NULL_SHA", []uint16{tls12, 0x0302, tls10, ssl3}},
	} {
		var got []uint16
		for _, version := range []uint16{tls13, tls12, 0x0302, tls10, ssl3} {
			if slices.Contains(names(suitesFor(version), suiteName), test.name) {
				got = append(got, version)
			}
		}
		if !slices.Equal(got, test.versions) {
			t.Errorf("%s is offered in %#04x, want %#04x", test.name, got, test.versions)
		}
	}
}

func TestNumbersWithoutAName(t *testing.T) {
	if suite, group := suiteName(0xfafa), groupName(0xfafa); suite != "0xFAFA" || group != "0xFAFA" {
		t.Errorf("got %s and %s", suite, group)
	}
}

func FuzzReadAnswer(f *testing.F) {
	f.Add([]byte{21, 3, 1, 0, 2, 2, 40}, true)
	f.Add(append([]byte{22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3}, make([]byte, 36)...), true)
	f.Add([]byte{22, 3, 3, 0, 5, 2, 0, 0, 1, 0}, false)
	f.Add([]byte{22, 3, 3, 0, 7, 12, 0, 0, 3, 3, 0, 23}, true)
	f.Fuzz(func(t *testing.T, octets []byte, further bool) {
		from := bytes.NewReader(octets)
		got, err := readAnswer(from, further)
		if err == nil && got.refused() && got.alert > 255 {
			t.Errorf("alert %d", got.alert)
		}
		if read := len(octets) - from.Len(); read > maxAnswer+maxRecord+4096 {
			t.Errorf("%d octets read", read)
		}
	})
}
