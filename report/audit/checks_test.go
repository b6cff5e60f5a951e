package audit

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/scanner"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func ids(list []*scanner.FindingRow) []string {
	var out []string
	for _, f := range list {
		out = append(out, f.ID)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// shown is a finding as its golden file has it.
func shownFinding(f *scanner.FindingRow) string {
	var out strings.Builder
	about := f.Domain
	switch {
	case f.IP.IsValid():
		about = fmt.Sprintf("%s[%v]:%d for %s", f.Host, f.IP, f.Port, strings.Join(f.Domains, " "))
	case f.Host != "":
		about = f.Host + " for " + strings.Join(f.Domains, " ")
	}
	fmt.Fprintf(&out, "== %s: %s (%s) %s\n", f.ID, f.Title, f.Severity, f.Reference)
	fmt.Fprintf(&out, "about:    %s\nevidence: %s\n", about, f.Evidence)
	if f.Fix != "" {
		fmt.Fprintf(&out, "where:    %s\n%s\n", f.Where, f.Fix)
	}
	return out.String()
}

// Every check fires on its specimen, and says what the golden file has.
func TestEveryCheckFires(t *testing.T) {
	var text strings.Builder
	fired := map[string]bool{}
	for _, s := range specimens() {
		w := sound()
		s.infect(w)
		found := w.findings(t)
		at := slices.IndexFunc(found, func(f *scanner.FindingRow) bool { return f.ID == s.id })
		if at < 0 {
			t.Errorf("%s does not fire on its specimen; what does: %v", s.id, ids(found))
			continue
		}
		if fired[s.id] {
			t.Errorf("%s has two specimens", s.id)
		}
		fired[s.id] = true
		text.WriteString(shownFinding(found[at]))
	}
	for _, c := range Checks() {
		if !fired[c.ID] {
			t.Errorf("%s has no specimen on which it fires", c.ID)
		}
	}
	if len(fired) != len(Checks()) {
		t.Errorf("%d checks fired on specimens, want %d", len(fired), len(Checks()))
	}
	golden(t, "findings.golden", text.String())
}

// No check fires where all is well, and none where nothing is known; counted
// for all of them.
func TestNoCheckFires(t *testing.T) {
	for _, one := range []struct {
		name  string
		world *world
	}{
		{"sound", sound()},
		{"not measured", unmeasured()},
		{"not asked", unasked()},
		{"DNS does not answer", unresolved()},
		{"no IPv6 on this machine", withoutIPv6()},
		{"nothing but a row", &world{domain: &scanner.DomainRow{Type: "domain", Domain: "example.org"}, servers: []*scanner.ServerRow{{Type: "server"}}}},
	} {
		for _, policy := range []string{"", everyWish} {
			one.world.policy = policy
			silent := map[string]bool{}
			for _, c := range Checks() {
				silent[c.ID] = true
			}
			for _, f := range one.world.findings(t) {
				silent[f.ID] = false
				t.Errorf("%s: %s fires: %s", one.name, f.ID, f.Evidence)
			}
			if count := len(silent); count != len(checks()) {
				t.Errorf("%s: %d checks counted, want %d", one.name, count, len(checks()))
			}
		}
	}
}

func TestChecksAreDescribed(t *testing.T) {
	graded, seen := grades(), map[string]bool{}
	for _, c := range Checks() {
		if seen[c.ID] {
			t.Errorf("%s is there twice", c.ID)
		}
		seen[c.ID] = true
		if c.Title == "" || c.Reference == "" || c.Because == "" || c.Severity.Rank() < 0 || c.Scope == "" {
			t.Errorf("%s lacks something: %+v", c.ID, c)
		}
		if !strings.HasSuffix(c.Explain, ".") || !strings.Contains(c.Explain, ". ") {
			t.Errorf("%s is not explained in two sentences: %q", c.ID, c.Explain)
		}
		if strings.Trim(c.ID, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			t.Errorf("%q is not in snake case", c.ID)
		}
	}
	for id := range graded {
		if !seen[id] {
			t.Errorf("severity of %q, which is no check", id)
		}
	}
}

func TestChecksHaveOneFunction(t *testing.T) {
	for _, c := range checks() {
		n := 0
		for _, set := range []bool{c.server != nil, c.domain != nil, c.expect != nil} {
			if set {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s has %d functions, want one", c.id, n)
		}
	}
}

func TestMarkdown(t *testing.T) {
	var out strings.Builder
	if err := WriteMarkdown(&out); err != nil {
		t.Fatal(err)
	}
	for _, c := range Checks() {
		if !strings.Contains(out.String(), "\n### "+c.ID+"\n") {
			t.Errorf("%s is not in the documentation", c.ID)
		}
	}
	golden(t, "../checks.md", out.String())
}
