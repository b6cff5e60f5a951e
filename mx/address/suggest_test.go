package address

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSuggest(t *testing.T) {
	for name, c := range map[string]struct{ typed, want string }{
		"swapped letters":                 {"gmial.com", "gmail.com"},
		"swapped further on":              {"hotmial.com", "hotmail.com"},
		"first two swapped":               {"mgail.com", "gmail.com"},
		"letter left out":                 {"gmal.com", "gmail.com"},
		"another left out":                {"gmil.com", "gmail.com"},
		"last letter left out":            {"gmai.com", "gmail.com"},
		"double left single":              {"yaho.com", "yahoo.com"},
		"two of a kind too many":          {"yahooo.com", "yahoo.com"},
		"letter left out of a longer":     {"outlok.com", "outlook.com"},
		"first letter of a longer":        {"otmail.com", "hotmail.com"},
		"letter doubled":                  {"gmaill.com", "gmail.com"},
		"next key":                        {"gnail.com", "gmail.com"},
		"next key in a longer":            {"hotmaul.com", "hotmail.com"},
		"letter changed":                  {"gmaim.com", "gmail.com"},
		"swapped and next key":            {"gnial.com", "gmail.com"},
		"two slips in a longer":           {"homtial.com", "hotmail.com"},
		"iCloud":                          {"iclould.com", "icloud.com"},
		"swapped in iCloud":               {"icluod.com", "icloud.com"},
		"Outlook swapped":                 {"outloook.com", "outlook.com"},
		"top level .con":                  {"gmail.con", "gmail.com"},
		"top level .cmo":                  {"yahoo.cmo", "yahoo.com"},
		"top level .ocm":                  {"hotmail.ocm", "hotmail.com"},
		"top level .comm":                 {"gmail.comm", "gmail.com"},
		"top level .vom":                  {"gmail.vom", "gmail.com"},
		"Colombia for .com":               {"gmail.co", "gmail.com"},
		"Cameroon for .com":               {"hotmail.cm", "hotmail.com"},
		"Oman for .com":                   {"outlook.om", "outlook.com"},
		"slips on both sides":             {"gmial.con", "gmail.com"},
		"short name, wrong top level":     {"aol.con", "aol.com"},
		"shortest name, wrong top level":  {"me.con", "me.com"},
		"net":                             {"comcast.nte", "comcast.net"},
		"Niger for .net":                  {"comcast.ne", "comcast.net"},
		"country left alone":              {"hotmial.fr", "hotmail.fr"},
		"country of two labels":           {"yaho.co.uk", "yahoo.co.uk"},
		"slip in a country of two labels": {"hotmail.co.ku", "hotmail.co.uk"},
		"dot left out of a country":       {"hotmail.couk", "hotmail.co.uk"},
		"dot left out":                    {"gmailcom", "gmail.com"},
		"both dots left out":              {"yahoocouk", "yahoo.co.uk"},
		"name alone":                      {"gmail", "gmail.com"},
		"German provider":                 {"freent.de", "freenet.de"},
		"Italian provider":                {"libeor.it", "libero.it"},
		"hyphen":                          {"tonline.de", "t-online.de"},
	} {
		t.Run(name, func(t *testing.T) {
			a := mustParse(t, `Ann.Lee+news@`+c.typed)
			if got, ok := Suggest(a); !ok || got != "Ann.Lee+news@"+c.want {
				t.Errorf("Suggest(%s) = %q, %v; want %s", c.typed, got, ok, c.want)
			}
		})
	}
}

func TestSuggestKeepsQuotes(t *testing.T) {
	if got, ok := Suggest(mustParse(t, `"ann lee"@gmial.com`)); !ok || got != `"ann lee"@gmail.com` {
		t.Errorf("%q, %v", got, ok)
	}
}

