package cli

import (
	"encoding/json"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/tlsinfo"
	"github.com/mxvet/mxvet/report"
)

// sendRow is one session as a JSON object. Type is "send". A null was not
// measured.
type sendRow struct {
	Type       string          `json:"type"`
	Result     sendResult      `json:"result"`
	Error      string          `json:"error,omitempty"` // what went wrong, in one line
	At         time.Time       `json:"at"`              // when it began
	Host       string          `json:"host"`            // its name; empty where only an address was given
	IP         *netip.Addr     `json:"ip"`              // null where no address answered
	Port       uint16          `json:"port"`
	From       string          `json:"from"` // of the envelope; empty for the null sender
	Recipients []sendRecipient `json:"recipients"`
	MessageID  string          `json:"message_id,omitempty"`
	Size       int64           `json:"size"` // octets with CRLF
	Greeting   *probe.Said     `json:"greeting"`
	Plain      *probe.Hello    `json:"plain"`     // before TLS; null with TLS from the first octet
	TLSWhy     string          `json:"tls_why"`   // why there is no TLS
	TLS        *tlsinfo.Facts  `json:"tls"`       //
	Encrypted  *probe.Hello    `json:"encrypted"` // inside TLS
	Login      *sendLogin      `json:"login"`     // null where nobody logged in
	Unoffered  []string        `json:"unoffered"` // parameters that were not said because the server does not offer them
	Transcript []sendLine      `json:"transcript"`
}

// sendResult is how a session ended.
type sendResult string

const (
	resultSent    sendResult = "sent"    // for every recipient
	resultPartly  sendResult = "partly"  // for some recipients, and refused for others
	resultRefused sendResult = "refused" // for all
	resultLogin   sendResult = "login"   // logged in, and asked for no more
	resultNoLogin sendResult = "login_failed"
	resultNoTLS   sendResult = "tls_failed"
	resultLost    sendResult = "connection_lost"
	resultNotSent sendResult = "not_sent" // for a reason of our own
)

// resultOf is the result that an exit status stands for.
func resultOf(status int) sendResult {
	switch status {
	case exitRefused:
		return resultRefused
	case exitLogin:
		return resultNoLogin
	case exitTLS:
		return resultNoTLS
	case exitLost:
		return resultLost
	default:
		return resultNotSent
	}
}

// sendRecipient is the last word on one recipient.
type sendRecipient struct {
	Address  string     `json:"address"`
	Accepted bool       `json:"accepted"`
	Stage    smtp.Stage `json:"stage"` // that the reply is to; empty where there is none
	Code     int        `json:"code"`
	Enhanced string     `json:"enhanced"`
	Text     string     `json:"text"`
}

// sendLogin is one login. The password is nowhere.
type sendLogin struct {
	Mechanism string      `json:"mechanism"`
	User      string      `json:"user"`
	Accepted  bool        `json:"accepted"`
	Reply     *probe.Said `json:"reply"`
}

// sendLine is one line of the conversation.
type sendLine struct {
	Seconds float64      `json:"seconds"` // since the connection was made
	From    smtp.Speaker `json:"from"`    // C, S or * for what was not said
	Text    string       `json:"text"`
}

func (r *sendRow) writeJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(r)
}

func recipientOf(one smtp.Recipient) sendRecipient {
	return sendRecipient{
		Address:  one.Address,
		Accepted: one.Accepted(),
		Stage:    one.Stage,
		Code:     one.Reply.Code,
		Enhanced: one.Reply.Enhanced(),
		Text:     strings.ToValidUTF8(one.Reply.Text(), "\uFFFD"),
	}
}

func saidOf(reply smtp.Reply) *probe.Said {
	return &probe.Said{Code: reply.Code, Text: strings.ToValidUTF8(reply.Text(), "\uFFFD")}
}

func helloOf(client *smtp.Client, reply smtp.Reply) *probe.Hello {
	extensions := client.Extensions()
	hello := &probe.Hello{Verb: string(client.Verb()), Extensions: extensions, Auth: append([]string{}, extensions.Auth()...)}
	if len(reply.Lines) > 0 {
		hello.Hello = strings.ToValidUTF8(reply.Lines[0], "\uFFFD")
	}
	return hello
}

// quote is a reply in one line, fit for a terminal.
func quote(reply smtp.Reply) string {
	return strings.TrimSpace(report.Printable(strings.Join(append([]string{strconv.Itoa(reply.Code)}, reply.Lines...), " ")))
}
