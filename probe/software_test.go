package probe

import (
	"os"
	"strings"
	"testing"

	"github.com/mxvet/mxvet/probe/smtp"
)

// specimen is what one server said, and its name.
type specimen struct {
	line   int
	want   string
	server Server
}

func specimens(t *testing.T) []specimen {
	t.Helper()
	text, err := os.ReadFile("testdata/software.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []specimen
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		line = strings.TrimSuffix(line, "\n")
		switch {
		case line == "" || line[0] == '#':
		case line[0] != '\t':
			all = append(all, specimen{line: number, want: strings.TrimPrefix(line, "-"), server: Server{Plain: &Hello{}}})
		default:
			key, said, _ := strings.Cut(line[1:], ":")
			all[len(all)-1].server.hear(t, key, strings.ReplaceAll(strings.TrimSpace(said), `\n`, "\n"))
		}
	}
	return all
}

func (s *Server) hear(t *testing.T, key, said string) {
	t.Helper()
	switch key {
	case "greeting":
		s.Greeting = &Said{220, said}
	case "hello":
		s.Plain.Hello = said
	case "help":
		s.Help = &Said{214, said}
	case "vrfy":
		s.Vrfy = &Said{252, said}
	case "offers":
		for word := range strings.FieldsSeq(said) {
			s.Plain.Extensions = append(s.Plain.Extensions, smtp.Extension{Keyword: smtp.Keyword(word)})
		}
	default:
		t.Fatalf("unknown key %q", key)
	}
}

func TestSoftware(t *testing.T) {
	for _, one := range specimens(t) {
		if got := Software(&one.server); got != one.want {
			t.Errorf("line %d: got %q, want %q", one.line, got, one.want)
		}
	}
}

func TestEverySoftwareRowHasASpecimen(t *testing.T) {
	rows, err := parsePrograms(softwareText)
	if err != nil {
		t.Fatal(err)
	}
	used := make([]bool, len(rows))
	for _, one := range specimens(t) {
		said := heard(&one.server)
		for i := range rows {
			if _, ok := rows[i].fits(&said); ok {
				used[i] = true
				break
			}
		}
	}
	for i, row := range rows {
		if !used[i] {
			t.Errorf("nothing falls to row %d, %s", i+1, row.name)
		}
	}
}

func TestSoftwareInsideTLSOnly(t *testing.T) {
	server := Server{Encrypted: &Hello{Hello: "mx.example Nice to meet you, [192.0.2.7]"}}
	if got := Software(&server); got != "Node.js smtp-server" {
		t.Errorf("on an implicit TLS port it is %q", got)
	}
	if got := Software(&Server{}); got != "" {
		t.Errorf("a server that said nothing is %q", got)
	}
}

func TestFaultsInTheTableOfSoftware(t *testing.T) {
	for _, test := range []struct{ name, line, want string }{
		{"no name", "greeting Postfix", `software line 1: "greeting Postfix" has no name`},
		{"unknown condition", "Postfix = motd Postfix", `software line 1: unknown condition "motd"`},
		{"nothing to look for", "Postfix = greeting", `software line 1: "greeting" wants an argument`},
	} {
		_, err := parsePrograms(test.line)
		if err == nil || err.Error() != test.want {
			t.Errorf("%s: got %v, want %s", test.name, err, test.want)
		}
	}
}

func BenchmarkSoftware(b *testing.B) {
	server := Server{Greeting: &Said{220, "mx.example ESMTP"}, Plain: &Hello{Hello: "mx.example", Extensions: smtp.Extensions{{Keyword: "PIPELINING"}, {Keyword: "SIZE"}}}}
	for b.Loop() {
		Software(&server)
	}
}
