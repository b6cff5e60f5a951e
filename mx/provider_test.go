package mx

import (
	"strings"
	"testing"

	"github.com/mxvet/mxvet/mx/dnstest"
)

func TestProviderOf(t *testing.T) {
	for host, want := range map[string]string{
		"gmail-smtp-in.l.google.com":                "google ask",
		"alt1.gmail-smtp-in.l.google.com":           "google ask",
		"ALT2.ASPMX.L.GOOGLE.COM.":                  "google ask",
		"aspmx3.googlemail.com":                     "google ask",
		"smtp.google.com":                           "google ask",
		"hotmail-com.olc.protection.outlook.com":    "microsoft_consumer reluctant",
		"contoso-com.mail.protection.outlook.com":   "microsoft_365 ask",
		"contoso-com.a-v1.mx.microsoft":             "microsoft_365 ask",
		"mta7.am0.yahoodns.net":                     "yahoo accepts_all",
		"mx01.mail.icloud.com":                      "icloud ask",
		"mx00.gmx.net":                              "gmx ask",
		"mx-ha02.web.de":                            "gmx ask",
		"mxs.mail.ru":                               "mailru ask",
		"mx.yandex.net":                             "yandex ask",
		"mxbiz1.qq.com":                             "qq ask",
		"163mx01.mxmail.netease.com":                "netease ask",
		"mail.protonmail.ch":                        "proton ask",
		"in1-smtp.messagingengine.com":              "fastmail ask",
		"mx2.zoho.com":                              "zoho ask",
		"eu-smtp-inbound-1.mimecast.com":            "mimecast ask",
		"mxa-00000001.gslb.pphosted.com":            "proofpoint ask",
		"mx1-us1.ppe-hosted.com":                    "proofpoint ask",
		"d1.ess.barracudanetworks.com":              "barracuda ask",
		"mx1.hc1.iphmx.com":                         "ironport ask",
		"notgmail-smtp-in.l.google.com.example.org": " ",
		"evilqq.com":                                " ",
		"www.google.com":                            " ",
		"mx.example.org":                            " ",
		"":                                          " ",
		".":                                         " ",
		"protection.com.":                           " ",
	} {
		got := ProviderOf(host)
		if got.ID+" "+string(got.Policy) != want {
			t.Errorf("ProviderOf(%q) = %+v, want %s", host, got, want)
		}
		if got.ID != "" && !strings.HasSuffix(strings.ToLower(strings.TrimSuffix(host, ".")), got.Suffix) {
			t.Errorf("ProviderOf(%q) by suffix %q", host, got.Suffix)
		}
	}
}

// TestProvidersAreAllRead: a row that does not parse would vanish silently.
func TestProvidersAreAllRead(t *testing.T) {
	suffixes := 0
	for line := range strings.Lines(providerText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(line, "|")
		if len(cells) != columns {
			t.Fatalf("%d cells in %q", len(cells), line)
		}
		suffixes += len(strings.Fields(cells[2]))
	}
	if got := len(providers()); got != suffixes {
		t.Errorf("%d suffixes, %d read", suffixes, got)
	}
	for suffix, p := range providers() {
		switch p.Policy {
		case Ask, Reluctant, AcceptsAll:
		default:
			t.Errorf("%s: unknown policy %q", suffix, p.Policy)
		}
		if p.ID == "" || p.Name == "" || p.Source == "" || suffix != strings.ToLower(suffix) {
			t.Errorf("%s: %+v", suffix, p)
		}
		if numbers := p.Pace != (Pace{Source: p.Pace.Source}); numbers != (p.Pace.Source != "") {
			t.Errorf("%s: a pace of %+v: want numbers with a source, or neither", suffix, p.Pace)
		}
		if p.Policy != Ask && (p.Note == "" || p.Source == "-") {
			t.Errorf("%s is %s on nobody's word", suffix, p.Policy)
		}
	}
}

func TestPaceOf(t *testing.T) {
	if got, want := PaceOf("google"), (Pace{Conversations: 5, Source: "kumomta"}); got != want {
		t.Errorf("google: %+v, want %+v", got, want)
	}
	for _, id := range []string{"yahoo", "", "nobody"} {
		if got := PaceOf(id); got != (Pace{}) {
			t.Errorf("%q: %+v, want nothing: nobody has published a number", id, got)
		}
	}
}

// TestPacesAgree: rows that share an ID are one provider, which counts as a whole.
func TestPacesAgree(t *testing.T) {
	for suffix, p := range providers() {
		if p.Pace != PaceOf(p.ID) {
			t.Errorf("%s: %+v, and elsewhere %+v", suffix, p.Pace, PaceOf(p.ID))
		}
	}
}

func TestHostsKnowTheirProvider(t *testing.T) {
	zone := dnstest.New(t, "org.org MX 10 aspmx.l.google.com\nout.org MX 10 mx.out.org")
	for domain, want := range map[string]string{"org.org": "google", "out.org": ""} {
		route, err := (&Router{Resolver: zone}).Route(t.Context(), domain)
		if err != nil {
			t.Fatal(err)
		}
		if got := route.Hosts[0].Provider; got != want {
			t.Errorf("%s is run by %q, want %q", domain, got, want)
		}
	}
}
