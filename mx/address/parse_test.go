package address

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseTakes(t *testing.T) {
	l63 := strings.Repeat("a", 63)
	plain := func(local, domain string) Address { return Address{Local: local, Domain: domain, Unicode: domain} }
	tests := []struct {
		name, text string
		want       Address
		wire       string // "" where it is the text
	}{
		{"plain", "ann@example.org", plain("ann", "example.org"), ""},
		{"case of the local part is kept", "Ann.LEE@Example.ORG", plain("Ann.LEE", "example.org"), "Ann.LEE@example.org"},
		{"every atext sign", "!#$%&'*+-/=?^_`{|}~@example.org", plain("!#$%&'*+-/=?^_`{|}~", "example.org"), ""},
		{"single label", "root@mailhub", plain("root", "mailhub"), ""},
		{"label of digits below the top", "a@163.example", plain("a", "163.example"), ""},
		{"hyphens in third place without xn", "a@r3---cache.example", plain("a", "r3---cache.example"), ""},
		{"final dot", "ann@example.org.", plain("ann", "example.org"), "ann@example.org"},
		{"blanks around", " \tann@example.org\u00a0 ", plain("ann", "example.org"), "ann@example.org"},
		{"byte order mark", "\ufeffann@example.org", plain("ann", "example.org"), "ann@example.org"},
		{"embedding mark of a Windows dialogue", "\u202aann@example.org\u202c", plain("ann", "example.org"), "ann@example.org"},

		{"angle brackets", "<ann@example.org>", plain("ann", "example.org"), "ann@example.org"},
		{"display name", "Ann Lee <ann@example.org>", plain("ann", "example.org"), "ann@example.org"},
		{"display name with a comma", "Lee, Ann <ann@example.org>", plain("ann", "example.org"), "ann@example.org"},
		{"quoted display name with brackets", `"Ann <boss>" < ann@example.org >`, plain("ann", "example.org"), "ann@example.org"},
		{"display name that is another address", "ann@old.example <ann@example.org>", plain("ann", "example.org"), "ann@example.org"},
		{"display name with a stray quote", `5" discs <ann@example.org>`, plain("ann", "example.org"), "ann@example.org"},
		{"mailto", "MAILTO:ann@example.org?subject=Hello", plain("ann", "example.org"), "ann@example.org"},
		{"mailto with percent-encoding", "mailto:ann%2Bnews@example.org", plain("ann+news", "example.org"), "ann+news@example.org"},
		{"mailto in angle brackets", "Ann <mailto:ann@example.org>", plain("ann", "example.org"), "ann@example.org"},
		{"mailto without the colon is a name", "mailto@example.org", plain("mailto", "example.org"), ""},

		{"quoted blank", `"ann lee"@example.org`, Address{"ann lee", true, "example.org", "example.org", ""}, ""},
		{"quoted at and brackets", `"a@b<c>"@example.org`, Address{"a@b<c>", true, "example.org", "example.org", ""}, ""},
		{"quotes for nothing", `"ann"@example.org`, plain("ann", "example.org"), "ann@example.org"},
		{"escapes for nothing", `"a\n\n lee"@example.org`, Address{"ann lee", true, "example.org", "example.org", ""}, `"ann lee"@example.org`},
		{"escapes that are needed", `"a\"\\b"@example.org`, Address{`a"\b`, true, "example.org", "example.org", ""}, ""},
		{"dots that need quotes", `"a..b."@example.org`, Address{"a..b.", true, "example.org", "example.org", ""}, ""},
		{"empty quotes", `""@example.org`, Address{"", true, "example.org", "example.org", ""}, ""},

		{"IPv4 literal", "ann@[192.0.2.1]", Address{Local: "ann", Literal: "[192.0.2.1]"}, ""},
		{"IPv6 literal", "ann@[ipv6:2001:DB8:0::1]", Address{Local: "ann", Literal: "[IPv6:2001:db8::1]"}, "ann@[IPv6:2001:db8::1]"},
		{"IPv4-mapped literal", "ann@[IPv6:::ffff:192.0.2.1]", Address{Local: "ann", Literal: "[IPv6:::ffff:192.0.2.1]"}, ""},

		{"IDN", "ann@Bücher.example", Address{"ann", false, "xn--bcher-kva.example", "bücher.example", ""}, "ann@xn--bcher-kva.example"},
		{"IDN as A-label", "ann@XN--bcher-kva.example", Address{"ann", false, "xn--bcher-kva.example", "bücher.example", ""}, "ann@xn--bcher-kva.example"},
		{"sharp s is not ss", "ann@faß.example", Address{"ann", false, "xn--fa-hia.example", "faß.example", ""}, "ann@xn--fa-hia.example"},
		{"ideographic full stops", "ann@例え。example．org｡", Address{"ann", false, "xn--r8jz45g.example.org", "例え.example.org", ""}, "ann@xn--r8jz45g.example.org"},
		{"fullwidth letters map to ASCII", "ann@ｅｘａｍｐｌｅ.org", plain("ann", "example.org"), "ann@example.org"},
		{"soft hyphen maps to nothing", "ann@exam\u00adple.org", plain("ann", "example.org"), "ann@example.org"},
		{"Catalan middle dot", "ann@col·legi.example", Address{"ann", false, "xn--collegi-xma.example", "col·legi.example", ""}, "ann@xn--collegi-xma.example"},
		{"Persian zero-width non-joiner", "ann@نامه\u200cای.example", Address{"ann", false, "xn--mgba3gch31f060k.example", "نامه\u200cای.example", ""}, "ann@xn--mgba3gch31f060k.example"},
		{"Hebrew domain", "ann@דוגמה.example", Address{"ann", false, "xn--6dbbec0c.example", "דוגמה.example", ""}, "ann@xn--6dbbec0c.example"},

		{"UTF-8 local part", "дима@почта.example", Address{"дима", false, "xn--80a1acny.example", "почта.example", ""}, "дима@xn--80a1acny.example"},
		{"UTF-8 local part is composed", "rene\u0301@example.org", plain("rené", "example.org"), "rené@example.org"},
		{"UTF-8 in quotes", `"é è"@example.org`, Address{"é è", true, "example.org", "example.org", ""}, ""},
		{"emoji local part", "😀@example.org", plain("😀", "example.org"), ""},
		{"Kelvin sign composes to K", "\u212a@example.org", plain("K", "example.org"), "K@example.org"},

		{"64 octets of local part", strings.Repeat("x", 64) + "@example.org", plain(strings.Repeat("x", 64), "example.org"), ""},
		{"quotes for nothing do not count", `"` + strings.Repeat("x", 64) + `"@example.org`, plain(strings.Repeat("x", 64), "example.org"), strings.Repeat("x", 64) + "@example.org"},
		{"63 octets of label", "a@" + l63 + ".example", plain("a", l63+".example"), ""},
		{"254 octets", "abc@" + strings.Repeat(l63+".", 3) + strings.Repeat("b", 58), plain("abc", strings.Repeat(l63+".", 3)+strings.Repeat("b", 58)), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse(tt.text)
			if err != nil {
				t.Fatalf("Parse(%q): %v", tt.text, err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Parse(%q) (-want +got):\n%s", tt.text, diff)
			}
			if tt.wire == "" {
				tt.wire = tt.text
			}
			if got.String() != tt.wire {
				t.Errorf("wire form %q, want %q", got.String(), tt.wire)
			}
		})
	}
}

