package smtp

import "strings"

// Stage names the point of a conversation at which a reply arrives.
type Stage string

const (
	Connect  Stage = "connect"
	Greeting Stage = "greeting"
	Hello    Stage = "hello" // EHLO, HELO, LHLO; also NOOP and HELP, which are about the session
	StartTLS Stage = "starttls"
	TLS      Stage = "tls"
	Auth     Stage = "auth"
	Mail     Stage = "mail" // MAIL, and RSET which undoes it
	Rcpt     Stage = "rcpt"
	Vrfy     Stage = "vrfy" // VRFY and EXPN
	Data     Stage = "data"
	Quit     Stage = "quit"
)

// Reply is a server's answer to one command: data, whatever its code
// (RFC 5321 s4.2). A 550 is not an error.
type Reply struct {
	Code     int      `json:"code"`               // 200 to 559
	Lines    []string `json:"lines"`              // text of each line, after the code and its separator, as bytes came
	Oddities Oddities `json:"oddities,omitempty"` // what was wrong with its form
}

// Text is the whole reply text: its lines joined by line feeds, with the
// enhanced status code still in place.
func (r Reply) Text() string { return strings.Join(r.Lines, "\n") }

// Class is the first digit of the code: 2, 3, 4 or 5; 0 where there is no reply.
func (r Reply) Class() int { return r.Code / 100 }
