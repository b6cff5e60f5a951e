package scanner

import (
	"testing"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
)

func TestRoomInATransaction(t *testing.T) {
	taken := a1.says(smtp.Rcpt, 250, reply.MailboxExists)
	refused := a1.says(smtp.Rcpt, 550, reply.UserUnknown)
	tooMany := byRule(reply.TooManyRecipients, a1.says(smtp.Rcpt, 452, reply.RateLimited))
	for _, test := range []struct {
		name     string
		outcomes []probe.Outcome
		want     int
	}{
		{"nothing was too much", []probe.Outcome{taken, refused}, 100},
		{"two were taken", []probe.Outcome{taken, refused, taken, tooMany, tooMany}, 2},
		{"refused ones count too", []probe.Outcome{refused, refused, tooMany}, 1},
		{"a limit on our address, of which transactions know nothing", []probe.Outcome{tooMany, tooMany}, 100},
	} {
		t.Run(test.name, func(t *testing.T) {
			var r room
			r.learn(a1.Addr.Addr(), test.outcomes)
			if got := r.of(a1.Addr.Addr(), 100); got != test.want {
				t.Errorf("room for %d, want %d", got, test.want)
			}
			if got := r.of(b1.Addr.Addr(), 100); got != 100 {
				t.Errorf("room for %d at a server that was not asked, want 100", got)
			}
		})
	}
}
