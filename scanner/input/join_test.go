package input

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// source reads a content that is known to be readable.
func source(t *testing.T, name, content string) *Source {
	t.Helper()
	s, err := NewReader(name, strings.NewReader(content), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestJoin(t *testing.T) {
	joined := Join(
		Arguments([]string{"z@example.org"}),
		source(t, "a.csv", "email,n,n\na@example.org,1,2\n,3,4\n"),
		source(t, "b.csv", "m,n,email\n5,6,b@example.org\n"),
	)
	if diff := cmp.Diff([]string{"email", "n", "n", "m"}, joined.Columns()); diff != "" {
		t.Error(diff)
	}
	if joined.AddressColumn() != "email" || joined.Format() != "" {
		t.Errorf("column %q, format %q", joined.AddressColumn(), joined.Format())
	}
	rows := collect(joined)
	want := []Input{
		{Row: 1, Text: "z@example.org"},
		{Row: 2, Line: 2, File: "a.csv", Text: "a@example.org", Values: []string{"a@example.org", "1", "2", ""}},
		{Row: 3, Line: 3, File: "a.csv", Values: []string{"", "3", "4", ""}, Err: rows[2].Err},
		{Row: 4, Line: 2, File: "b.csv", Text: "b@example.org", Values: []string{"b@example.org", "6", "", "5"}},
	}
	if diff := cmp.Diff(want, rows, cmp.Comparer(func(a, b error) bool { return errors.Is(a, b) })); diff != "" {
		t.Error(diff)
	}
	if got, want := fmt.Sprint(rows[2].Err), `a.csv line 3 (row 3): no address in column "email"`; got != want {
		t.Errorf("error %q, want %q", got, want)
	}
}

func TestJoinStopsAtABrokenSource(t *testing.T) {
	torn := errors.New("torn")
	broken, err := NewReader("a", io.MultiReader(strings.NewReader("a@example.org\n"), iotest.ErrReader(torn)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	joined := Join(broken, Arguments([]string{"b@example.org"}))
	if diff := cmp.Diff([]string{"a@example.org"}, textsOf(collect(joined))); diff != "" {
		t.Error(diff)
	}
	if !errors.Is(joined.Err(), torn) {
		t.Errorf("Err is %v", joined.Err())
	}
}

// Who stops ranging gets no more rows, and the files behind are closed.
func TestStoppingCloses(t *testing.T) {
	closed := 0
	a, b := Arguments([]string{"a", "b"}), Arguments([]string{"c"})
	a.close = func() error { closed++; return nil }
	b.close = func() error { closed++; return nil }
	joined := Join(a, b)
	for in := range joined.All() {
		if in.Text != "a" {
			t.Errorf("went on to %q", in.Text)
		}
		break
	}
	if closed != 2 {
		t.Errorf("%d of 2 files closed", closed)
	}
	if rest := collect(joined); rest != nil {
		t.Errorf("more rows: %v", rest)
	}
}

func TestLateKeysHaveAColumn(t *testing.T) {
	var content strings.Builder
	for i := range 4000 {
		fmt.Fprintf(&content, `{"email":"a%d@example.org","n":%d}`+"\n", i, i)
	}
	content.WriteString(`{"email":"late@example.org","tags":["a"],"x\"y":"é"}` + "\n")
	s, rows := read(t, "-", content.String(), Options{})
	if diff := cmp.Diff([]string{"email", "n", "_more"}, s.Columns()); diff != "" {
		t.Error(diff)
	}
	want := []string{"late@example.org", "", `{"tags":["a"],"x\"y":"é"}`}
	if diff := cmp.Diff(want, rows[len(rows)-1].Values); diff != "" {
		t.Error(diff)
	}
	if rows[0].Values[2] != "" {
		t.Errorf("row without late keys has %q", rows[0].Values[2])
	}
}
