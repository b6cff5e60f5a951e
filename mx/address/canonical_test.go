package address

import (
	"slices"
	"strings"
	"testing"
)

func TestCanonical(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"Gmail dots, case and tag", "Ann.Lee+News@Gmail.com", "annlee@gmail.com"},
		{"googlemail is Gmail", "ann.lee@googlemail.com", "annlee@gmail.com"},
		{"Outlook keeps dots", "Ann.Lee+news@outlook.com", "ann.lee@outlook.com"},
		{"Hotmail is not Outlook", "ann@hotmail.com", "ann@hotmail.com"},
		{"Yahoo has hyphens", "Ann-news@yahoo.com", "ann@yahoo.com"},
		{"Yahoo has no plus", "ann+news@yahoo.com", "ann+news@yahoo.com"},
		{"Fastmail", "ann+news@fastmail.com", "ann@fastmail.com"},
		{"iCloud", "ann+news@icloud.com", "ann@icloud.com"},
		{"Proton", "ann+news@proton.me", "ann@proton.me"},
		{"tag and nothing before it", "+news@gmail.com", "+news@gmail.com"},
		{"quotes no longer needed", `"ann..lee"@gmail.com`, "annlee@gmail.com"},
		{"dots only", `"..."@gmail.com`, `"..."@gmail.com`},
		{"any other domain is left alone", "Ann.Lee+News@Example.ORG", "Ann.Lee+News@example.org"},
		{"below a provider's domain", "Ann+news@mail.gmail.com", "Ann+news@mail.gmail.com"},
		{"UTF-8 local part is left alone", "Änn+news@gmail.com", "Änn+news@gmail.com"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := mustParse(t, tt.text).Canonical()
			if got != tt.want {
				t.Errorf("Canonical of %q is %q, want %q", tt.text, got, tt.want)
			}
			if again := mustParse(t, got).Canonical(); again != got {
				t.Errorf("canonical form of %q is %q", got, again)
			}
		})
	}
}

// The tables are read by people: sorted, without repeats, every key in the form it is looked up in.
func TestTables(t *testing.T) {
	for name, text := range map[string]string{
		"canonical.txt": canonicalText, "disposable.txt": string(disposables), "free.txt": string(frees),
		"relay.txt": string(relays), "role.txt": string(roles), "popular.txt": string(popular), "near.txt": string(near),
	} {
		lines := tableLines(text)
		if len(lines) < 8 || !slices.IsSorted(lines) || len(slices.Compact(slices.Clone(lines))) != len(lines) {
			t.Errorf("%s: %d lines, not sorted or with repeats", name, len(lines))
		}
		for _, line := range lines {
			fields := strings.Fields(line)
			key := fields[0]
			if name == "role.txt" {
				key += "@example.org"
			} else {
				key = "a@" + key
			}
			if a, err := Parse(key); err != nil || strings.ToLower(a.String()) != key {
				t.Errorf("%s: %q can never match: %v", name, line, err)
			}
			if name == "canonical.txt" && (len(fields) != 4 || !strings.Contains("+-", fields[2]) || fields[3] != "keep" && fields[3] != "drop") {
				t.Errorf("%s: %q", name, line)
			}
		}
	}
}
