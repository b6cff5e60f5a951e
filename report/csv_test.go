package report

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mxvet/mxvet/scanner"
)

func csvOf(t testing.TB, options CSVOptions, rows ...scanner.Row) string {
	var out bytes.Buffer
	tell(t, NewCSV(&out, options), rows...)
	return out.String()
}

// cut reads CSV as RFC 4180 s2 has it, with every byte of a quoted cell kept:
// encoding/csv reads CR LF in a cell as LF.
func cut(t failer, text string, delimiter byte) [][]string {
	t.Helper()
	var rows [][]string
	for row := []string(nil); text != ""; {
		var value string
		if rest, quoted := strings.CutPrefix(text, `"`); quoted {
			for {
				part, after, closed := strings.Cut(rest, `"`)
				if !closed {
					t.Errorf("no closing mark in %q", rest)
					return rows
				}
				value += part
				if rest = after; !strings.HasPrefix(rest, `"`) {
					break
				}
				value, rest = value+`"`, rest[1:]
			}
			text = rest
		} else {
			end := strings.IndexAny(text, string(delimiter)+"\n")
			value, text = text[:end], text[end:]
		}
		row = append(row, value)
		if text[0] == '\n' {
			rows, row = append(rows, row), nil
		}
		text = text[1:]
	}
	return rows
}

// byHeading gives the cells of each line under their headings.
func byHeading(t failer, text string) []map[string]string {
	rows := cut(t, text, ',')
	var out []map[string]string
	for _, row := range rows[1:] {
		cells := make(map[string]string)
		for i, name := range rows[0] {
			cells[name] = row[i]
		}
		out = append(out, cells)
	}
	return out
}

func TestCSV(t *testing.T) {
	golden(t, "verdicts.csv", csvOf(t, CSVOptions{Columns: []string{"name", "email"}}, everything()...))
	golden(t, "servers.csv", csvOf(t, CSVOptions{Columns: []string{"host", "owner"}, Kind: Servers}, everything()...))
	golden(t, "plain.csv", csvOf(t, CSVOptions{Delimiter: ';', BOM: true}, badSyntax()))
	golden(t, "none.csv", csvOf(t, CSVOptions{Kind: Servers}))
}

func TestCSVKeepsTheUsersCells(t *testing.T) {
	anything := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("\"',;\t\r\n =+-@\\.ab\x00\x1b\u202e"))),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
	rapid.Check(t, func(t *rapid.T) {
		delimiter := rapid.SampledFrom([]byte(",;\t|")).Draw(t, "delimiter")
		headings := rapid.SliceOfN(anything, 1, 4).Draw(t, "headings")
		want := [][]string{headings}
		var out bytes.Buffer
		w := NewCSV(&out, CSVOptions{Columns: headings, Delimiter: rune(delimiter)})
		for range rapid.IntRange(0, 3).Draw(t, "rows") {
			cells := rapid.SliceOfN(anything, len(headings), len(headings)).Draw(t, "cells")
			row := unknownMailbox()
			row.Columns = nil
			for i, name := range headings {
				row.Columns = append(row.Columns, scanner.Column{Name: name, Value: cells[i]})
			}
			if err := w.Put(row); err != nil {
				t.Fatal(err)
			}
			want = append(want, cells)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		got := cut(t, out.String(), delimiter)
		for i := range got {
			if len(got[i]) != len(headings)+len(verdictFields()) {
				t.Fatalf("row %d has %d cells: %q", i, len(got[i]), got[i])
			}
			got[i] = got[i][:len(headings)]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-given +read back):\n%s", diff)
		}
	})
}

func TestCSVDefusesFormulas(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"a formula":                {`=HYPERLINK("http://x.example","ok")`, `'=HYPERLINK("http://x.example","ok")`},
		"plus":                     {"+1-1", "'+1-1"},
		"minus":                    {"-2+cmd|' /C calc'!A0", "'-2+cmd|' /C calc'!A0"},
		"at":                       {"@SUM(1)", "'@SUM(1)"},
		"tab":                      {"\t=1", `'\t=1`},
		"carriage return":          {"\r=1", `'\r=1`},
		"line feed":                {"\n=1", "' / =1"},
		"blanks before":            {"  =1", "'  =1"},
		"full width":               {"\uff1d1", "'\uff1d1"},
		"inside is harmless":       {"a=1", "a=1"},
		"an apostrophe of its own": {"'=1", "'=1"},
		"empty":                    {"", ""},
		"lines":                    {"5.7.1 no\n5.7.1 =1", "5.7.1 no / 5.7.1 =1"},
		"escape sequence":          {"\x1b[2Jok", `\x1b[2Jok`},
		"NUL and override":         {"a\x00\u202e", `a\x00\u202e`},
		"no UTF-8":                 {"\xff=1", `\xff=1`},
		"long texts are kept":      {strings.Repeat("x", 5000), strings.Repeat("x", 5000)},
	} {
		row := unknownMailbox()
		row.Evidence.Text, row.Evidence.Host, row.Route.Hosts[0].Name = c.in, c.in, c.in
		asked := server()
		asked.Host, asked.Why, asked.TLSWhy, asked.Software = c.in, c.in, c.in, c.in
		asked.TLS.Certificates[0].Subject, asked.TLS.PKIX.Reason = c.in, c.in
		asked.Plain.Auth = []string{c.in}
		verdict := byHeading(t, csvOf(t, CSVOptions{}, row))[0]
		told := byHeading(t, csvOf(t, CSVOptions{Kind: Servers}, asked))[0]
		for heading, got := range map[string]string{
			"text": verdict["text"], "host": verdict["host"], "mx": verdict["mx"], "server host": told["host"], "why": told["why"], "starttls_why": told["starttls_why"],
			"software": told["software"], "cert_subject": told["cert_subject"], "pkix_reason": told["pkix_reason"], "auth_plain": told["auth_plain"],
		} {
			if got != c.want {
				t.Errorf("%s: %s: got %q, want %q", name, heading, got, c.want)
			}
		}
	}
}

