package address

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestForms(t *testing.T) {
	tests := []struct {
		name, text, wire, display string
		smtputf8                  bool
	}{
		{"plain", "ann@example.org", "ann@example.org", "ann@example.org", false},
		{"IDN needs no SMTPUTF8", "ann@bücher.example", "ann@xn--bcher-kva.example", "ann@bücher.example", false},
		{"UTF-8 local part does", "änn@bücher.example", "änn@xn--bcher-kva.example", "änn@bücher.example", true},
		{"UTF-8 in quotes does", `"ä n"@example.org`, `"ä n"@example.org`, `"ä n"@example.org`, true},
		{"literal", "ann@[192.0.2.1]", "ann@[192.0.2.1]", "ann@[192.0.2.1]", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := mustParse(t, tt.text)
			if a.String() != tt.wire || a.Display() != tt.display || a.NeedsSMTPUTF8() != tt.smtputf8 {
				t.Errorf("%q, %q, %v; want %q, %q, %v", a.String(), a.Display(), a.NeedsSMTPUTF8(), tt.wire, tt.display, tt.smtputf8)
			}
		})
	}
	if got := (Address{}).String(); got != "" {
		t.Errorf("zero Address: %q", got)
	}
}

func TestKey(t *testing.T) {
	tests := []struct {
		name, a, b string
		same       bool
	}{
		{"case of the domain", "ann@example.org", "ann@EXAMPLE.org", true},
		{"case of the local part", "ann@example.org", "Ann@example.org", false},
		{"quotes for nothing", "ann@example.org", `"ann"@example.org`, true},
		{"U-label and A-label", "ann@bücher.example", "ann@xn--bcher-kva.example", true},
		{"composed and not", "ren\u00e9@example.org", "rene\u0301@example.org", true},
		{"one literal written twice", "ann@[IPv6:2001:db8::1]", "ann@[IPv6:2001:DB8:0:0:0::1]", true},
		{"dots at Gmail are not a repeat", "ann.lee@gmail.com", "annlee@gmail.com", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if a, b := mustParse(t, tt.a).Key(), mustParse(t, tt.b).Key(); (a == b) != tt.same {
				t.Errorf("keys %q and %q, want same: %v", a, b, tt.same)
			}
		})
	}
}

func TestJSON(t *testing.T) {
	type row struct {
		Address Address `json:"address"`
	}
	for _, want := range []row{{}, {mustParse(t, `"ä <b>"@bücher.example`)}, {mustParse(t, "ann@[192.0.2.1]")}} {
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got row
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	kept := mustParse(t, "ann@example.org")
	if err := kept.UnmarshalText([]byte("no address")); err == nil || kept.Local != "ann" {
		t.Errorf("bad text: %v, and left %+v", err, kept)
	}
}

func mustParse(t testing.TB, text string) Address {
	t.Helper()
	a, err := Parse(text)
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return a
}
