package input

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestRefused(t *testing.T) {
	for _, tt := range []struct {
		diagnosis, content, says, hint string
		options                        Options
	}{
		{"empty", "", "list: is empty", "one address a line", Options{}},
		{"empty but for a mark", "\ufeff", "list: is empty", "one address a line", Options{}},
		{"gzip cut off in its header", "\x1f\x8b\x08\x00", "list: the gzip file is cut off: unexpected EOF", "again", Options{}},
		{"gzip in name only", "\x1f\x8bann@example.org", "list: the gzip file is damaged: gzip: invalid header", "again", Options{}},
		{"zstd cut off in its header", "\x28\xb5\x2f\xfd", "list: the zstd file is cut off: unexpected EOF", "again", Options{}},
		{"gzip twice", gzipOf(gzipOf("ann@example.org\n")), "list: looks like a compressed file inside another, not text", "once", Options{}},
		{"a workbook in gzip", gzipOf("PK\x03\x04\x14\x00[Content_Types].xml"), "list: looks like an Excel workbook (xlsx), not text", "save it as CSV", Options{}},
		{"an empty list in gzip", gzipOf(""), "list: is empty", "one address a line", Options{}},
		{"an archive in gzip", gzipOf("list.txt" + strings.Repeat("\x00", 249) + "ustar\x00" + strings.Repeat("\x00", 249)), "list: looks like a tar archive, not text", "unpack", Options{}},
		{"xlsx", "PK\x03\x04\x14\x00[Content_Types].xml", "list: looks like an Excel workbook (xlsx), not text", "save it as CSV", Options{}},
		{"ods", "PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "list: looks like an OpenDocument file, not text", "save it as CSV", Options{}},
		{"zip", "PK\x03\x04\x14\x00list.csv", "list: looks like a ZIP archive, not text", "unpack", Options{}},
		{"pdf", "%PDF-1.7\n", "list: looks like PDF, not text", "export", Options{}},
		{"a web page named as a table", "\n<!DOCTYPE html><html>", "list: looks like a web page (HTML), not text", "spreadsheet", Options{}},
		{"NUL bytes on both sides", "ann\x00\x00\x01@example", "list: holds NUL bytes: not text", "UTF-8", Options{}},
		{"JSON array", "[\n {\"email\":\"a@example.org\"}]", "list: is one JSON array, not one object a line", "jq -c '.[]'", Options{}},
		{"JSON over lines", "{\n \"email\": 1\n}\n", "list: not one JSON object a line: not valid JSON: unexpected end of JSON input", "jq -c .", Options{}},
		{"no such column", "name,email\nAnn,a@example.org\n", `list: no column "mial"; it has "name", "email"`, "from 1 to 2", Options{Column: "mial"}},
		{"no such number", "name,email\nAnn,a@example.org\n", `list: no column "3"; it has "name", "email"`, "from 1 to 2", Options{Column: "3"}},
		{"no such column, no header", "Ann,a@example.org\n", `list: no column "mail"; it has "column_1", "column_2"`, "from 1 to 2", Options{Column: "mail"}},
		{"no such key", `{"a":"a@example.org"}`, `list: no column "b"; it has "a"`, "--column", Options{Column: "b"}},
		{"no column of addresses", "a,b\n1,2\n", `list: no column looks like addresses; it has "a", "b"`, "--column", Options{Format: CSV}},
		{"no key of targets", `{"a":1}`, `list: no column looks like domains or servers; it has "a"`, "--column", Options{Want: Targets}},
		{"text has no columns", "a@example.org\n", "list: is plain text and has no columns", "--column", Options{Format: Text, Column: "1"}},
		{"unknown format", "a@example.org\n", `list: unknown input format "xml"`, "text, csv and jsonl", Options{Format: "xml"}},
		{"blank lines asked for as CSV", "\n\n", "list: holds only blank lines", "header", Options{Format: CSV}},
	} {
		t.Run(tt.diagnosis, func(t *testing.T) {
			_, err := NewReader("list", strings.NewReader(tt.content), tt.options)
			checkError(t, err, tt.says, tt.hint)
		})
	}
}

func checkError(t *testing.T, err error, says, hint string) {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("error %v, want an *Error", err)
	}
	if e.Error() != says {
		t.Errorf("says %q, want %q", e.Error(), says)
	}
	if !strings.Contains(e.Hint(), hint) || strings.Contains(e.Hint(), "\n") {
		t.Errorf("hint %q, want %q in one line", e.Hint(), hint)
	}
}

func TestOpen(t *testing.T) {
	folder := t.TempDir()
	list := filepath.Join(folder, "list.csv")
	if err := os.WriteFile(list, []byte("email,n\nann@example.org,1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(list, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []Input{{Row: 1, Line: 2, File: list, Text: "ann@example.org", Values: []string{"ann@example.org", "1"}}}
	if diff := cmp.Diff(want, collect(s)); diff != "" {
		t.Error(diff)
	}
	if s.AddressColumn() != "email" || s.Encoding() != "utf-8" {
		t.Errorf("column %q, encoding %q", s.AddressColumn(), s.Encoding())
	}
	if again := collect(s); again != nil {
		t.Errorf("read twice: %v", again)
	}
	_, err = Open(folder, Options{})
	checkError(t, err, folder+": is a directory", "name the file")
	missing := filepath.Join(folder, "none")
	_, err = Open(missing, Options{})
	checkError(t, err, missing+": no such file", "look at the name")
	_, err = Open("ann@example.org", Options{})
	checkError(t, err, "ann@example.org: no such file", "without -f")
	_, err = Open("-", Options{})
	checkError(t, err, "standard input: is not there to be read", "name a file")
}

// Errors of reading are not errors of rows, and half a line is not a line.
func TestReadingBreaksOff(t *testing.T) {
	torn := errors.New("torn")
	content := "ann@example.org\nbob@exam"
	s, err := NewReader("list", io.MultiReader(strings.NewReader(content), iotest.ErrReader(torn)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"ann@example.org"}, textsOf(collect(s))); diff != "" {
		t.Error(diff)
	}
	if !errors.Is(s.Err(), torn) {
		t.Errorf("Err is %v", s.Err())
	}
	checkError(t, s.Err(), "list: reading broke off after line 1 (row 1): torn", "whole")
	_, err = NewReader("-", iotest.ErrReader(torn), Options{})
	checkError(t, err, "standard input: torn", "")
}

func TestSmallReads(t *testing.T) {
	content := "email,n\r\nann@example.org,\"1\r\n2\"\r\nbob@example.org,3\r\n"
	s, err := NewReader("-", iotest.OneByteReader(strings.NewReader(content)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows := collect(s)
	if len(rows) != 2 || rows[0].Values[1] != "1\r\n2" || rows[1].Line != 4 {
		t.Errorf("rows %+v", rows)
	}
}
