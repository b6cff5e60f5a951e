package input

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/unicode"
)

// utf16 writes a text in UTF-16.
func utf16(t *testing.T, text string, order unicode.Endianness, mark unicode.BOMPolicy) string {
	t.Helper()
	encoded, err := unicode.UTF16(order, mark).NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func TestEncodings(t *testing.T) {
	const umlauts = "name,email\nJürgen,jürgen@example.org\n"
	want := [][]string{{"Jürgen", "jürgen@example.org"}}
	for _, tt := range []struct {
		diagnosis, content, encoding string
		values                       [][]string
	}{
		{"utf-8", umlauts, "utf-8", want},
		{"utf-8 with mark", "\ufeff" + umlauts, "utf-8", want},
		{"utf-16le with mark", utf16(t, umlauts, unicode.LittleEndian, unicode.UseBOM), "utf-16le", want},
		{"utf-16be with mark", utf16(t, umlauts, unicode.BigEndian, unicode.UseBOM), "utf-16be", want},
		{"utf-16le without mark", utf16(t, umlauts, unicode.LittleEndian, unicode.IgnoreBOM), "utf-16le", want},
		{"utf-16be without mark", utf16(t, umlauts, unicode.BigEndian, unicode.IgnoreBOM), "utf-16be", want},
		{"windows-1252", "name,email\nJ\xfcrgen,j\xfcrgen@example.org\nA\x80,a@example.org\n", "windows-1252",
			[][]string{{"Jürgen", "jürgen@example.org"}, {"A€", "a@example.org"}}},
		{"one line of windows-1252 in utf-8", umlauts + "J\xfcrgen,a@example.org\n", "utf-8",
			[][]string{{"Jürgen", "jürgen@example.org"}, {"Jürgen", "a@example.org"}}},
		{"CRLF", "name,email\r\nJürgen,jürgen@example.org\r\n", "utf-8", want},
		{"CR alone", "name,email\rJürgen,jürgen@example.org\r", "utf-8", want},
	} {
		t.Run(tt.diagnosis, func(t *testing.T) {
			s, rows := read(t, "-", tt.content, Options{})
			var values [][]string
			for _, in := range rows {
				values = append(values, in.Values)
			}
			if diff := cmp.Diff(tt.values, values); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
			if s.Encoding() != tt.encoding {
				t.Errorf("encoding %q, want %q", s.Encoding(), tt.encoding)
			}
		})
	}
}

// What the sample did not show must be read as well: a letter cut in two by
// the sample's end, and Windows-1252 that begins after it.
func TestEncodingBeyondTheSample(t *testing.T) {
	for shift := range 4 {
		content := strings.Repeat("x", shift) + "ö@example.org\n" + strings.Repeat("öööööööö@example.org\n", 5000)
		s, rows := read(t, "-", content+"J\xfcrgen@example.org\n", Options{})
		if s.Encoding() != "utf-8" {
			t.Errorf("shifted by %d: encoding %q", shift, s.Encoding())
		}
		if len(rows) != 5002 || rows[5001].Text != "Jürgen@example.org" || rows[5001].Line != 5002 {
			t.Errorf("shifted by %d: %d rows, last %+v", shift, len(rows), rows[len(rows)-1])
		}
		for _, in := range rows[1:5001] {
			if in.Text != "öööööööö@example.org" {
				t.Fatalf("shifted by %d: line %d is %q", shift, in.Line, in.Text)
			}
		}
	}
}

func TestLineEndsMixed(t *testing.T) {
	_, rows := read(t, "-", "a@example.org\rb@example.org\r\nc@example.org\n\r\nd@example.org\r", Options{})
	var lines []int64
	for _, in := range rows {
		lines = append(lines, in.Line)
	}
	if diff := cmp.Diff([]string{"a@example.org", "b@example.org", "c@example.org", "d@example.org"}, textsOf(rows)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int64{1, 2, 3, 5}, lines); diff != "" {
		t.Error(diff)
	}
}

func TestNULBeyondTheSampleIsOneRow(t *testing.T) {
	content := strings.Repeat("ann@example.org\n", 5000) + "bob\x00@example.org\ncy@example.org\n"
	_, rows := read(t, "-", content, Options{})
	if len(rows) != 5002 || !errors.Is(rows[5000].Err, ErrNUL) || rows[5001].Err != nil {
		t.Errorf("%d rows, the last two %+v", len(rows), rows[len(rows)-2:])
	}
}