// refusal is the part of an Error that programs read.
type refusal struct {
	Rule   string
	Offset int
	Char   string
}

func TestParseRefuses(t *testing.T) {
	l63 := strings.Repeat("a", 63)
	tests := []struct {
		name, text string
		want       refusal
	}{
		{"nothing", "", refusal{RuleEmpty, -1, ""}},
		{"blanks only", " \t\u3000", refusal{RuleEmpty, -1, ""}},
		{"empty brackets", "Ann <>", refusal{RuleEmpty, 5, ""}},
		{"mailto and no more", "mailto:?subject=x", refusal{RuleEmpty, -1, ""}},
		{"name only", "ann.example.org", refusal{RuleNoAt, -1, ""}},
		{"name of two words", "Ann Lee", refusal{RuleNoAt, -1, ""}},
		{"quoted and no more", `"ann"`, refusal{RuleNoAt, 5, ""}},
		{"no local part", "@example.org", refusal{RuleEmptyLocal, 0, "@"}},
		{"no domain", "ann@", refusal{RuleNoDomain, 4, ""}},
		{"root domain", "ann@.", refusal{RuleEmptyLabel, 4, ""}},

		{"line feed at the end", "ann@example.org\n", refusal{RuleControl, 15, "U+000A"}},
		{"smuggled command", "ann@example.org\r\nDATA", refusal{RuleControl, 15, "U+000D"}},
		{"smuggled in percent-encoding", "mailto:ann%0D%0Ab@example.org", refusal{RuleControl, 10, "U+000D"}},
		{"smuggled in a display name", "Ann\r\n<ann@example.org>", refusal{RuleControl, 3, "U+000D"}},
		{"NUL in quotes", "\"a\\\x00\"@example.org", refusal{RuleControl, 3, "U+0000"}},
		{"DEL", "a\x7f@example.org", refusal{RuleControl, 1, "U+007F"}},
		{"C1 control", "a\u0085@example.org", refusal{RuleControl, 1, "U+0085"}},
		{"line separator", "ann@exa\u2028mple.org", refusal{RuleControl, 7, "U+2028"}},
		{"tab in quotes", "\"a\tb\"@example.org", refusal{RuleBadCharacter, 2, "U+0009"}},
		{"Latin-1", "ren\xe9@example.org", refusal{RuleBadUTF8, 3, "0xE9"}},
		{"surrogate", "a\xed\xa0\x80@example.org", refusal{RuleBadUTF8, 1, "0xED"}},
		{"lost in conversion", "ren\ufffd@example.org", refusal{RuleDamaged, 3, "\ufffd"}},

		{"comment before", "(boss)ann@example.org", refusal{RuleComment, 0, "("}},
		{"comment behind the domain", "ann@example.org (boss)", refusal{RuleFolding, 15, "U+0020"}},
		{"comment in the domain", "ann@example.(main)org", refusal{RuleComment, 12, "("}},
		{"folded line", "ann.\r\n lee@example.org", refusal{RuleFolding, 4, "U+000D"}},
		{"blank before at", "ann @example.org", refusal{RuleFolding, 3, "U+0020"}},
		{"blank behind at", "ann@ example.org", refusal{RuleFolding, 4, "U+0020"}},
		{"two words", "ann lee@example.org", refusal{RuleBlank, 3, "U+0020"}},
		{"no-break space", "ann\u00a0lee@example.org", refusal{RuleBlank, 3, "U+00A0"}},
		{"blank in the domain", "ann@exam ple.org", refusal{RuleBlank, 8, "U+0020"}},

		{"dot first", ".ann@example.org", refusal{RuleLeadingDot, 0, "."}},
		{"dot last", "ann.@example.org", refusal{RuleTrailingDot, 3, "."}},
		{"two dots", "ann..lee@example.org", refusal{RuleDoubleDot, 4, "."}},
		{"quote in the middle", `an"n@example.org`, refusal{RuleBadCharacter, 2, `"`}},
		{"quote never closed", `"ann@example.org`, refusal{RuleUnclosedQuote, 0, `"`}},
		{"closing quote escaped", `"ann\"@example.org`, refusal{RuleUnclosedQuote, 0, `"`}},
		{"backslash at the end", `"ann\`, refusal{RuleUnclosedQuote, 0, `"`}},
		{"half quoted", `"ann".lee@example.org`, refusal{RuleMixedQuoting, 5, "."}},
		{"other half quoted", `ann."lee"@example.org`, refusal{RuleMixedQuoting, 4, `"`}},
		{"word behind quotes", `"ann"lee@example.org`, refusal{RuleBadCharacter, 5, "l"}},
		{"backslash outside quotes", `an\@n@example.org`, refusal{RuleBadCharacter, 2, `\`}},
		{"escaped letter beyond ASCII", `"\é"@example.org`, refusal{RuleBadCharacter, 2, "é"}},
		{"list with a comma in it", "ann,lee@example.org", refusal{RuleBadCharacter, 3, ","}},

		{"fullwidth at", "ann＠example.org", refusal{RuleLookalikeAt, 3, "＠"}},
		{"fullwidth at beside a plain one", "ann＠lee@example.org", refusal{RuleLookalikeAt, 3, "＠"}},
		{"ideographic full stop in a local part", "ann\u3002lee@example.org", refusal{RuleLookalikeDot, 3, "\u3002"}},
		{"one dot leader in a local part", "ann\u2024lee@example.org", refusal{RuleLookalikeDot, 3, "\u2024"}},
		{"one dot leader in the domain", "ann@example\u2024org", refusal{RuleLookalikeDot, 11, "\u2024"}},
		{"small full stop in the domain", "ann@example\ufe52org", refusal{RuleLookalikeDot, 11, "\ufe52"}},
		{"Arabic full stop in the domain", "ann@example\u06d4org", refusal{RuleLookalikeDot, 11, "\u06d4"}},
		{"zero-width space inside", "an\u200bn@example.org", refusal{RuleInvisible, 2, "U+200B"}},
		{"right-to-left override", "ann\u202egro@example.org", refusal{RuleInvisible, 3, "U+202E"}},
		{"joiner between Latin letters", "an\u200dn@example.org", refusal{RuleInvisible, 2, "U+200D"}},
		{"private use", "\ue000@example.org", refusal{RuleBadCharacter, 0, "U+E000"}},
		{"noncharacter", "a\ufdef@example.org", refusal{RuleBadCharacter, 1, "U+FDEF"}},
		{"combining mark first", "\u0301a@example.org", refusal{RuleCombiningFirst, 0, "U+0301"}},
		{"Greek question mark composes to a semicolon", "a\u037eb@example.org", refusal{RuleBadCharacter, 0, ""}},

		{"two ats", "ann@lee@example.org", refusal{RuleManyAt, 7, "@"}},
		{"two addresses", "ann@example.org, lee@example.org", refusal{RuleBadCharacter, 15, ","}},
		{"two addresses in brackets", "<ann@example.org>, <lee@example.org>", refusal{RuleBadCharacter, 16, ">"}},
		{"bracket never closed", "Ann <ann@example.org", refusal{RuleUnclosedBracket, 4, "<"}},
		{"bracket never opened", "ann@example.org>", refusal{RuleUnclosedBracket, 15, ">"}},
		{"broken percent-encoding", "mailto:100%@example.org", refusal{RuleBadPercent, 10, "%"}},

		{"underscore", "ann@my_host.example", refusal{RuleBadCharacter, 6, "_"}},
		{"path of a URL", "ann@example.org/path", refusal{RuleBadCharacter, 15, "/"}},
		{"two dots in the domain", "ann@example..org", refusal{RuleEmptyLabel, 12, ""}},
		{"two final dots", "ann@example.org..", refusal{RuleEmptyLabel, 16, ""}},
		{"hyphen first", "ann@mx.-example.org", refusal{RuleHyphen, 7, ""}},
		{"hyphen last", "ann@example-.org", refusal{RuleHyphen, 4, ""}},
		{"fullwidth hyphen first", "ann@－a.example", refusal{RuleHyphen, 4, ""}},
		{"IPv4 without brackets", "ann@192.0.2.1", refusal{RuleNumericTop, 4, ""}},
		{"top label of digits", "ann@example.123", refusal{RuleNumericTop, 12, ""}},

		{"IPv4 literal out of range", "ann@[192.0.2.256]", refusal{RuleBadLiteral, 5, ""}},
		{"IPv4 literal never closed", "ann@[192.0.2.1", refusal{RuleBadLiteral, 4, "["}},
		{"IPv6 literal without its tag", "ann@[2001:db8::1]", refusal{RuleBadLiteral, 5, ""}},
		{"IPv6 literal with a zone", "ann@[IPv6:fe80::1%eth0]", refusal{RuleBadLiteral, 5, ""}},
		{"IPv6 literal that is IPv4", "ann@[IPv6:192.0.2.1]", refusal{RuleBadLiteral, 5, ""}},
		{"double colon for one group", "ann@[IPv6:1:2:3:4:5:6::8]", refusal{RuleBadLiteral, 5, ""}},
		{"name behind a literal", "ann@[192.0.2.1].example", refusal{RuleBadLiteral, 15, "."}},
		{"literal inside a name", "ann@mx[192.0.2.1]", refusal{RuleBadCharacter, 6, "["}},

		{"snowman", "ann@☃.example", refusal{RuleBadCharacter, 4, "☃"}},
		{"snowman as an A-label", "ann@xn--n3h.example", refusal{RuleBadCharacter, 4, ""}},
		{"emoji domain", "ann@i❤.example", refusal{RuleBadCharacter, 5, "❤"}},
		{"digit with full stop", "ann@⒈example.org", refusal{RuleBadCharacter, 4, "⒈"}},
		{"account-of sign holds a slash", "ann@a℀b.example", refusal{RuleBadCharacter, 5, "℀"}},
		{"euro sign", "ann@example€.org", refusal{RuleBadCharacter, 11, "€"}},
		{"thin space in the domain", "ann@exam\u2006ple.org", refusal{RuleBadCharacter, 8, "U+2006"}},
		{"middle dot outside Catalan", "ann@a·b.example", refusal{RuleContext, 4, ""}},
		{"joiner that joins nothing", "ann@a\u200db.example", refusal{RuleContext, 4, ""}},
		{"digits of two kinds", "ann@ا١۱.example", refusal{RuleContext, 4, ""}},
		{"Latin before Hebrew in a label", "ann@aא.example", refusal{RuleBidi, 4, ""}},
		{"digit first in a label beside Hebrew", "ann@דוגמה.1st", refusal{RuleBidi, 15, ""}},
		{"label begins with a mark", "ann@\u0301a.example", refusal{RuleCombiningFirst, 4, ""}},
		{"hyphens in third place of a U-label", "ann@ab--ü.example", refusal{RuleHyphen, 4, ""}},
		{"A-label of nothing", "ann@mx.xn--.example", refusal{RuleBadALabel, 7, ""}},
		{"A-label that does not decode", "ann@xn--99999999.example", refusal{RuleBadALabel, 4, ""}},
		{"A-label of plain ASCII", "ann@xn--abc-.example", refusal{RuleBadALabel, 4, ""}},

		{"65 octets of local part", strings.Repeat("x", 65) + "@example.org", refusal{RuleLocalTooLong, 0, ""}},
		{"63 octets and their quotes", `"` + strings.Repeat("x", 62) + ` "@example.org`, refusal{RuleLocalTooLong, 0, ""}},
		{"33 letters of two octets", strings.Repeat("é", 33) + "@example.org", refusal{RuleLocalTooLong, 0, ""}},
		{"64 octets of label", "a@" + l63 + "a.example", refusal{RuleLabelTooLong, 2, ""}},
		{"64 octets of A-label", "a@" + strings.Repeat("ü", 60) + ".example", refusal{RuleLabelTooLong, 2, ""}},
		{"254 octets of domain", "a@" + strings.Repeat(l63+".", 3) + strings.Repeat("b", 62), refusal{RuleDomainTooLong, 2, ""}},
		{"text file taken for a domain", "a@" + strings.Repeat("ü", 600), refusal{RuleDomainTooLong, 2, ""}},
		{"text file taken for a local part", strings.Repeat("ü", 600) + "@example.org", refusal{RuleLocalTooLong, 0, ""}},
		{"255 octets", "abcd@" + strings.Repeat(l63+".", 3) + strings.Repeat("b", 58), refusal{RuleAddressTooLong, -1, ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse(tt.text)
			e, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("Parse(%q) = %+v, %v; want an *Error", tt.text, got, err)
			}
			if diff := cmp.Diff(tt.want, refusal{e.Rule, e.Offset, e.Char}); diff != "" {
				t.Errorf("Parse(%q): %s (-want +got):\n%s", tt.text, e, diff)
			}
			if e.Input != tt.text || e.Reason == "" || strings.HasSuffix(e.Reason, ".") || strings.ContainsAny(e.Reason, "\r\n\x00") {
				t.Errorf("Input %q, Reason %q", e.Input, e.Reason)
			}
			if got != (Address{}) {
				t.Errorf("an address beside the error: %+v", got)
			}
		})
	}
}

func TestReasonIsForPeople(t *testing.T) {
	for text, want := range map[string]string{
		"ann(boss)@example.org": `"(" at position 4 begins a comment, which only message headers know`,
		"ännä＠example.org":      `"＠" (U+FF20) at position 5 looks like "@" and is another character; type a plain "@"`,
		"ann@192.0.2.1":         "192.0.2.1 is an IP address, not a domain; mail to one is written with brackets: [192.0.2.1]",
		"ann@[2001:db8::1]":     "the IPv6 address lacks its tag: write [IPv6:2001:db8::1]",
	} {
		if _, err := Parse(text); err == nil || err.Error() != want {
			t.Errorf("Parse(%q): %v\nwant %s", text, err, want)
		}
	}
}

func TestParseDomain(t *testing.T) {
	tests := []struct{ name, text, ascii, unicode, rule string }{
		{"plain", "Example.ORG", "example.org", "example.org", ""},
		{"final dot and blanks", " example.org. ", "example.org", "example.org", ""},
		{"IDN", "BÜCHER.example", "xn--bcher-kva.example", "bücher.example", ""},
		{"A-label", "xn--bcher-kva.example", "xn--bcher-kva.example", "bücher.example", ""},
		{"single label", "mailhub", "mailhub", "mailhub", ""},
		{"nothing", " ", "", "", RuleEmpty},
		{"root", ".", "", "", RuleEmptyLabel},
		{"address", "ann@example.org", "", "", RuleManyAt},
		{"address literal", "[192.0.2.1]", "", "", RuleBadCharacter},
		{"IP address", "192.0.2.1", "", "", RuleNumericTop},
		{"host and port", "example.org:25", "", "", RuleBadCharacter},
		{"line feed", "example.org\n", "", "", RuleControl},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ascii, unicode, err := ParseDomain(tt.text)
			rule := ""
			if e, ok := errors.AsType[*Error](err); ok {
				rule = e.Rule
			}
			if ascii != tt.ascii || unicode != tt.unicode || rule != tt.rule || (err != nil) != (rule != "") {
				t.Errorf("ParseDomain(%q) = %q, %q, %v; want %q, %q, rule %q", tt.text, ascii, unicode, err, tt.ascii, tt.unicode, tt.rule)
			}
		})
	}
}
