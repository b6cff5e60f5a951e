//go:build unix

package audit

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mxvet/mxvet/mx/realtest"
)

// Postfix itself knows every line that is written for its main.cf.
func TestPostfixKnowsTheLines(t *testing.T) {
	dir, lines := t.TempDir(), []string{"compatibility_level = 3.6"}
	for _, s := range specimens() {
		w := sound()
		s.infect(w)
		for _, f := range w.findings(t) {
			if f.ID == s.id && f.Where == "Postfix: main.cf" {
				lines = append(lines, f.Fix)
			}
		}
	}
	if len(lines) < 20 {
		t.Fatalf("%d lines, want at least 20", len(lines))
	}
	if err := os.WriteFile(filepath.Join(dir, "main.cf"), []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "master.cf"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(realtest.Program(t, "postconf"), "-c", dir, "-n").CombinedOutput()
	if err != nil {
		t.Fatalf("postconf: %v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "unused parameter") {
			t.Error(strings.TrimSpace(line))
		}
	}
}