// What any server or DNS may put anywhere: no cell of ours begins a formula.
func TestCSVHasNoFormulasOfStrangers(t *testing.T) {
	const evil = "=1+1"
	asked := server()
	asked.Host, asked.TLSName, asked.Why, asked.TLSWhy, asked.Software = evil, evil, evil, evil, evil
	asked.Greeting.Code, asked.Greeting.Text = 0, evil
	asked.Plain.Extensions[0].Keyword, asked.Plain.Auth = evil, []string{evil}
	asked.Encrypted.Extensions[0].Keyword, asked.Encrypted.Auth = evil, []string{evil}
	certificate := &asked.TLS.Certificates[0]
	certificate.Subject, certificate.Issuer, certificate.Names, asked.TLS.PKIX.Reason = evil, evil, []string{evil}, evil
	failed := silent().Failure
	failed.Text = evil
	asked.Failure, asked.Domains = failed, []string{evil}
	for heading, got := range byHeading(t, csvOf(t, CSVOptions{Kind: Servers}, asked))[0] {
		if strings.HasPrefix(got, "=") {
			t.Errorf("%s begins a formula: %q", heading, got)
		}
	}
}

func TestCSVHeadings(t *testing.T) {
	for name, c := range map[string]struct {
		columns []string
		want    string // the user's headings and the first of ours
	}{
		"no columns":                      {nil, "input,address,verdict"},
		"none of ours":                    {[]string{"email"}, "email,address,verdict"},
		"one of ours":                     {[]string{"address", "x"}, "address,x,mxvet_address,verdict"},
		"one of ours in capitals":         {[]string{"Verdict"}, "Verdict,address,mxvet_verdict"},
		"one of ours from an earlier run": {[]string{"email", "address", "mxvet_address"}, "email,address,mxvet_address,mxvet_mxvet_address,verdict"},
		"the same twice":                  {[]string{"a", "a"}, "a,a,address,verdict"},
	} {
		if got := csvOf(t, CSVOptions{Columns: c.columns}); !strings.HasPrefix(got, c.want+",") {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
	if err := NewCSV(io.Discard, CSVOptions{Kind: "finding"}).Close(); err == nil {
		t.Error("no error for a kind that is none")
	}
	if err := NewCSV(io.Discard, CSVOptions{Delimiter: '\n'}).Close(); err == nil {
		t.Error("no error for a delimiter that is none")
	}
}

func TestCSVCellsByHeading(t *testing.T) {
	for name, c := range map[string]struct {
		cells scanner.Columns
		want  []string
	}{
		"the same order":              {scanner.Columns{{Name: "a", Value: "1"}, {Name: "b", Value: "2"}}, []string{"1", "2"}},
		"another source, other order": {scanner.Columns{{Name: "b", Value: "2"}, {Name: "a", Value: "1"}}, []string{"1", "2"}},
		"another source, one missing": {scanner.Columns{{Name: "b", Value: "2"}}, []string{"", "2"}},
		"no columns":                  {nil, []string{"Ann@EXAMPLE.org", ""}},
	} {
		row := unknownMailbox()
		row.Columns = c.cells
		got := cut(t, csvOf(t, CSVOptions{Columns: []string{"a", "b"}}, row), ',')[1][:2]
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	twice := unknownMailbox()
	twice.Columns = scanner.Columns{{Name: "a", Value: "1"}, {Name: "a", Value: "2"}}
	got := cut(t, csvOf(t, CSVOptions{Columns: []string{"a", "a"}}, twice), ',')[1][:2]
	if diff := cmp.Diff([]string{"1", "2"}, got); diff != "" {
		t.Errorf("a heading twice (-want +got):\n%s", diff)
	}
}

// What was not measured is an empty cell, not a no.
func TestCSVNotMeasured(t *testing.T) {
	verdict := byHeading(t, csvOf(t, CSVOptions{}, unknownMailbox(), badSyntax()))
	want := map[string]string{"disposable": "", "role": "false", "tagged": "true", "tls": "true", "catch_all": "no"}
	for heading, want := range want {
		if got := verdict[0][heading]; got != want {
			t.Errorf("%s: got %q, want %q", heading, got, want)
		}
	}
	for _, heading := range []string{"address", "domain", "role", "tls", "code", "port", "ip", "mx", "retry_at"} {
		if got := verdict[1][heading]; got != "" {
			t.Errorf("%s of what is no address: %q", heading, got)
		}
	}
	told := byHeading(t, csvOf(t, CSVOptions{Kind: Servers}, silent()))[0]
	for _, heading := range []string{"greeting", "greeting_ms", "ehlo_plain", "tls_version", "pkix", "cert_not_after", "connect_ms"} {
		if got := told[heading]; got != "" {
			t.Errorf("%s of a server that is silent: %q", heading, got)
		}
	}
}

func TestCSVStopsAtTheFirstError(t *testing.T) {
	w := NewCSV(&broken{}, CSVOptions{BOM: true})
	if err := w.Put(run()); !errors.Is(err, errBroken) {
		t.Errorf("got %v, want %v", err, errBroken)
	}
}
