package probe

import (
	"net/netip"
	"time"

	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
)

// Kind says what an Outcome was asked about.
type Kind string

const (
	AddressKind Kind = "address" // RCPT for the address itself
	RandomKind  Kind = "random"  // RCPT for a mailbox that cannot exist, to tell a catch-all
	VrfyKind    Kind = "vrfy"    // VRFY for the address itself
	QuotedKind  Kind = "quoted"  // said to another, and reason enough not to ask this one
)

// Outcome is the facts that asking for one address once gave. It is stored,
// judged and shown as evidence in this one shape.
//
// Where no reply came (a time-out, a hang-up, a failed handshake) Code is 0,
// Text says what happened and Meaning is network_error.
type Outcome struct {
	Kind     Kind          `json:"kind,omitempty"`
	At       time.Time     `json:"at,omitzero"`
	Stage    smtp.Stage    `json:"stage"`
	Host     string        `json:"host"`
	IP       netip.Addr    `json:"ip"`
	Port     uint16        `json:"port"`
	TLS      bool          `json:"tls"` // the reply came inside TLS
	Code     int           `json:"code"`
	Enhanced string        `json:"enhanced"`
	Text     string        `json:"text"` // reply lines joined by line feeds, or what happened instead
	Meaning  reply.Meaning `json:"meaning"`
	Rule     reply.Rule    `json:"rule"`
	Cause    smtp.Cause    `json:"cause,omitempty"`  // how the conversation broke, where no reply came
	Sender   string        `json:"sender,omitempty"` // envelope sender it was asked with; empty is the null sender
	Egress   string        `json:"egress,omitempty"` // our way out, where there are several
}

// A conversation that could not even begin ends in one of these, beside the
// causes that package smtp knows.
const (
	ConnRefused smtp.Cause = "refused"     // nothing listens there
	NoRoute     smtp.Cause = "unreachable" // the network says it cannot be reached
	ProxyFailed smtp.Cause = "proxy"       // our own proxy did not connect us
	NotAllowed  smtp.Cause = "not_allowed" // not an address we go to
)

// RuleNoSMTPUTF8 marks an address that was not asked for, since it needs
// SMTPUTF8 and the server does not offer it (RFC 6531 s3.5).
const RuleNoSMTPUTF8 reply.Rule = "session/smtputf8-not-offered"

// Answered reports whether the server said something to this question.
func (o Outcome) Answered() bool { return o.Code != 0 }
