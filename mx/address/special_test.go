package address

import "testing"

func TestSpecialUse(t *testing.T) {
	for name, want := range map[string]string{
		"test":                   "RFC 6761",
		"shop.test":              "RFC 6761",
		"a.b.EXAMPLE.":           "RFC 6761",
		"msv1.invalid":           "RFC 6761",
		"localhost":              "RFC 6761",
		"user.localhost":         "RFC 6761",
		"printer.local":          "RFC 6762",
		"expyuzz4wqqyqhjn.onion": "RFC 7686",
		"thing.alt":              "RFC 9476",
		"mail.corp.internal":     "ICANN",
		"router.home.arpa":       "RFC 8375",
		"ipv4only.arpa":          "RFC 8880",
		"node.6tisch.arpa":       "RFC 9031",
		"x.eap-noob.arpa":        "RFC 9140",
		"_dns.resolver.arpa":     "RFC 9462",
		"default.service.arpa":   "RFC 9665",

		"example.com":            "", // in public DNS, with a null MX
		"mail.example.org":       "",
		"router.lan":             "",
		"arpa":                   "",
		"contest":                "",
		"test.de":                "",
		"local.ch":               "",
		"1.168.192.in-addr.arpa": "",
		"":                       "",
	} {
		rfc, reserved := SpecialUse(name)
		if rfc != want || reserved != (want != "") {
			t.Errorf("SpecialUse(%q) = %q, %v, want %q", name, rfc, reserved, want)
		}
	}
}
