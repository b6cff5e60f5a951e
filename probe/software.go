package probe

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/mxvet/mxvet/probe/smtp"
)

//go:embed software.txt
var softwareText string

// programs is the embedded table, read once.
var programs = sync.OnceValues(func() ([]program, error) { return parsePrograms(softwareText) })

// program is one row of software.txt.
type program struct {
	name       string
	conditions []condition
}

// condition is what a row wants of a server's words.
type condition struct {
	about string // greeting, hello, help, vrfy, offers, lacks or repeats
	text  pattern
	words []smtp.Keyword
}

// spoken is a server's words as the rows see them.
type spoken struct {
	greeting, hello, help, vrfy words
	offered                     smtp.Extensions
	repeats                     bool
}

// Software names what a server runs by what it said: greeting, EHLO, and the
// replies to VRFY and HELP where those were asked. It is empty where no rule
// fits; a version stands behind the name where the server told one. It believes
// the server, who may say what its owner likes.
func Software(server *Server) string {
	rows, _ := programs() // a fault in the embedded table is a failing test, not a run-time event
	said := heard(server)
	for _, row := range rows {
		if version, ok := row.fits(&said); ok {
			return named(row.name, version)
		}
	}
	return ""
}

func heard(server *Server) spoken {
	said := spoken{greeting: wordsOf(server.Greeting), help: wordsOf(server.Help), vrfy: wordsOf(server.Vrfy)}
	if first, rest, several := strings.Cut(said.greeting.lower, "\n"); several {
		said.repeats = strings.HasPrefix(rest, first)
	}
	hello := server.Plain
	if hello == nil {
		hello = server.Encrypted
	}
	if hello != nil {
		said.hello, said.offered = newWords(hello.Hello), hello.Extensions
	}
	return said
}

func wordsOf(reply *Said) words {
	if reply == nil {
		return words{}
	}
	return newWords(reply.Text)
}

// named puts a version into a name, or takes its place away.
func named(name, version string) string {
	name = strings.ReplaceAll(name, "%v", version)
	return strings.TrimSpace(strings.TrimSuffix(name, "()"))
}

func (p *program) fits(said *spoken) (version string, ok bool) {
	for i := range p.conditions {
		found, ok := p.conditions[i].holds(said)
		if !ok {
			return "", false
		}
		if found != "" {
			version = found
		}
	}
	return version, true
}

func (c *condition) holds(said *spoken) (version string, ok bool) {
	switch c.about {
	case "greeting":
		return c.text.find(said.greeting)
	case "hello":
		return c.text.find(said.hello)
	case "help":
		return c.text.find(said.help)
	case "vrfy":
		return c.text.find(said.vrfy)
	case "offers":
		return "", inOrder(said.offered, c.words)
	case "lacks":
		return "", lacks(said.offered, c.words)
	}
	return "", said.repeats
}

func lacks(offered smtp.Extensions, words []smtp.Keyword) bool {
	for _, word := range words {
		if offered.Has(word) {
			return false
		}
	}
	return len(offered) > 0
}

// inOrder reports whether the words are among the extensions, one behind the other.
func inOrder(offered smtp.Extensions, words []smtp.Keyword) bool {
	for _, one := range offered {
		if len(words) > 0 && one.Keyword == words[0] {
			words = words[1:]
		}
	}
	return len(words) == 0
}

func parsePrograms(text string) ([]program, error) {
	var rows []program
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		row, err := parseProgram(line)
		if err != nil {
			return nil, fmt.Errorf("software line %d: %w", number, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func parseProgram(line string) (program, error) {
	name, rest, ok := strings.Cut(line, " = ")
	if !ok {
		return program{}, fmt.Errorf("%q has no name", line)
	}
	row := program{name: name}
	for text := range strings.SplitSeq(rest, " & ") {
		about, argument, _ := strings.Cut(text, " ")
		made := condition{about: about}
		switch about {
		case "greeting", "hello", "help", "vrfy":
			made.text = parsePattern(argument)
		case "offers", "lacks":
			for word := range strings.FieldsSeq(argument) {
				made.words = append(made.words, smtp.Keyword(word))
			}
		case "repeats":
		default:
			return program{}, fmt.Errorf("unknown condition %q", about)
		}
		if about != "repeats" && argument == "" {
			return program{}, fmt.Errorf("%q wants an argument", about)
		}
		row.conditions = append(row.conditions, made)
	}
	return row, nil
}
