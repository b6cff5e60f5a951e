package report

import (
	"strings"
	"testing"

	"github.com/mxvet/mxvet/scanner"
)

// TestFewServersAreShownWhole shows the specimen servers a fact a line, and as
// a table where they are more than Whole.
func TestFewServersAreShownWhole(t *testing.T) {
	tell := func(whole int) string {
		var out strings.Builder
		table := NewTable(&out, TableOptions{Width: 80, Whole: whole})
		for _, row := range []*scanner.ServerRow{server(), silent()} {
			if err := table.Put(row); err != nil {
				t.Fatal(err)
			}
		}
		if err := table.Close(); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	const servers = 2
	if got := tell(servers - 1); !strings.HasPrefix(got, "Servers\nHOST ") {
		t.Errorf("more than Whole: got\n%s", got)
	}
	got := tell(servers)
	for line := range strings.Lines(got) {
		if textWidth(strings.TrimSuffix(line, "\n")) > 80 {
			t.Errorf("wider than the terminal: %q", line)
		}
	}
	golden(t, "whole80.txt", got)
}
