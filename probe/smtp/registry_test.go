package smtp

import (
	"strings"
	"testing"
)

// iana is the registry of SMTP service extensions, in its order of keywords.
const iana = `8BITMIME ATRN AUTH BINARYMIME BURL CHECKPOINT CHUNKING CONNEG CONPERM DELIVERBY DSN ENHANCEDSTATUSCODES ETRN EXPN
	FUTURERELEASE HELP LIMITS MT-PRIORITY MTRK NO-SOLICITING ONEX PIPELINING REQUIRETLS RRVS SAML SEND SIZE SMTPUTF8 SOML
	STARTTLS SUBMITTER TURN UTF8SMTP VERB VRFY`

func TestEveryRegisteredExtensionIsKnown(t *testing.T) {
	known, err := parseRegistry(extensionsText)
	if err != nil {
		t.Fatal(err)
	}
	registered := 0
	for _, one := range known {
		if one.Standing == Registered || one.Standing == Obsolete {
			registered++
		}
		if one.Reference == "" || one.About == "" {
			t.Errorf("%s has no reference or no words", one.Keyword)
		}
		if one.Needs != "" && known[one.Needs].Standing != Registered {
			t.Errorf("%s needs %s, which is none", one.Keyword, one.Needs)
		}
	}
	keywords := strings.Fields(iana)
	for _, keyword := range keywords {
		if one, ok := Known(Keyword(keyword)); !ok || one.Standing != Registered && one.Standing != Obsolete {
			t.Errorf("%s is %q, want registered or obsolete", keyword, one.Standing)
		}
	}
	if registered != len(keywords) {
		t.Errorf("the table has %d of them, the registry %d", registered, len(keywords))
	}
}

func TestKnown(t *testing.T) {
	for _, test := range []struct {
		keyword   Keyword
		standing  Standing
		reference string
		needs     Keyword
	}{
		{ExtSize, Registered, "RFC 1870", ""},
		{ExtLimits, Registered, "RFC 9422", ""},
		{ExtBinaryMIME, Registered, "RFC 3030", ExtChunking},
		{ExtSMTPUTF8, Registered, "RFC 6531", Ext8BitMIME},
		{ExtTurn, Obsolete, "RFC 821", ""},
		{ExtAuthLegacy, Legacy, "before RFC 2554", ""},
		{ExtXClient, Private, "Postfix", ""},
		{ExtPRDR, Private, "Exim", ""},
		{ExtXExch50, Private, "Exchange", ""},
		{"XXXXXXXA", Legacy, "Cisco PIX and ASA", ""},
		{"X-OWN-IDEA", "", "", ""},
		{"size", "", "", ""},
	} {
		got, ok := Known(test.keyword)
		if got.Standing != test.standing || got.Reference != test.reference || got.Needs != test.needs || ok != (test.standing != "") {
			t.Errorf("%s: got %+v, %v", test.keyword, got, ok)
		}
	}
}

func TestFaultsInTheTableOfExtensions(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"a column is missing", "SIZE | registered | RFC 1870 | one? | the largest message", "extensions line 1: 5 columns, want 6"},
		{"unknown standing", "SIZE | mandatory | RFC 1870 | one? | | x", `extensions line 1: unknown standing "mandatory"`},
		{"unknown shape", "SIZE | registered | RFC 1870 | some | | x", `extensions line 1: unknown shape of parameters "some"`},
		{"twice", "# head\nSIZE | registered | RFC 1870 | one? | | x\nSIZE | private | me | one? | | x", "extensions line 3: SIZE is there twice"},
	} {
		if _, err := parseRegistry(test.text); err == nil || err.Error() != test.want {
			t.Errorf("%s: got %v, want %s", test.name, err, test.want)
		}
	}
}
