package mtasts

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParsePolicy(t *testing.T) {
	for name, row := range map[string]struct {
		text   string
		want   Policy
		faults []string // words in each
	}{
		"LF": {
			"version: STSv1\nmode: enforce\nmx: mx.example.org\nmx: *.mail.example.net\nmax_age: 604800\n",
			Policy{Mode: Enforce, MX: []string{"mx.example.org", "*.mail.example.net"}, MaxAge: 604800}, nil},
		"CRLF, no end of the last line": {
			"version: STSv1\r\nmode: testing\r\nmx: mx.example.org\r\nmax_age: 86400",
			Policy{Mode: Testing, MX: []string{"mx.example.org"}, MaxAge: 86400}, nil},
		"any order, no blank after the colon, blanks at the end": {
			"max_age:0\nmx:MX.Example.ORG \t\nmode:enforce\nversion:STSv1 \n",
			Policy{Mode: Enforce, MX: []string{"mx.example.org"}}, nil},
		"mode none needs no mx": {
			"version: STSv1\nmode: none\nmax_age: 31557600\n",
			Policy{Mode: NoMode, MaxAge: 31557600}, nil},
		"unknown keys are ignored": {
			"version: STSv1\nx-note_1.0: what: ever\nmode: enforce\nmx: a.example\nmax_age: 1\n",
			Policy{Mode: Enforce, MX: []string{"a.example"}, MaxAge: 1}, nil},
		"the first of two counts": {
			"version: STSv1\nmode: testing\nmode: enforce\nmx: a.example\nmx: a.example\nmax_age: 1\nmax_age: 2\n",
			Policy{Mode: Testing, MX: []string{"a.example"}, MaxAge: 1}, []string{"mode is given twice", "max_age is given twice"}},
		"an empty line": {
			"version: STSv1\n\nmode: enforce\nmx: a.example\nmax_age: 1\n\n",
			Policy{Mode: Enforce, MX: []string{"a.example"}, MaxAge: 1}, []string{"empty line"}},
		"patterns that nothing fits": {
			"version: STSv1\nmode: enforce\nmx: a.example\nmx: b.example.\nmx: a.*.example\nmx: *\nmx: b\xc3\xbccher.example\nmx: 1.2.3.4 5\nmax_age: 1\n",
			Policy{Mode: Enforce, MX: []string{"a.example"}, MaxAge: 1}, []string{`"b.example."`, `"a.*.example"`, `"*"`, "bücher", `"1.2.3.4 5"`}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParsePolicy(row.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, got, cmpopts.IgnoreFields(Policy{}, "Faults")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if len(got.Faults) != len(row.faults) {
				t.Fatalf("faults %q, want %d", got.Faults, len(row.faults))
			}
			for i, words := range row.faults {
				if !strings.Contains(got.Faults[i], words) {
					t.Errorf("fault %q, want %q in it", got.Faults[i], words)
				}
			}
		})
	}
}

func TestParsePolicyRefuses(t *testing.T) {
	for why, text := range map[string]string{
		"version is missing":                "mode: enforce\nmx: a.example\nmax_age: 1\n",
		`version is "STSv2"`:                "version: STSv2\nmode: enforce\nmx: a.example\nmax_age: 1\n",
		"mode is missing":                   "version: STSv1\nmx: a.example\nmax_age: 1\n",
		`mode is "Enforce"`:                 "version: STSv1\nmode: Enforce\nmx: a.example\nmax_age: 1\n",
		"max_age is missing":                "version: STSv1\nmode: enforce\nmx: a.example\n",
		`max_age is "1 week"`:               "version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 1 week\n",
		`max_age is "-1"`:                   "version: STSv1\nmode: enforce\nmx: a.example\nmax_age: -1\n",
		`max_age is "99999999999"`:          "version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 99999999999\n",
		"max_age is 31557601: over a year":  "version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 31557601\n",
		"no mx line":                        "version: STSv1\nmode: enforce\nmax_age: 1\n",
		"no mx line that can be read":       "version: STSv1\nmode: testing\nmx: a.example.\nmax_age: 1\n",
		`not key: value: "mode enforce"`:    "version: STSv1\nmode enforce\nmx: a.example\nmax_age: 1\n",
		`not key: value: "<!doctype html>"`: "<!doctype html>\n<title>Parked</title>\n",
		`not key: value: " mode: enforce"`:  "version: STSv1\n mode: enforce\nmx: a.example\nmax_age: 1\n",
		`not key: value: "mode : enforce"`:  "version: STSv1\nmode : enforce\nmx: a.example\nmax_age: 1\n",
		"begins with a byte order mark":     "\ufeffversion: STSv1\nmode: enforce\nmx: a.example\nmax_age: 1\n",
		`mode is "enforce\rx"`:              "version: STSv1\nmode: enforce\rx\nmx: a.example\nmax_age: 1\n",
	} {
		t.Run(why, func(t *testing.T) {
			got, err := ParsePolicy(text)
			if err == nil || !strings.Contains(err.Error(), why) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func TestMatches(t *testing.T) {
	policy := Policy{MX: []string{"mx.example.org", "*.mail.example.net", "*.xn--bcher-kva.example"}}
	for host, want := range map[string]bool{
		"mx.example.org":            true,
		"MX.Example.ORG.":           true,
		"a.mx.example.org":          false,
		"example.org":               false,
		"a.mail.example.net":        true,
		"a.b.mail.example.net":      false, // a star is one label
		"mail.example.net":          false, // and not none
		".mail.example.net":         false,
		"xmail.example.net":         false,
		"MX1.XN--BCHER-KVA.example": true,
		"*.mail.example.net":        true,
		"":                          false,
	} {
		if got := policy.Matches(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
	if (Policy{}).Matches("mx.example.org") || (Policy{MX: []string{"*."}}).Matches("localhost") {
		t.Error("no pattern fits everything")
	}
}

// What Write makes, ParsePolicy reads without a fault.
func TestWrite(t *testing.T) {
	text := Write(Enforce, []string{"MX1.example.org.", "*.example.net", "mx1.example.org"}, 1<<40)
	if want := "version: STSv1\nmode: enforce\nmx: mx1.example.org\nmx: *.example.net\nmax_age: 31557600\n"; text != want {
		t.Errorf("wrote %q", text)
	}
	got, err := ParsePolicy(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Policy{Mode: Enforce, MaxAge: MaxAge, MX: []string{"mx1.example.org", "*.example.net"}}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// FuzzParsePolicy: what is accepted is bounded, and reads the same when written
// again.
func FuzzParsePolicy(f *testing.F) {
	f.Add("version: STSv1\nmode: enforce\nmx: mx.example.org\nmx: *.example.net\nmax_age: 604800\n")
	f.Add("version: STSv1\r\nmode: none\r\nmode: testing\r\n\r\nmax_age: 0\r\nmx: .\r\n")
	f.Add("\ufeffversion: STSv1\nmx: *.\nmax_age: 9999999999")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePolicy(text)
		if err != nil {
			if len(err.Error()) > 4*maxShown+100 {
				t.Errorf("an error of %d octets", len(err.Error()))
			}
			return
		}
		if len(p.MX) > maxPatterns || len(p.Faults) > 8 || p.MaxAge < 0 || p.MaxAge > MaxAge {
			t.Errorf("out of bounds: %+v", p)
		}
		again, err := ParsePolicy(Write(p.Mode, p.MX, p.MaxAge))
		if err != nil {
			t.Fatal(err)
		}
		p.Faults = nil
		if diff := cmp.Diff(p, again); diff != "" {
			t.Errorf("-read +read again:\n%s", diff)
		}
	})
}
