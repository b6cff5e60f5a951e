package address

import (
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// pieces are what addresses and their faults are made of; joined at random they reach every branch.
func pieces() []string {
	return []string{
		"a", "Z", "0", "-", "--", ".", "@", "_", "+", `"`, `\`, " ", "\t", "\r\n ", "\x00", "\x7f", "(", ")", "<", ">", "[", "]", ":", ",", "%", "%40", "?",
		"mailto:", "xn--", "xn--bcher-kva", "IPv6:", "::", "192.0.2.1", "2001:db8::1", "example.org", "é", "e\u0301", "\u0338", "\u037e", "\u212a", "ß",
		"☃", "😀", "例え", "。", "．", "＠", "－", "·", "l·l", "א", "ا", "١", "۱", "\u200b", "\u200c", "\u200d", "\u00ad", "\ufeff", "\ufffd", "\xff", "\u0958", "\ufb2c", "ｘn--a",
		strings.Repeat("x", 60), strings.Repeat("ü", 40), strings.Repeat("abcdefghi.", 24),
	}
}

func FuzzParse(f *testing.F) {
	f.Add("ann@example.org")
	f.Add(`Ann <"a\"b c"@bücher.example>`)
	f.Add("mailto:d%C3%A9@[IPv6:2001:db8::1]?x=y")
	f.Add("ren\u0065\u0301@例え。example")
	f.Fuzz(checkParse[*testing.T])
}

func TestParseAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkParse(t, strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces()), 0, 12).Draw(t, "pieces"), ""))
	})
}

// Most random texts are refused; here the parts are such that most are taken.
func TestParseMailboxes(t *testing.T) {
	word := rapid.SampledFrom([]string{"a", "Ann", "x1", "+", "é", "e\u0301", "дима", "例え", "ß", "-", "😀"})
	label := rapid.SampledFrom([]string{"a", "Example", "x-1", "bücher", "faß", "例え", "xn--bcher-kva", "почта", "दूतावास", "ｆｕｌｌ"})
	literal := rapid.SampledFrom([]string{"[192.0.2.1]", "[IPv6:::]", "[IPv6:1:0:0:2::]", "[IPv6:::ffff:192.0.2.1]"})
	rapid.Check(t, func(t *rapid.T) {
		local := strings.Join(rapid.SliceOfN(word, 1, 5).Draw(t, "words"), rapid.SampledFrom([]string{".", ""}).Draw(t, "joint"))
		if rapid.Bool().Draw(t, "quoted") {
			local = quote(local + rapid.StringOfN(rapid.RuneFrom([]rune(` "\@.<>(),`)), 0, 6, -1).Draw(t, "signs"))
		}
		domain := strings.Join(rapid.SliceOfN(label, 1, 4).Draw(t, "labels"), ".")
		if rapid.Bool().Draw(t, "literal") {
			domain = literal.Draw(t, "address")
		}
		text := local + "@" + domain
		if _, err := Parse(text); err != nil {
			t.Fatalf("Parse(%q): %v", text, err)
		}
		checkParse(t, text)
	})
}

// checkParse holds Parse to its promises: an *Error that points into the input, or an Address that is what its wire form parses to.
func checkParse[T interface {
	Helper()
	Fatalf(string, ...any)
}](t T, text string) {
	t.Helper()
	a, err := Parse(text)
	if err != nil {
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Input != text || e.Offset < -1 || e.Offset > len(text) || e.Rule == "" || e.Reason == "" || strings.ContainsFunc(e.Char+e.Reason, unicode.IsControl) {
			t.Fatalf("Parse(%q): %#v", text, err)
		}
		return
	}
	wire := a.String()
	if !utf8.ValidString(wire) || strings.ContainsFunc(wire, unicode.IsControl) || len(wire) > maxAddress {
		t.Fatalf("Parse(%q): wire form %q", text, wire)
	}
	for _, form := range []string{wire, a.Display(), "<" + wire + ">"} {
		if again, err := Parse(form); err != nil || again != a {
			t.Fatalf("Parse(%q) = %+v, and of its form %q: %+v, %v", text, a, form, again, err)
		}
	}
	canonical, err := Parse(a.Canonical())
	if err != nil || canonical.Canonical() != a.Canonical() {
		t.Fatalf("canonical form %q of %q: %v", a.Canonical(), wire, err)
	}
	if a.Literal != "" {
		return
	}
	if ascii, display, err := ParseDomain(a.Unicode); err != nil || ascii != a.Domain || display != a.Unicode {
		t.Fatalf("ParseDomain(%q) = %q, %q, %v; want %q", a.Unicode, ascii, display, err, a.Domain)
	}
}

func BenchmarkParse(b *testing.B) {
	for _, text := range []string{"ann.lee@example.org", "Ann.Lee@Example.ORG", "Ann Lee <ann.lee@example.org>", "ann@bücher.example"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What one address costs does not grow with how many were read before.
func TestAllocations(t *testing.T) {
	plain := mustParse(t, "ann.lee@example.org")
	typo := mustParse(t, "ann.lee@gmial.com")
	for name, c := range map[string]struct {
		most float64
		run  func()
	}{
		"Parse":              {0, func() { _, _ = Parse("ann.lee@example.org") }},
		"Parse a name":       {0, func() { _, _ = Parse("Ann Lee <ann.lee@example.org>") }},
		"Policy.Parse":       {0, func() { _, _ = Policy{}.Parse("ann.lee@example.org") }},
		"Suggest":            {4, func() { Suggest(typo) }},
		"Suggest nothing":    {0, func() { Suggest(plain) }},
		"Traits":             {5, func() { plain.Traits() }},
		"Traits of own list": {5, func() { Lists{Free: Own{Deny: Entries{"a.example"}}}.Traits(plain) }},
	} {
		for range 1000 {
			c.run()
		}
		if got := testing.AllocsPerRun(1000, c.run); got > c.most {
			t.Errorf("%s allocates %v times, want %v at most", name, got, c.most)
		}
	}
}
