package smtp

import "strings"

const (
	maxCommand  = 512  // with CRLF (RFC 5321 s4.5.3.1.4)
	maxExtended = 2048 // for the commands that extensions lengthen: MAIL, RCPT, VRFY, EXPN
)

// Command is one line for the server. Line has no CRLF. Stage names the reply.
type Command struct {
	Stage Stage
	Line  string
	err   error // why it is not fit to be sent

	answer bool // to a challenge: no verb, and secret
}

// MailCommand is `MAIL FROM:<sender>` with parameters such as "SIZE=1000". The
// empty sender is the null sender.
func MailCommand(sender string, params ...string) Command {
	return command(Mail, "MAIL FROM:", path(sender), params...)
}

// RcptCommand is `RCPT TO:<recipient>` with parameters such as "NOTIFY=NEVER".
func RcptCommand(recipient string, params ...string) Command {
	return command(Rcpt, "RCPT TO:", path(recipient), params...)
}

// RsetCommand is `RSET`.
func RsetCommand() Command { return Command{Stage: Mail, Line: "RSET"} }

// piece is a part of a command, or why it cannot be one.
type piece struct {
	text string
	err  error
}

// path puts angle brackets around a mailbox. One that would end them early and
// bring parameters of its own is refused.
func path(mailbox string) piece {
	quoted, escaped := false, false
	for _, c := range []byte(mailbox) {
		switch {
		case escaped:
			escaped = false
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		case !quoted && (c == '<' || c == '>' || c == ' ' || c == '\t'):
			return piece{err: ErrPath}
		}
	}
	if quoted {
		return piece{err: ErrPath}
	}
	return piece{text: "<" + mailbox + ">"}
}

// word is an argument that is one word.
func word(text string) piece {
	if strings.ContainsAny(text, " \t") {
		return piece{err: ErrArgument}
	}
	return argument(text)
}

// argument is text that must not be empty.
func argument(text string) piece {
	if strings.Trim(text, " \t") == "" {
		return piece{err: ErrArgument}
	}
	return piece{text: " " + text}
}

func command(stage Stage, verb string, what piece, params ...string) Command {
	line := verb + what.text
	for _, param := range params {
		if param == "" || strings.ContainsAny(param, " \t") {
			what.err = ErrArgument
		}
		line += " " + param
	}
	return Command{Stage: stage, Line: line, err: what.err}
}

// verbOf is a line's first word in upper case.
func verbOf(line string) string {
	if end := strings.IndexAny(line, " \t"); end >= 0 {
		line = line[:end]
	}
	return upper(line)
}

// check says why a line must not reach the wire; nil where it may.
func (cmd Command) check(last bool) error {
	limit := maxCommand
	verb := verbOf(cmd.Line)
	switch verb {
	case "MAIL", "RCPT", "VRFY", "EXPN":
		limit = maxExtended
	}
	switch {
	case cmd.err != nil:
		return cmd.err
	case strings.ContainsAny(cmd.Line, "\r\n\x00"):
		return ErrUnsafe
	case cmd.Line == "":
		return ErrArgument
	case len(cmd.Line)+2 > limit:
		return ErrLong
	}
	if !last && !anywhere(verb) {
		return ErrGrouping
	}
	return nil
}

// anywhere knows the verbs that need not end a group (RFC 2920 s3.1). Those of
// extensions are not among them unless their RFC says so.
func anywhere(verb string) bool {
	switch verb {
	case "MAIL", "RCPT", "RSET", "SEND", "SOML", "SAML":
		return true
	}
	return false
}
