package pace

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestByName(t *testing.T) {
	for name, want := range map[string]Profile{
		"gentle": Gentle(),
		"":       Gentle(),
		"brisk":  Brisk(),
		"own":    Own(),
	} {
		got, ok := ByName(name)
		if diff := cmp.Diff(want, got); !ok || diff != "" {
			t.Errorf("ByName(%q) %v (-want +got):\n%s", name, ok, diff)
		}
	}
	for _, name := range []string{"Gentle", "brutal", " own"} {
		if got, ok := ByName(name); ok {
			t.Errorf("ByName(%q) is %+v", name, got)
		}
	}
}

// TestGentleStaysBelowFail2ban: stock fail2ban bans at five failures in ten minutes.
func TestGentleStaysBelowFail2ban(t *testing.T) {
	gentle := Gentle()
	if gentle.Refusals == 0 || gentle.Refusals >= 5 || gentle.Window < 10*time.Minute {
		t.Errorf("%d unknown mailboxes in %v", gentle.Refusals, gentle.Window)
	}
}
