package smtp

import (
	"fmt"
	"strings"
)

// Python retells a conversation in the notation of Python's smtplib, which
// administrators know from its debug level:
//
//	send: 'EHLO me.example\r\n'
//	reply: '250-mx.example\r\n'
//	reply: '250 PIPELINING\r\n'
//	reply: retcode (250); Msg: mx.example\nPIPELINING
//
// The zero value is ready; one serves one conversation, whose entries come in
// order, from a Transcript or to a Trace. What was sent stands as it was sent:
// smtplib itself writes its verbs in lower case. What smtplib has no word for, a
// TLS handshake, is a line that begins with "note:".
type Python struct {
	said []string // the text of the reply so far
}

// Lines returns what an entry reads as: one line, and behind the last line of a
// reply a second with its code and all of its text. They are escaped, so that
// no server can make one look like another.
func (p *Python) Lines(entry Entry) []string {
	switch entry.From {
	case ClientSaid:
		p.said = nil
		return []string{"send: " + quote(entry.Text+"\r\n")}
	case ServerSaid:
		return p.reply(entry.Text)
	}
	return []string{"note: " + escape(entry.Text)}
}

func (p *Python) reply(text string) []string {
	lines := []string{"reply: " + quote(text+"\r\n")}
	code, last, ok := parse([]byte(text))
	if !ok {
		p.said = nil
		return lines
	}
	p.said = append(p.said, text[min(4, len(text)):])
	if last {
		lines = append(lines, fmt.Sprintf("reply: retcode (%d); Msg: %s", code, escape(strings.Join(p.said, "\n"))))
		p.said = nil
	}
	return lines
}

// Python is the reply as smtplib's methods return it:
// (550, '5.1.1 <notthere>... User unknown').
func (r Reply) Python() string { return fmt.Sprintf("(%d, %s)", r.Code, quote(r.Text())) }

// quote is a string literal of Python's: in single quotes, or in double quotes
// where it holds single ones and no double.
func quote(text string) string {
	mark := byte('\'')
	if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
		mark = '"'
	}
	var out strings.Builder
	out.WriteByte(mark)
	for _, c := range []byte(text) {
		switch {
		case c == '\r':
			out.WriteString(`\r`)
		case c == '\n':
			out.WriteString(`\n`)
		case c == '\t':
			out.WriteString(`\t`)
		case c == mark || c == '\\':
			out.WriteString(`\` + string(rune(c)))
		case c < ' ' || c > '~':
			fmt.Fprintf(&out, `\x%02x`, c)
		default:
			out.WriteByte(c)
		}
	}
	out.WriteByte(mark)
	return out.String()
}
