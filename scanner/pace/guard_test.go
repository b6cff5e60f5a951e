package pace

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// hears tells the guard of answers: "u" an unknown mailbox, "k" a known one.
func hears(guard *Guard, domain, answers string) {
	for _, answer := range answers {
		guard.Heard(domain, answer == 'u')
	}
}

func TestGuard(t *testing.T) {
	half := Profile{HarvestAfter: 4, HarvestShare: 0.5}
	for _, test := range []struct {
		name    string
		profile Profile
		answers string
		stopped bool
	}{
		{"nothing heard", half, "", false},
		{"half unknown is not over half", half, "uukk", false},
		{"over half unknown", half, "ukuu", true},
		{"over half of the full number, before it is full", half, "uuu", true},
		{"two unknown mailboxes in two are not yet over half of four", half, "uu", false},
		{"a list that goes bad after its first answers", half, "kkkkuuuuuuuu", false},
		{"a list that gets better after its first answers", half, "uuukkkkkkkkk", true},
		{"12 of 25 unknown", Gentle(), "uuuuuuuuuuuukkkkkkkkkkkkk", false},
		{"13 of 25 unknown", Gentle(), "kkkkkkkkkkkkuuuuuuuuuuuuu", true},
		{"brisk: 180 of 200 unknown", Brisk(), strings.Repeat("u", 180) + strings.Repeat("k", 20), false},
		{"brisk: 181 of 200 unknown", Brisk(), strings.Repeat("k", 19) + strings.Repeat("u", 181), true},
		{"own servers are not guarded", Own(), "uuuuuuuuuuuuuuuuuuuuuuuuuuuuuu", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			guard := NewGuard(test.profile)
			hears(guard, "example.org", test.answers)
			if got := guard.Stopped("example.org"); got != test.stopped {
				t.Errorf("stopped: %v, want %v", got, test.stopped)
			}
			if guard.Stopped("example.net") {
				t.Error("another domain is stopped with it")
			}
		})
	}
}

func TestGuardIsSharedByConversations(t *testing.T) {
	guard := NewGuard(Gentle())
	var conversations sync.WaitGroup
	for n := range 8 {
		conversations.Go(func() {
			for i := range 100 {
				guard.Heard(fmt.Sprintf("d%d.example", i), n%2 == 0 || i%2 == 0)
				guard.Stopped(fmt.Sprintf("d%d.example", n))
			}
		})
	}
	conversations.Wait()
	hears(guard, "d0.example", "uuuuu")
	hears(guard, "d1.example", "kkkkk")
	if !guard.Stopped("d0.example") || guard.Stopped("d1.example") {
		t.Errorf("d0 %v, d1 %v, want true, false", guard.Stopped("d0.example"), guard.Stopped("d1.example"))
	}
}
