package address

import (
	"errors"
	"strings"
	"testing"
)

func TestPolicy(t *testing.T) {
	private := Policy{AllowPrivate: true}
	tests := []struct {
		name, text string
		policy     Policy
		rule       string // "" where it is taken
	}{
		{"public domain", "ann@example.org", Policy{}, ""},
		{"documentation domain in public DNS", "ann@example.com", Policy{}, ""},
		{"quoted is taken", `"ann lee"@example.org`, Policy{}, ""},
		{"quoted is refused on request", `"ann lee"@example.org`, Policy{NoQuoted: true}, RuleQuoted},
		{"quotes for nothing are no quotes", `"ann"@example.org`, Policy{NoQuoted: true}, ""},
		{"literal is taken", "ann@[192.0.2.1]", Policy{}, ""},
		{"literal is refused on request", "ann@[192.0.2.1]", Policy{NoLiteral: true}, RuleLiteral},
		{"special use", "ann@shop.test", Policy{}, RuleSpecialUse},
		{"special use in any case", "ann@HOST.LocalHost", Policy{}, RuleSpecialUse},
		{"special use alone", "root@localhost", Policy{}, RuleSpecialUse},
		{"special use on one's own network", "ann@printer.local", private, ""},
		{"single label", "root@mailhub", Policy{}, RuleSingleLabel},
		{"top-level domain", "ann@com", Policy{}, RuleSingleLabel},
		{"single label with its final dot", "root@mailhub.", Policy{}, RuleSingleLabel},
		{"single label on one's own network", "root@mailhub", private, ""},
		{"one-letter top level", "+@b.c", Policy{}, RuleNoSuchTop},
		{"top level with a digit", "me@bad.tld-2", Policy{}, RuleNoSuchTop},
		{"top level as an A-label", "ann@bücher.рф", Policy{}, ""},
		{"odd top level on one's own network", "me@bad.tld-2", private, ""},
		{"AllowPrivate lifts nothing else", `"a b"@x.test`, Policy{AllowPrivate: true, NoQuoted: true}, RuleQuoted},
		{"the grammar comes first", "ann@@localhost", Policy{}, RuleManyAt},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, err := tt.policy.Parse(tt.text)
			e, refused := errors.AsType[*Error](err)
			if !refused {
				if want := mustParse(t, tt.text); tt.rule != "" || err != nil || a != want {
					t.Errorf("%+v, %v; want rule %q", a, err, tt.rule)
				}
				return
			}
			if e.Rule != tt.rule || e.Input != tt.text || a != (Address{}) {
				t.Errorf("%+v, %#v; want rule %q", a, e, tt.rule)
			}
		})
	}
}

func TestPolicyNamesTheDocument(t *testing.T) {
	for domain, want := range map[string]string{
		"a.test": "RFC 6761", "a.local": "RFC 6762", "a.onion": "RFC 7686", "a.alt": "RFC 9476", "a.home.arpa": "RFC 8375", "a.internal": "ICANN",
	} {
		if _, err := (Policy{}).Parse("ann@" + domain); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), domain) {
			t.Errorf("%s: %v, want %s", domain, err, want)
		}
	}
}
