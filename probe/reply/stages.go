package reply

import "github.com/mxvet/mxvet/probe/smtp"

// stages is a set of stages. The late ones come after a recipient was named.
type stages uint16

const (
	late  stages = 1<<3 - 1
	early stages = 1<<11 - 1 - late
)

// stageBit is the set of one stage; empty for a stage that there is not.
func stageBit(s smtp.Stage) stages {
	switch s {
	case smtp.Rcpt:
		return 1
	case smtp.Vrfy:
		return 1 << 1
	case smtp.Data:
		return 1 << 2
	case smtp.Connect:
		return 1 << 3
	case smtp.Greeting:
		return 1 << 4
	case smtp.Hello:
		return 1 << 5
	case smtp.StartTLS:
		return 1 << 6
	case smtp.TLS:
		return 1 << 7
	case smtp.Auth:
		return 1 << 8
	case smtp.Mail:
		return 1 << 9
	case smtp.Quit:
		return 1 << 10
	}
	return 0
}
