package lab

import (
	"strings"
	"testing"
)

func TestLarge(t *testing.T) {
	internet := Large(Options{}, 1000, 300, 10)
	defer internet.Close()
	truths := internet.Truth()
	if len(truths) != 10000 || len(internet.Servers()) != 300 || strings.Count(internet.List(), "\n") != 10001 {
		t.Fatalf("%d addresses at %d servers, want 10000 at 300", len(truths), len(internet.Servers()))
	}
	for _, n := range []int{0, 1, 2999, 3000, 9999} {
		want := map[string]string{"accepted": "250 2.1.5 Ok", "mailbox_unknown": "550 5.1.1"}[truths[n].Reason]
		if got := outcome(t, internet, truths[n].Address); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %q, want %q", truths[n].Address, got, want)
		}
	}
	if got := internet.Stats().Total; got.Commands["RCPT"] != 5 || got.Unknown != 3 {
		t.Errorf("counted %+v, want 5 RCPT, 3 unknown", got)
	}
}

func BenchmarkLarge(b *testing.B) {
	for b.Loop() {
		if got := len(Large(Options{}, 1000, 1000, 10).Truth()); got != 10000 {
			b.Fatal(got)
		}
	}
}
