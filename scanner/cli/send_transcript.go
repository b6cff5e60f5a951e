package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/report"
)

// notation writes a conversation as it happens.
type notation interface {
	connected(host string, port uint16) // the lines that follow are of a new connection
	line(smtp.Entry)                    // what was said, or noted by the client
	remark(text string)                 // what we say of it
	over()                              // no line of this connection follows
}

// notationOf is the notation of a name.
func notationOf(name string, w io.Writer) (notation, error) {
	switch name {
	case "smtp":
		return &dialogued{w: w}, nil
	case "python":
		return &scripted{w: w}, nil
	default:
		return nil, usage("--transcript %s: there is no such notation", name).hint("smtp or python")
	}
}

// dialogued has lines with their time, each as the one who says it.
type dialogued struct{ w io.Writer }

func (d *dialogued) connected(host string, port uint16) {
	fmt.Fprintln(d.w, smtp.Entry{From: smtp.Noted, Text: fmt.Sprintf("connected to %s port %d", host, port)})
}

func (d *dialogued) over() {}

func (d *dialogued) line(entry smtp.Entry) { fmt.Fprintln(d.w, entry) }

func (d *dialogued) remark(text string) {
	fmt.Fprintf(d.w, "%8s %s: %s\n", "", smtp.Noted, report.Printable(text))
}

// scripted is the notation of Python's smtplib. A message is one line there,
// and what the library's methods return stands behind the replies to VRFY, EXPN
// and DATA, as the interpreter or the library shows it.
type scripted struct {
	w       io.Writer
	convert smtp.Python
	verb    string     // of the command said last
	message bool       // what is said is a message: its lines are no commands
	lines   []string   // of the message so far
	reply   smtp.Reply // as far as it was heard
}

func (s *scripted) connected(host string, port uint16) {
	*s = scripted{w: s.w}
	connectLine(s.w, host, port)
}

func connectLine(w io.Writer, host string, port uint16) {
	fmt.Fprintf(w, "connect: ('%s', %d)\n", report.Printable(host), port)
}

func (s *scripted) remark(text string) {
	s.over()
	fmt.Fprintln(s.w, report.Printable(text))
}

// over writes what was held back of a message.
func (s *scripted) over() {
	if len(s.lines) == 0 {
		return
	}
	s.tell(smtp.Entry{From: smtp.ClientSaid, Text: strings.Join(s.lines, "\r\n")})
	s.lines = nil
}

func (s *scripted) tell(entry smtp.Entry) {
	for _, line := range s.convert.Lines(entry) {
		fmt.Fprintln(s.w, line)
	}
}

func (s *scripted) line(entry smtp.Entry) {
	if s.message && entry.From == smtp.ClientSaid {
		s.lines = append(s.lines, entry.Text)
		return
	}
	s.over()
	s.tell(entry)
	switch entry.From {
	case smtp.ClientSaid:
		verb, _, _ := strings.Cut(entry.Text, " ")
		s.verb, s.reply = strings.ToUpper(verb), smtp.Reply{}
	case smtp.ServerSaid:
		if s.heard(entry.Text) {
			s.result()
			s.message = s.verb == "DATA" && s.reply.Code == 354
			s.reply = smtp.Reply{}
		}
	}
}

// heard adds a line to the reply and says whether it was the last.
func (s *scripted) heard(line string) bool {
	if len(line) < 3 {
		return false
	}
	s.reply.Code, _ = strconv.Atoi(line[:3])
	s.reply.Lines = append(s.reply.Lines, line[min(4, len(line)):])
	return !strings.HasPrefix(line[3:], "-")
}

func (s *scripted) result() {
	switch s.verb {
	case "VRFY", "EXPN":
		fmt.Fprintln(s.w, s.reply.Python())
	case "DATA":
		fmt.Fprintln(s.w, "data:", s.reply.Python())
	}
}
