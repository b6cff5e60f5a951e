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
		want     int // 0 is not known
	}{
		{"nothing was too much", []probe.Outcome{taken, refused}, 0},
		{"two were taken", []probe.Outcome{taken, refused, taken, tooMany, tooMany}, 2},
		{"refused ones count too", []probe.Outcome{refused, refused, tooMany}, 1},
		{"a limit on our address, of which transactions know nothing", []probe.Outcome{tooMany, tooMany}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := takenBeforeLimit(test.outcomes); got != test.want {
				t.Errorf("room for %d, want %d", got, test.want)
			}
		})
	}
}
