package report

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/tlsinfo"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

func tableOf(t testing.TB, options TableOptions, rows ...scanner.Row) string {
	var out bytes.Buffer
	tell(t, NewTable(&out, options), rows...)
	return out.String()
}

func TestTable(t *testing.T) {
	for _, width := range []int{40, 60, 80, 120, 200} {
		got := tableOf(t, TableOptions{Width: width}, everything()...)
		golden(t, fmt.Sprintf("table%d.txt", width), got)
		fits(t, got, width)
	}
	if diff := cmp.Diff(tableOf(t, TableOptions{Width: 120}, everything()...), tableOf(t, TableOptions{}, everything()...)); diff != "" {
		t.Errorf("no width is not 120 (-120 +none):\n%s", diff)
	}
}

type failer interface {
	Helper()
	Errorf(format string, args ...any)
}

// fits finds lines wider than the terminal, and characters that would move its cursor.
func fits(t failer, out string, width int) {
	t.Helper()
	for line := range strings.Lines(out) {
		line = strings.TrimSuffix(line, "\n")
		if got := textWidth(line); got > width {
			t.Errorf("%d columns, want at most %d: %q", got, width, line)
		}
		if Escaped(line) != line {
			t.Errorf("not printable: %q", line)
		}
	}
}

func TestNoRowIsWiderThanTheTerminal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hostile := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z .\-]{0,300}`), rapid.StringOfN(rapid.SampledFrom([]rune(
			"a \t\r\n\x1b[31m\x07\u202e\u200b\u200d\ufe0f\u0301\u8cc7\uff21\U0001f1e9\U0001f1ea\U0001f469\u0e33\u00ad\ufeff\u3164")), 0, 60, -1),
			rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
		draw := func(name string) string { return hostile.Draw(t, name) }
		width := rapid.IntRange(10, 200).Draw(t, "width")
		verdict := &scanner.VerdictRow{Input: draw("input"), Verdict: judge.Word(draw("verdict")), Reason: judge.Reason(draw("reason")),
			Provider: ptr(draw("provider")), Evidence: probe.Outcome{Stage: smtp.Rcpt, Code: 550, Text: draw("text")}}
		asked := &scanner.ServerRow{Server: probe.Server{Host: draw("host"), IP: netip.MustParseAddr("2001:db8::1"), Port: 25, Reachable: probe.Yes,
			Greeting: &probe.Said{Code: 220, Text: draw("greeting")}, Plain: &probe.Hello{Auth: []string{draw("auth")}},
			TLS: &tlsinfo.Facts{Version: "TLSv1.2", PKIX: tlsinfo.PKIX{Status: tlsinfo.Invalid, Reason: draw("pkix")}}}}
		domain := &scanner.DomainRow{Input: draw("domain"), Error: "no: " + draw("error")}
		var out bytes.Buffer
		w := NewTable(&out, TableOptions{Width: width})
		for _, row := range []scanner.Row{verdict, asked, domain} {
			if err := w.Put(row); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		fits(t, out.String(), width)
		if lines := strings.Count(out.String(), "\n"); lines != 15 { // four of title, headings and row; three blank
			t.Fatalf("%d lines, want 15:\n%s", lines, out.String())
		}
	})
}

func TestColumnsFitEveryTerminal(t *testing.T) {
	for _, columns := range [][]column{verdictColumns(), serverColumns(), matrixColumns(), domainColumns()} {
		for width := 40; width <= 200; width++ {
			want := 0
			for _, c := range columns {
				if c.from <= width {
					want++
				}
			}
			if got := len(shown(columns, width)); got != want {
				t.Errorf("%d columns of %q at width %d, want %d: their least sizes do not fit", got, columns[0].heading, width, want)
			}
		}
	}
}

func TestTableStreams(t *testing.T) {
	var out bytes.Buffer
	w := NewTable(&out, TableOptions{Width: 80})
	put := func(n int, row scanner.Row) {
		for range n {
			if err := w.Put(row); err != nil {
				t.Fatal(err)
			}
		}
	}
	put(199, unknownMailbox())
	if out.Len() > 0 {
		t.Fatalf("shown before 200 rows: %s", &out)
	}
	put(1, unknownMailbox())
	if got := strings.Count(out.String(), "\n"); got != 202 {
		t.Fatalf("%d lines after 200 rows, want title, headings and 200", got)
	}
	long := unknownMailbox()
	long.Address = ptr(strings.Repeat("x", 100) + "@example.org")
	put(10, long)
	if got := strings.Count(out.String(), "\n"); got != 212 {
		t.Fatalf("%d lines after 210 rows, want 212: rows do not stream", got)
	}
	put(200, server())      // opens the servers
	put(150, deliverable()) // held
	put(3, server())        // held with their extensions, which stream
	put(1, nxdomain())      // held to the end
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got := out.String()
	fits(t, got, 80)
	titles := regexp.MustCompile(`(?m)^(Verdicts|Servers|Extensions|Domains)( \(continued\)| without.*)?`).FindAllString(got, -1)
	if diff := cmp.Diff([]string{"Verdicts", "Servers", "Extensions", "Verdicts (continued)", "Servers (continued)", "Domains without a server to ask"}, titles); diff != "" {
		t.Errorf("titles (-want +got):\n%s", diff)
	}
	for words, want := range map[string]int{"undeliverable ": 210, " deliverable ": 150, "192.0.2.1:25": 203, "gone.example.net  ": 1} {
		if n := strings.Count(got, words); n != want {
			t.Errorf("%d times %q, want %d", n, words, want)
		}
	}
}

func TestColourSaysNothingNew(t *testing.T) {
	plain := tableOf(t, TableOptions{Width: 80}, everything()...)
	colour := tableOf(t, TableOptions{Width: 80, Colour: true}, everything()...)
	for _, want := range []string{"\x1b[31mundeliverable\x1b[0m", "\x1b[32mdeliverable\x1b[0m", "\x1b[90munknown\x1b[0m"} {
		if !strings.Contains(colour, want) {
			t.Errorf("no %q", want)
		}
	}
	if diff := cmp.Diff(plain, regexp.MustCompile("\x1b\\[[0-9]+m").ReplaceAllString(colour, "")); diff != "" {
		t.Errorf("beside colour (-plain +coloured):\n%s", diff)
	}
}

// broken takes some bytes and fails.
type broken struct{ left int }

var errBroken = errors.New("no space left on device")

func (b *broken) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errBroken
	}
	return len(p), nil
}

func TestWritersTellOfErrors(t *testing.T) {
	for name, w := range map[string]Writer{
		"table":            NewTable(&broken{left: 100}, TableOptions{}),
		"csv":              NewCSV(&broken{left: 100}, CSVOptions{}),
		"jsonl":            NewJSONL(&broken{left: 100}),
		"summary":          NewSummary(&broken{left: 100}, SummaryOptions{}),
		"multi, the first": Multi(NewJSONL(&broken{}), NewJSONL(&bytes.Buffer{})),
		"multi, the last":  Multi(NewJSONL(&bytes.Buffer{}), NewTable(&broken{}, TableOptions{})),
	} {
		var errs []error
		for _, row := range everything() {
			errs = append(errs, w.Put(row))
		}
		errs = append(errs, w.Close())
		if err := errors.Join(errs...); !errors.Is(err, errBroken) {
			t.Errorf("%s: got %v, want %v", name, err, errBroken)
		}
	}
}

func TestMultiTellsAllWhateverOneDoes(t *testing.T) {
	var out bytes.Buffer
	w := Multi(NewJSONL(&broken{}), NewJSONL(&out))
	if err := w.Put(run()); !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
	if !strings.HasPrefix(out.String(), `{"type":"run"`) {
		t.Errorf("the second was not told: %q", out.String())
	}
}
