package scanner

import (
	"testing"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/scanner/pace"
)

// TestWhetherWeAreWelcome: a server that only refuses us is told from one that
// answers questions.
func TestWhetherWeAreWelcome(t *testing.T) {
	blocked := a1.says(smtp.Rcpt, 554, reply.BlockedClient)
	unknown := a1.says(smtp.Rcpt, 550, reply.UserUnknown)
	tooManyErrors := a1.says(smtp.Rcpt, 421, reply.RateLimited)
	for _, test := range []struct {
		name                      string
		outcomes                  []probe.Outcome
		welcome, shunned, refused bool
	}{
		{"all were refused for our sake", []probe.Outcome{blocked, blocked}, false, true, true},
		{"all were refused for our sake, until it hung up on us", []probe.Outcome{blocked, blocked, tooManyErrors, {}}, false, true, true},
		{"it hung up and said that we are blocked", []probe.Outcome{a1.says(smtp.Rcpt, 421, reply.BlockedClient), {}}, false, true, true},
		{"one was answered", []probe.Outcome{blocked, unknown}, true, false, true},
		{"it hung up after an answer", []probe.Outcome{unknown, tooManyErrors}, true, false, false},
		{"it hung up on us at once", []probe.Outcome{tooManyErrors, {}}, false, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := conversation{run: &run{Scanner: new(Scanner), guard: pace.NewGuard(pace.Own()), watch: new(Counters)}}
			c.heard([]Item{{Work: Work{Domain: "example.org"}}}, test.outcomes)
			if c.welcome != test.welcome || c.shunned != test.shunned || (c.refusal != nil) != test.refused {
				t.Errorf("welcome %t, shunned %t, refused by %v", c.welcome, c.shunned, c.refusal)
			}
		})
	}
}
