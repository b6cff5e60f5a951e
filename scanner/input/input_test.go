package input

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// read reads all of a text under a file's name.
func read(t *testing.T, name, content string, options Options) (*Source, []Input) {
	t.Helper()
	s, err := NewReader(name, strings.NewReader(content), options)
	if err != nil {
		t.Fatal(err)
	}
	rows := collect(s)
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return s, rows
}

func collect(s *Source) []Input {
	var rows []Input
	for in := range s.All() {
		rows = append(rows, in)
	}
	return rows
}

func textsOf(rows []Input) []string {
	var texts []string
	for _, in := range rows {
		texts = append(texts, in.Text)
	}
	return texts
}

func TestFormatsAndColumns(t *testing.T) {
	for _, tt := range []struct {
		diagnosis, name, content string
		options                  Options
		format                   Format
		columns, texts           []string
	}{
		{"one a line", "-", "ann@example.org\nbob@example.org\n", Options{}, Text, nil, []string{"ann@example.org", "bob@example.org"}},
		{"names and brackets stay", "list.txt", "Ann <ann@example.org>\n  bob@example.org \n", Options{}, Text, nil,
			[]string{"Ann <ann@example.org>", "  bob@example.org "}},
		{"blank lines and comments", "-", "# mine\n\nann@example.org\n \t\n #x\n", Options{}, Text, nil, []string{"ann@example.org"}},
		{"a To: field pasted", "-", "ann@example.org, Bob <bob@example.org>;\n", Options{}, Text, nil,
			[]string{"ann@example.org", "Bob <bob@example.org>"}},
		{"lists on every line are no table", "-", "a@example.org,b@example.org\nc@example.org,d@example.org\n", Options{}, Text, nil,
			[]string{"a@example.org", "b@example.org", "c@example.org", "d@example.org"}},
		{"lists in a .csv are no table", "l.csv", "a@example.org,b@example.org\n", Options{}, Text, nil, []string{"a@example.org", "b@example.org"}},
		{"a comma in a name is no list", "-", "ann@example.org\nLee, Bob <bob@example.org>\nc@example.org\nd@example.org\n", Options{}, Text, nil,
			[]string{"ann@example.org", "Lee, Bob <bob@example.org>", "c@example.org", "d@example.org"}},
		{"unparsable lines stay rows", "-", "what?\nann@example.org\n,;\n", Options{}, Text, nil, []string{"what?", "ann@example.org", ",;"}},
		{"no line end at the end", "-", "ann@example.org", Options{}, Text, nil, []string{"ann@example.org"}},
		{"a brace in a local part", "-", "{ann}@example.org\n", Options{}, Text, nil, []string{"{ann}@example.org"}},

		{"commas with header", "-", "name,email\nAnn,ann@example.org\n", Options{}, CSV, []string{"name", "email"}, []string{"ann@example.org"}},
		{"semicolons, decimal commas", "-", "Name;E-Mail-Adresse;Summe\nAnn;ann@example.org;1,50\nBob;bob@example.org;2,50\n", Options{}, CSV,
			[]string{"Name", "E-Mail-Adresse", "Summe"}, []string{"ann@example.org", "bob@example.org"}},
		{"tabs", "-", "ann@example.org\tAnn\nbob@example.org\tBob\n", Options{}, CSV, []string{"column_1", "column_2"},
			[]string{"ann@example.org", "bob@example.org"}},
		{"pipes", "-", "Ann|ann@example.org\nBob|bob@example.org\n", Options{}, CSV, []string{"column_1", "column_2"},
			[]string{"ann@example.org", "bob@example.org"}},
		{"Excel's separator line", "-", "sep=;\r\nname;to whom\r\nAnn;ann@example.org\r\n", Options{}, CSV, []string{"name", "to whom"},
			[]string{"ann@example.org"}},
		{"header in Cyrillic", "-", "имя,Адрес\nAnn,ann@example.org\n", Options{}, CSV, []string{"имя", "Адрес"}, []string{"ann@example.org"}},
		{"address is a street", "-", "address,contact\n1 High Street,ann@example.org\n", Options{}, CSV, []string{"address", "contact"},
			[]string{"ann@example.org"}},
		{"found by content, unknown name", "-", "id,wohin\n7,ann@example.org\n", Options{}, CSV, []string{"id", "wohin"}, []string{"ann@example.org"}},
		{"no header, first address misspelt", "-", "7,ann@@example\n8,bob@example.org\n", Options{}, CSV, []string{"column_1", "column_2"},
			[]string{"ann@@example", "bob@example.org"}},
		{"no header, first address blank", "-", "7,\n8,bob@example.org\n9,c@example.org\n", Options{}, CSV, []string{"column_1", "column_2"},
			[]string{"", "bob@example.org", "c@example.org"}},
		{"one row", "-", "Ann,ann@example.org\n", Options{}, CSV, []string{"column_1", "column_2"}, []string{"ann@example.org"}},
		{"one column with header", "list.txt", "Email\nann@example.org\n", Options{}, CSV, []string{"Email"}, []string{"ann@example.org"}},
		{"one column, quoted", "-", "\"ann@example.org\"\n\"bob@example.org\"\n", Options{}, CSV, []string{"column_1"},
			[]string{"ann@example.org", "bob@example.org"}},
		{"the extension tells one column", "list.csv", "ann@example.org\nbob@example.org\n", Options{}, CSV, []string{"column_1"},
			[]string{"ann@example.org", "bob@example.org"}},
		{"two columns of one name", "-", "email,email\nann@example.org,bob@example.org\nx,y\n", Options{}, CSV, []string{"email", "email"},
			[]string{"ann@example.org", "x"}},
		{"header only", "-", "name,email\n", Options{}, CSV, []string{"name", "email"}, nil},
		{"column by name in any case", "-", "email,Backup\nann@example.org,bob@example.org\n", Options{Column: "backup"}, CSV,
			[]string{"email", "Backup"}, []string{"bob@example.org"}},
		{"column by number", "-", "email,Backup\nann@example.org,bob@example.org\n", Options{Column: "2"}, CSV,
			[]string{"email", "Backup"}, []string{"bob@example.org"}},
		{"column by number, no header", "-", "Ann,bob@example.org,1\n", Options{Column: "2"}, CSV,
			[]string{"column_1", "column_2", "column_3"}, []string{"bob@example.org"}},
		{"more cells than header names", "-", "email\tname\na@example.org\tAnn\t1\nb@example.org\tBob\t2\n", Options{}, CSV,
			[]string{"email", "name", "column_3"}, []string{"a@example.org", "b@example.org"}},
		{"quoted local part without CSV quoting", "-", "email,name\n\"ann lee\"@example.org,Ann\n", Options{}, CSV, []string{"email", "name"},
			[]string{`"ann lee"@example.org`}},
		{"asked for as text", "l.csv", "a,b@example.org\n", Options{Format: Text}, Text, nil, []string{"a,b@example.org"}},
		{"asked for as CSV", "l.txt", "ann@example.org\n", Options{Format: CSV}, CSV, []string{"column_1"}, []string{"ann@example.org"}},

		{"objects", "-", `{"name":"Ann","email":"ann@example.org"}` + "\n", Options{}, JSONL, []string{"name", "email"}, []string{"ann@example.org"}},
		{"object key by content", "-", `{"name":"Ann","who":"ann@example.org"}` + "\n", Options{}, JSONL, []string{"name", "who"}, []string{"ann@example.org"}},
		{"object key asked for", "-", `{"email":"ann@example.org","Other":"bob@example.org"}` + "\n", Options{Column: "other"}, JSONL,
			[]string{"email", "Other"}, []string{"bob@example.org"}},

		{"targets a line", "-", "example.org\nmx.example.org:25\n[2001:db8::1]:25\n192.0.2.1\n", Options{Want: Targets}, Text, nil,
			[]string{"example.org", "mx.example.org:25", "[2001:db8::1]:25", "192.0.2.1"}},
		{"targets by name", "-", "url,host\nhttps://www.example.org/,mx.example.org\n", Options{Want: Targets}, CSV, []string{"url", "host"},
			[]string{"mx.example.org"}},
		{"targets by content", "-", "id;what\n1;example.org\n", Options{Want: Targets}, CSV, []string{"id", "what"}, []string{"example.org"}},
		{"targets in objects", "-", `{"ip":"192.0.2.1","domain":"example.org"}` + "\n", Options{Want: Targets}, JSONL, []string{"ip", "domain"},
			[]string{"example.org"}},
	} {
		t.Run(tt.diagnosis, func(t *testing.T) {
			s, rows := read(t, tt.name, tt.content, tt.options)
			if s.Format() != tt.format {
				t.Errorf("format %q, want %q", s.Format(), tt.format)
			}
			if diff := cmp.Diff(tt.columns, s.Columns()); diff != "" {
				t.Errorf("columns (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.texts, textsOf(rows)); diff != "" {
				t.Errorf("texts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestValuesStayUntouched(t *testing.T) {
	for _, tt := range []struct {
		diagnosis, content string
		values             [][]string
	}{
		{"blanks, leading zeros, formulas", "email,n,x\na@example.org, 007 ,=1+1\n", [][]string{{"a@example.org", " 007 ", "=1+1"}}},
		{"delimiter, line end and mark in quotes", "email,n\na@example.org,\"x,\r\n\"\"y\"\"\"\nb@example.org,z\n",
			[][]string{{"a@example.org", "x,\r\n\"y\""}, {"b@example.org", "z"}}},
		{"several cells over lines in a row", "n,email,m\n\"1\n2\",a@example.org,\"3\n\n4\"\n", [][]string{{"1\n2", "a@example.org", "3\n\n4"}}},
		{"a blank between delimiter and mark", "email, n\na@example.org, \"x, y\" \n", [][]string{{"a@example.org", "x, y"}}},
		{"marks inside a cell", "email,n\na@example.org,5\" pipe\nb@example.org,\"Bob\" Lee\n",
			[][]string{{"a@example.org", `5" pipe`}, {"b@example.org", `"Bob" Lee`}}},
		{"marks not doubled", "n,email\n\"say \"hi\" to\",a@example.org\n", [][]string{{`"say "hi" to"`, "a@example.org"}}},
		{"too few cells", "email,n,m\na@example.org\nb@example.org,1,2\nc@example.org,1,2\n",
			[][]string{{"a@example.org", "", ""}, {"b@example.org", "1", "2"}, {"c@example.org", "1", "2"}}},
		{"too many cells", "email,n\na@example.org,1,2,3\nb@example.org,1\nc@example.org,1\n",
			[][]string{{"a@example.org", "1,2,3"}, {"b@example.org", "1"}, {"c@example.org", "1"}}},
		{"a CR inside a cell", "email,n\na@example.org,\"x\ry\"\n", [][]string{{"a@example.org", "x\ry"}}},
		{"JSON values keep their text", `{"email":"a@example.org","n":1.0,"s":"\u00e9\n","o":{"k": [1, "}"]},"z":null,"b":12345678901234567890}` + "\n",
			[][]string{{"a@example.org", "1.0", "\u00e9\n", `{"k": [1, "}"]}`, "null", "12345678901234567890"}}},
		{"JSON keys missing and new", `{"email":"a@example.org","n":1}` + "\n" + `{"m":2,"email":"b@example.org"}` + "\n",
			[][]string{{"a@example.org", "1", ""}, {"b@example.org", "", "2"}}},
		{"a JSON key said twice", `{"email":"a@example.org","email":"b@example.org"}` + "\n", [][]string{{"b@example.org"}}},
	} {
		t.Run(tt.diagnosis, func(t *testing.T) {
			_, rows := read(t, "list", tt.content, Options{})
			var values [][]string
			for _, in := range rows {
				if in.Err != nil {
					t.Error(in.Err)
				}
				values = append(values, in.Values)
			}
			if diff := cmp.Diff(tt.values, values); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBadRowsAreKept(t *testing.T) {
	type row struct {
		Line int64
		Text string
		Err  error
	}
	long := strings.Repeat("x", maxLine+1)
	for _, tt := range []struct {
		diagnosis, content string
		rows               []row
	}{
		{"a mark opened and never closed", "n,email\n\"Ann,ann@example.org\nBob,bob@example.org\nCy,cy@example.org\n",
			[]row{{2, "ann@example.org", ErrQuote}, {3, "bob@example.org", nil}, {4, "cy@example.org", nil}}},
		{"a mark opened, closed by a later careless one", "n,email,m\nAnn,ann@example.org,\"x\nBob,bob@example.org,y\nCy,cy@example.org,z\"\n",
			[]row{{2, "ann@example.org", ErrQuote}, {3, "bob@example.org", nil}, {4, "cy@example.org", nil}}},
		{"a mark opened before a rightly quoted row", "n,email\n\"Ann,ann@example.org\n\"Bob\",bob@example.org\n",
			[]row{{2, "ann@example.org", ErrQuote}, {3, "bob@example.org", nil}}},
		{"a mark in the address cell", "email,n\n\"ann@example.org,Ann\nbob@example.org,Bob\n",
			[]row{{2, "\"ann@example.org", ErrQuote}, {3, "bob@example.org", nil}}},
		{"a mark opened in the last row", "n,email\nBob,bob@example.org\nCy,cy@example.org,\"\n",
			[]row{{2, "bob@example.org", nil}, {3, "cy@example.org", ErrQuote}}},
		{"rows like addresses in a closed cell are rows all the same", "n,email\n\"a\nBob,bob@example.org\n\",ann@example.org\n",
			[]row{{2, "", ErrQuote}, {3, "bob@example.org", nil}, {4, "ann@example.org", ErrQuote}}},
		{"no address in the row", "n,email\nAnn,\nBob\nCy,cy@example.org\nD,d@example.org\n",
			[]row{{2, "", ErrMissing}, {3, "", ErrMissing}, {4, "cy@example.org", nil}, {5, "d@example.org", nil}}},
		{"rows number on over cells that span lines", "n,email\n\"a\nb\",ann@example.org\nBob,\n", []row{{2, "ann@example.org", nil}, {4, "", ErrMissing}}},
		{"a line over 1 MiB in CSV", "n,email\n" + long + ",a@example.org\nBob,bob@example.org\n", []row{{2, "", ErrTooLong}, {3, "bob@example.org", nil}}},
		{"a line over 1 MiB in text", "ann@example.org\n" + long + "\nbob@example.org\n",
			[]row{{1, "ann@example.org", nil}, {2, "", ErrTooLong}, {3, "bob@example.org", nil}}},
		{"invalid JSON", "{\"email\":\"a@example.org\"}\n{\"email\":\n\n[1]\n{\"email\":\"b@example.org\"}\n",
			[]row{{1, "a@example.org", nil}, {2, "", ErrNotJSON}, {4, "", ErrNoObject}, {5, "b@example.org", nil}}},
		{"JSON without an address", "{\"email\":\"a@example.org\"}\n{\"n\":1}\n{\"email\":null}\n{\"email\":\" \"}\n",
			[]row{{1, "a@example.org", nil}, {2, "", ErrMissing}, {3, "", ErrNoString}, {4, " ", ErrMissing}}},
	} {
		t.Run(tt.diagnosis, func(t *testing.T) {
			s, rows := read(t, "list", tt.content, Options{})
			var got []row
			for i, in := range rows {
				r := row{Line: in.Line, Text: in.Text}
				if e, ok := errors.AsType[*RowError](in.Err); ok {
					r.Err = e.Err
					if e.Line != in.Line || e.Row != in.Row || e.File != "list" {
						t.Errorf("the error stands at %s", e)
					}
				}
				if in.Row != int64(i+1) || len(in.Values) != len(s.Columns()) {
					t.Errorf("row %d has number %d and %d values", i+1, in.Row, len(in.Values))
				}
				got = append(got, r)
			}
			if diff := cmp.Diff(tt.rows, got, cmpopts.EquateErrors()); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRowErrorSaysWhere(t *testing.T) {
	err := &RowError{File: "list.csv", Line: 7, Row: 6, Err: ErrMissing}
	if got, want := err.Error(), "list.csv line 7 (row 6): no address"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if !errors.Is(err, ErrMissing) {
		t.Error("the cause is lost")
	}
}
