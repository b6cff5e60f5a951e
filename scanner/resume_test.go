package scanner

import (
	"testing"
	"time"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/scanner/pace"
)

// TestWhatTheBreakerHeardBefore: facts of an earlier process, and whether a1 is
// still to be asked.
func TestWhatTheBreakerHeardBefore(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	at := func(after time.Duration, o probe.Outcome) probe.Outcome {
		o.At = noon.Add(after)
		return o
	}
	blocked := a1.says(smtp.Rcpt, 550, reply.BlockedClient)
	door := a1.says(smtp.Greeting, 554, reply.BlockedClient)
	quoted := blocked
	quoted.Kind = probe.QuotedKind
	welcome := a1.says(smtp.Rcpt, 250, reply.MailboxExists)
	for _, test := range []struct {
		name  string
		facts []probe.Outcome
		want  bool
	}{
		{"nothing", nil, false},
		{"one conversation, many refusals", []probe.Outcome{at(0, blocked), at(time.Second, blocked), at(3*time.Second, blocked)}, false},
		{"two conversations", []probe.Outcome{at(0, blocked), at(time.Minute, blocked)}, true},
		{"one closed door, which is the answer for all that was to be asked", []probe.Outcome{at(0, door), at(0, door), at(0, door)}, false},
		{"two closed doors, a moment apart", []probe.Outcome{at(0, door), at(0, door), at(time.Millisecond, door)}, true},
		{"welcome between two refusals", []probe.Outcome{at(0, blocked), at(time.Minute, welcome), at(2*time.Minute, blocked)}, false},
		{"a refusal, then silence", []probe.Outcome{at(0, door), at(time.Minute, a1.breaks(smtp.Connect, smtp.Timeout))}, true},
		{"silence alone", []probe.Outcome{at(0, a1.breaks(smtp.Connect, smtp.Timeout)), at(time.Minute, a1.breaks(smtp.Connect, smtp.Timeout))}, false},
		{"a refusal that was quoted to others", []probe.Outcome{at(0, quoted)}, true},
		{"another server's refusals", []probe.Outcome{at(0, b1.says(smtp.Greeting, 554, reply.BlockedClient)), at(time.Minute, b1.says(smtp.Greeting, 554, reply.BlockedClient))}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			past := &refusals{breaker: pace.NewBreaker[probe.Outcome](), last: make(map[pace.Host]time.Time)}
			for _, o := range test.facts {
				past.heard(o)
			}
			if refusal, tripped := past.breaker.Tripped(hostOf(a1)); tripped != test.want || tripped && refusal.Meaning != reply.BlockedClient {
				t.Errorf("not to be asked: %v by %+v, want %v", tripped, refusal, test.want)
			}
		})
	}
}
