package reply

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mxvet/mxvet/probe/smtp"
)

// ErrEmpty is pasted text without a word in it.
var ErrEmpty = errors.New("reply: no text")

// ParseReply reads a reply as a person pastes it: "550 5.1.1 ...", several lines
// with "550-", a transcript's "S:" or "<" before each, or text that lost its
// code (Code is 0). A line without a code continues the text, as a terminal
// wraps it. Lines with different codes are an error: RFC 5321 s4.2.1 wants the
// same on every line.
func ParseReply(text string) (smtp.Reply, error) {
	var r smtp.Reply
	for line := range strings.Lines(text) {
		line = trimPrompt(strings.TrimRight(line, "\r\n"))
		code, rest := cutCode(line)
		switch {
		case line == "":
			continue
		case code == 0:
			rest = line
		case r.Code == 0 && len(r.Lines) == 0:
			r.Code = code
		case code != r.Code:
			return r, fmt.Errorf("reply: line %d has code %d after %d", len(r.Lines)+1, code, r.Code)
		}
		r.Lines = append(r.Lines, rest)
	}
	if len(r.Lines) == 0 {
		return r, ErrEmpty
	}
	return r, nil
}

// trimPrompt takes off what transcripts put before a server's line.
func trimPrompt(line string) string {
	line = strings.TrimSpace(line)
	for _, mark := range [...]string{"S:", "<<<", "<-", "<~", "< "} {
		if rest, ok := strings.CutPrefix(line, mark); ok {
			return strings.TrimSpace(rest)
		}
	}
	return line
}

// cutCode splits "550-text" or "550 text"; 0 where no code stands.
func cutCode(line string) (int, string) {
	if len(line) < 3 || line[0] < '2' || line[0] > '5' || !isDigit(line[1]) || !isDigit(line[2]) {
		return 0, line
	}
	code := int(line[0]-'0')*100 + int(line[1]-'0')*10 + int(line[2]-'0')
	switch rest := line[3:]; {
	case rest == "":
		return code, ""
	case rest[0] == ' ' || rest[0] == '-' || rest[0] == '\t':
		return code, rest[1:]
	}
	return 0, line
}