// Each of these was, or could be, "corrected" by other tools.
func TestSuggestSilent(t *testing.T) {
	for why, domains := range map[string]string{
		"popular itself":                 "gmail.com yahoo.com hotmail.co.uk live.com me.com yahoo.co.jp gmx.de gmx.net aol.com web.de",
		"a provider near another":        "ymail.com mail.com email.com aim.com gmx.at gmx.com rocketmail.com pm.me hey.com proton.me tuta.com zohomail.com mail.ru msn.com 139.com inbox.com",
		"another country's":              "hotmail.nl hotmail.se live.be outlook.jp yahoo.com.sg yahoo.co.nz",
		"that country may have its own":  "gmail.fr gmail.hu gmail.ru gmail.de yahoo.org hotmail.org icloud.de",
		"somebody's":                     "mailw.com comcast.com hmail.com fmail.com tmail.com cloud.com mask.io actcom.net.il yahoo-inc.com",
		"short names have neighbours":    "gmc.com sol.com msm.com ms.com we.com le.com gm.com qqq.com me.co aol.co",
		"relay services":                 "duck.com mozmail.com simplelogin.com passmail.net",
		"words near a provider":          "photo.me outlet.com hotel.com cloud.io female.com hotels.com yodel.com ahoy.com fastmeal.com",
		"several alike":                  "gmx.dt hotmail yahoo gmx",
		"far away":                       "example.org company.ai company.io sub.gmial.com gmailed-newsletter.com x.com bücher.example",
		"below a provider":               "mail.gmail.com ann.anonaddy.com",
		"hardly anything":                "gm gma gmai.c g.co a.b",
		"no domain of its own, or local": "localhost mailhub",
	} {
		for domain := range strings.FieldsSeq(domains) {
			t.Run(why+"/"+domain, func(t *testing.T) {
				if got, ok := Suggest(mustParse(t, "ann@"+domain)); ok || got != "" {
					t.Errorf("suggests %q", got)
				}
			})
		}
	}
	if got, ok := Suggest(mustParse(t, "ann@[192.0.2.1]")); ok || got != "" {
		t.Errorf("for a literal: %q", got)
	}
	if got, ok := Suggest(Address{}); ok || got != "" {
		t.Errorf("for the zero Address: %q", got)
	}
}

// Nothing on the lists of providers is taken for a slip.
func TestSuggestNoProvider(t *testing.T) {
	for _, list := range []blob{frees, relays, near, popular} {
		for _, line := range tableLines(string(list)) {
			domain := strings.Fields(line)[0]
			if got, ok := Suggest(Address{Local: "ann", Domain: domain, Unicode: domain}); ok {
				t.Errorf("%s: suggests %q", domain, got)
			}
		}
	}
}

func TestSuggestAnything(t *testing.T) {
	all := targets()
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.SampledFrom(all).Draw(t, "target")
		domain := []byte(from.name + "." + from.rest)
		for range rapid.IntRange(0, 3).Draw(t, "slips") {
			at := rapid.IntRange(0, len(domain)-1).Draw(t, "at")
			switch rapid.IntRange(0, 2).Draw(t, "kind") {
			case 0:
				domain[at] = rapid.SampledFrom([]byte("abcdefghijklmnopqrstuvwxyz0-.")).Draw(t, "letter")
			case 1:
				domain = append(domain[:at:at], domain[at+1:]...)
			default:
				domain[at], domain[max(at-1, 0)] = domain[max(at-1, 0)], domain[at]
			}
			if len(domain) == 0 {
				return
			}
		}
		a, err := Parse("ann@" + string(domain))
		if err != nil {
			return
		}
		got, ok := Suggest(a)
		again, twice := Suggest(a)
		if got != again || ok != twice || ok != (got != "") {
			t.Fatalf("%s: %q, then %q", domain, got, again)
		}
		if !ok {
			return
		}
		b := mustParseIn(t, got)
		if b.Domain == a.Domain || b.Local != a.Local || !popular.has(b.Domain) {
			t.Fatalf("%s: suggests %q", domain, got)
		}
		if more, ok := Suggest(b); ok {
			t.Fatalf("%s leads to %q, and that to %q", domain, got, more)
		}
	})
}

func mustParseIn(t *rapid.T, text string) Address {
	a, err := Parse(text)
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return a
}

func BenchmarkSuggest(b *testing.B) {
	for _, domain := range []string{"gmial.com", "hotmail.co.ku", "example.org", "gmail.com"} {
		a := Address{Local: "ann", Domain: domain, Unicode: domain}
		b.Run(domain, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Suggest(a)
			}
		})
	}
}
