package report

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestPrintable(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain text":                     {"220 mx.example.org ESMTP", "220 mx.example.org ESMTP"},
		"colour":                         {"\x1b[31mred", `\x1b[31mred`},
		"window title":                   {"\x1b]0;owned\x07", `\x1b]0;owned\x07`},
		"eight-bit CSI":                  {"\u009b2J", `\u009b2J`},
		"NUL, DEL":                       {"a\x00b\x7f", `a\x00b\x7f`},
		"line ends and tabs":             {"a\r\nb\tc", `a\r\nb\tc`},
		"right-to-left override":         {"\u202egnp.exe\u202c", `\u202egnp.exe\u202c`},
		"isolates":                       {"\u2066a\u2069", `\u2066a\u2069`},
		"zero-width space and joiner":    {"a\u200bb\u200dc\ufeff", `a\u200bb\u200dc\ufeff`},
		"soft hyphen, variation":         {"a\u00ad\ufe0f", `a\u00ad\ufe0f`},
		"Hangul filler is a letter":      {"a\u3164", `a\u3164`},
		"tag characters":                 {"a\U000e0061", `a\U000e0061`},
		"line separator":                 {"a\u2028b", `a\u2028b`},
		"not UTF-8":                      {"Gr\xfc\xdfe", `Gr\xfc\xdfe`},
		"a replacement character stays":  {"\ufffd", "\ufffd"},
		"Chinese, Cyrillic":              {"\u8cc7\u6599 \u043f\u043e\u0447\u0442\u0430", "\u8cc7\u6599 \u043f\u043e\u0447\u0442\u0430"},
		"a letter with marks":            {"e\u0301\u0323", "e\u0301\u0323"},
		"a fifth mark climbs":            {"e\u0301\u0301\u0301\u0301\u0301", "e\u0301\u0301\u0301\u0301" + `\u0301`},
		"a mark without letter":          {"\u0301", `\u0301`},
		"a mark behind a blank, control": {"a \u0301\x1b\u0301", `a \u0301\x1b\u0301`},
		"too long":                       {strings.Repeat("x", 1025), strings.Repeat("x", 1024) + "\u2026"},
		"too long, cut before a letter":  {strings.Repeat("\u8cc7", 400), strings.Repeat("\u8cc7", 341) + "\u2026"},
		"too long and no text":           {strings.Repeat("\x80", 1030), strings.Repeat(`\x80`, 1024) + "\u2026"},
	} {
		if got := Printable(c.in); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestCellIsOneLine(t *testing.T) {
	for in, want := range map[string]string{
		"a\nb\r\nc\n":     "a / b / c",
		"a\rb":            `a\rb`,
		"a\u3000b\u00a0c": "a b c",
		"a\xffb":          `a\xffb`,
	} {
		if got := cell(in); got != want {
			t.Errorf("cell(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestPrintableIsPrintable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) + rapid.String().Draw(t, "text")
		got := Printable(in)
		if !utf8.ValidString(got) || Printable(got) != got && len(got) <= printableMost {
			t.Fatalf("%q gave %q", in, got)
		}
		for _, r := range got {
			if hidden(r) {
				t.Fatalf("%q gave %q with %U", in, got, r)
			}
		}
	})
}

func TestFit(t *testing.T) {
	for name, c := range map[string]struct {
		in    string
		width int
		want  string
	}{
		"fits":                         {"abc", 3, "abc"},
		"one too many":                 {"abcd", 3, "ab\u2026"},
		"blank before the ellipsis":    {"ab cd", 4, "ab\u2026"},
		"wide letters fit":             {"\u8cc7\u6599", 4, "\u8cc7\u6599"},
		"half a wide letter is none":   {"\u8cc7\u6599\u8cc7", 4, "\u8cc7\u2026"},
		"wide letters leave no room":   {"\u8cc7\u6599", 2, "\u2026"},
		"marks take no room":           {"e\u0301e\u0301", 2, "e\u0301e\u0301"},
		"a mark stays with its letter": {"e\u0301fg", 2, "e\u0301\u2026"},
		"no room at all":               {"abc", 0, ""},
		"only the ellipsis has room":   {"abc", 1, "\u2026"},
	} {
		if got := fit(c.in, c.width); got != c.want {
			t.Errorf("%s: fit(%q, %d) = %q, want %q", name, c.in, c.width, got, c.want)
		}
	}
}
