package cli_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mxvet/mxvet/scanner/cli"
)

// TestHelpFitsEightyColumns reads the help of every command that the first help
// names.
func TestHelpFitsEightyColumns(t *testing.T) {
	first := helpOf(t)
	_, list, _ := strings.Cut(first, "\nCommands:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	names := map[string]string{"mxvet": first}
	for line := range strings.Lines(list) {
		name := strings.Fields(line)[0]
		names[name] = helpOf(t, name)
	}
	if len(names) < 7 {
		t.Errorf("the help names %d commands", len(names)-1)
	}
	for name, text := range names {
		if name != "mxvet" && text == first {
			t.Errorf("%s has no help of its own", name)
		}
		for line := range strings.Lines(text) {
			if width := utf8.RuneCountInString(strings.TrimRight(line, "\n")); width > 80 {
				t.Errorf("%s: %d columns: %s", name, width, line)
			}
		}
	}
}

func helpOf(t *testing.T, command ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if status := cli.Run(context.Background(), append(command, "--help"), nil, &stdout, &stderr); status != 0 || stderr.Len() > 0 {
		t.Fatalf("%v --help: exit status %d: %s", command, status, &stderr)
	}
	return stdout.String()
}
