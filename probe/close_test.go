package probe_test

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestClose(t *testing.T) {
	for _, test := range []struct {
		name, script string
		quit         time.Duration
		want         time.Duration
	}{
		{"says QUIT and hears the answer", "C: QUIT\nW: 1s\nS: 221 bye\nX:", 0, time.Second},
		{"no answer: 2 s by default", "C: QUIT\nW: 1h", 0, 2 * time.Second},
		{"no answer: as the plan says", "C: QUIT\nW: 1h", 300 * time.Millisecond, 300 * time.Millisecond},
		{"hangs up instead of an answer", "C: QUIT\nX:", 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				plan := script(t, lockStep+test.script)
				plan.QuitTimeout = test.quit
				session := mustOpen(t, plan)
				start := time.Now()
				session.Close()
				if waited := time.Since(start); waited != test.want {
					t.Errorf("waited %v, want %v", waited, test.want)
				}
				session.Close() // says nothing more
				if session.Commands() != 2 {
					t.Errorf("%d commands, want EHLO and QUIT", session.Commands())
				}
			})
		})
	}
}

func TestCloseInsideTLS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		session := mustOpen(t, script(t, offersTLS+`
			S: 220 go
			TLS: mx.example
			C: EHLO me.example
			S: 250 mx.example
			C: QUIT
			W: 1h
		`))
		start := time.Now()
		session.Close()
		if waited := time.Since(start); waited != 2*time.Second {
			t.Errorf("waited %v, want 2s", waited)
		}
		if session.Server().TLS == nil {
			t.Error("what was learned of TLS ends with the session")
		}
	})
}
