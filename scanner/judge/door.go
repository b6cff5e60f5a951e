package judge

import (
	"cmp"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
)

// doorState is what a sender finds at one address.
type doorState string

const (
	overTLS  doorState = "tls"     // a handshake that went through
	plain    doorState = "clear"   // no STARTTLS
	jammed   doorState = "jammed"  // STARTTLS, and a handshake that fails
	shut     doorState = "shut"    // nothing listens
	mailless doorState = "no_mail" // greets with 521: it never takes mail (RFC 7504 s3)
	unopened doorState = "unknown" // 421, a refusal of us, a time-out: nothing was learned
)

// door is one address of an exchanger.
type door struct {
	server *probe.Server
	state  doorState
	why    string // where state is not overTLS
}

// doorOf reads what a server's conversation came to. Only what every sender
// would meet is a state of the door: what ended our conversation for another
// reason says nothing.
func doorOf(s *probe.Server) door {
	switch {
	case s.TLS != nil:
		return door{s, overTLS, ""}
	case s.Reachable == probe.No:
		return door{s, shut, cmp.Or(s.Why, "nothing listens")}
	case s.Reachable != probe.Yes:
		return door{s, unopened, cmp.Or(s.Why, "not asked")}
	case s.Failure != nil && s.Failure.Stage == smtp.Greeting && s.Failure.Rule == reply.HostTakesNoMail:
		return door{s, mailless, "the host takes no mail: " + s.Failure.Text}
	case s.StartTLS == probe.No && s.Plain != nil:
		return door{s, plain, "STARTTLS is not offered"}
	case s.Failure != nil && s.Failure.Stage == smtp.TLS && s.Failure.Cause == smtp.TLSFailed:
		return door{s, jammed, "the TLS handshake fails: " + s.Failure.Text}
	case s.Failure != nil:
		return door{s, unopened, "the conversation ended: " + s.Failure.Text}
	}
	return door{s, unopened, cmp.Or(s.TLSWhy, "TLS was not tried")}
}
