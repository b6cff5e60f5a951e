package address

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func domains(t *testing.T, lines ...string) Entries {
	t.Helper()
	entries, err := ReadDomains(strings.NewReader(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestOwnListsWin(t *testing.T) {
	locals, err := ReadLocals(strings.NewReader("Crew\n"))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, text string
		lists      Lists
		want       string
	}{
		{"denied", "x@burner.example", Lists{Disposable: Own{Deny: domains(t, "burner.example")}}, "disposable"},
		{"below the denied", "x@a.burner.example", Lists{Disposable: Own{Deny: domains(t, "burner.example")}}, "disposable"},
		{"beside the denied", "x@afterburner.example", Lists{Disposable: Own{Deny: domains(t, "burner.example")}}, ""},
		{"allowed against the embedded list", "x@mailinator.com", Lists{Disposable: Own{Allow: domains(t, "mailinator.com")}}, ""},
		{"below the allowed", "x@a.mailinator.com", Lists{Disposable: Own{Allow: domains(t, "mailinator.com")}}, ""},
		{"only a part is allowed", "x@b.mailinator.com", Lists{Disposable: Own{Allow: domains(t, "a.mailinator.com")}}, "disposable"},
		{"the longer name decides", "x@a.burner.example", Lists{Disposable: Own{Deny: domains(t, "burner.example"), Allow: domains(t, "a.burner.example")}}, ""},
		{"the longer name decides the other way", "x@a.burner.example", Lists{Disposable: Own{Allow: domains(t, "burner.example"), Deny: domains(t, "a.burner.example")}}, "disposable"},
		{"both is allowed", "x@burner.example", Lists{Disposable: Own{Deny: domains(t, "burner.example"), Allow: domains(t, "burner.example")}}, ""},
		{"one trait leaves the others", "info@gmail.com", Lists{Disposable: Own{Deny: domains(t, "gmail.com")}}, "disposable role free"},
		{"free", "x@town.example", Lists{Free: Own{Deny: domains(t, "town.example")}}, "free"},
		{"not free", "x@aol.com", Lists{Free: Own{Allow: domains(t, "aol.com")}}, ""},
		{"relay", "x@hide.example", Lists{Relay: Own{Deny: domains(t, "hide.example")}}, "relay"},
		{"IDN", "x@bücher.example", Lists{Disposable: Own{Deny: domains(t, "Bücher.example")}}, "disposable"},
		{"role", "crew+ship@example.org", Lists{Role: Own{Deny: locals}}, "role tagged"},
		{"not a role", "info@example.org", Lists{Role: Own{Allow: Entries{"info"}}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.lists.Traits(mustParse(t, tt.text)).words(); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestReadEntries(t *testing.T) {
	tests := []struct {
		name, text string
		read       func(io.Reader) (Entries, error)
		want       Entries
		line       int // of the error; 0 for none
	}{
		{"nothing", "", ReadDomains, nil, 0},
		{"comments, blanks and CRLF", "\ufeff# mine\r\n\r\n  B.example  # why\r\na.example\r\nb.example", ReadDomains, Entries{"a.example", "b.example"}, 0},
		{"A-labels", "bücher.example", ReadDomains, Entries{"xn--bcher-kva.example"}, 0},
		{"an address is no domain", "a.example\n# x\nann@b.example\n", ReadDomains, nil, 3},
		{"two words", "a.example b.example", ReadDomains, nil, 1},
		{"local parts", "Info\nteam#1\n\"two words\"\n# x", ReadLocals, Entries{"info", "team#1", "two words"}, 0},
		{"an address is no local part", "info\ninfo@example.org", ReadLocals, nil, 2},
		{"a line without end", "a.example\n" + strings.Repeat("x", 1<<17), ReadDomains, nil, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.read(strings.NewReader(tt.text))
			line := 0
			if e, ok := errors.AsType[*LineError](err); ok {
				line = e.Line
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || line != tt.line || (err != nil) != (tt.line != 0) {
				t.Errorf("%v, want line %d (-want +got):\n%s", err, tt.line, diff)
			}
		})
	}
	broken := errors.New("disk gone")
	if _, err := ReadDomains(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("a broken reader: %v", err)
	}
}

func TestLineErrorIsForPeople(t *testing.T) {
	_, err := ReadDomains(strings.NewReader("a.example\nmy_host.example\n"))
	if err == nil || !strings.HasPrefix(err.Error(), `line 2: "_" at position 3 may not stand in a domain`) {
		t.Error(err)
	}
}
