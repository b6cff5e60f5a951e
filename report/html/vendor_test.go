package html_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestVendored: what is embedded is what vendor/SHA256SUMS says, and of the
// version that vendor/package-lock.json names with npm's digest of the package.
// .ci/run has npm fetch that package and holds the files against it.
func TestVendored(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join("vendor", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	sums := strings.Fields(read("SHA256SUMS"))
	if len(sums) != 6 {
		t.Fatalf("%d words in SHA256SUMS, want three files", len(sums))
	}
	for i := 0; i < len(sums); i += 2 {
		sum := sha256.Sum256([]byte(read(sums[i+1])))
		if got := hex.EncodeToString(sum[:]); got != sums[i] {
			t.Errorf("%s is %s, want %s", sums[i+1], got, sums[i])
		}
	}
	var lock struct {
		Packages map[string]struct{ Version, Integrity, License string }
	}
	if err := json.Unmarshal([]byte(read("package-lock.json")), &lock); err != nil {
		t.Fatal(err)
	}
	locked := lock.Packages["node_modules/tabulator-tables"]
	if locked.License != "MIT" || !strings.HasPrefix(locked.Integrity, "sha512-") {
		t.Errorf("locked is %+v", locked)
	}
	if !strings.HasPrefix(read("tabulator.min.js"), "/* Tabulator v"+locked.Version+" ") {
		t.Errorf("the script is not version %s", locked.Version)
	}
	page := told(t)
	if !strings.Contains(page, "Permission is hereby granted, free of charge") {
		t.Error("a report does not carry the licence of what it embeds")
	}
}
