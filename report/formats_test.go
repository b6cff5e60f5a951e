package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/mxvet/mxvet/report/audit"
	"github.com/mxvet/mxvet/scanner"
)

// worse are findings of every severity, the least first.
func worse() []scanner.Row {
	info, medium, hostile := finding(), finding(), finding()
	info.ID, info.Severity, info.Title, info.Accepted = "one-exchanger", scanner.Info, "There is one exchanger only", false
	info.Host, info.IP, info.Port, info.Fix, info.Where = "", info.IP.Unmap(), 0, "", ""
	info.IP, info.Domains, info.Provider = (&scanner.FindingRow{}).IP, nil, ""
	medium.ID, medium.Severity, medium.Title, medium.Accepted = "mta-sts-absent", scanner.Medium, "There is no MTA-STS policy", false
	hostile.ID, hostile.Severity, hostile.Accepted = "greeting-odd", scanner.Critical, false
	hostile.Evidence = "220 ```\n</testcase><script>alert(1)</script> ]]> | \x00 \u202e [x](javascript:1) \xff"
	hostile.Host = "mx`1|.example"
	return []scanner.Row{info, medium, finding(), hostile}
}

func toldBy(t *testing.T, make func(io.Writer) Writer, rows ...scanner.Row) string {
	t.Helper()
	var out bytes.Buffer
	tell(t, make(&out), rows...)
	return out.String()
}

func TestJUnit(t *testing.T) {
	got := toldBy(t, NewJUnit, append(everything(), worse()...)...)
	golden(t, "junit.xml", got)
	for decoder := xml.NewDecoder(strings.NewReader(got)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "script" {
			t.Error("a server's words became an element")
		}
	}
}

func TestMarkdown(t *testing.T) {
	got := toldBy(t, NewMarkdown, append(everything(), worse()...)...)
	golden(t, "findings.md", got)
	fence := ""
	for line := range strings.SplitSeq(got, "\n") {
		switch {
		case fence == "" && strings.HasPrefix(line, "```"):
			fence = line
		case line == fence:
			fence = ""
		case fence == "" && (strings.Contains(line, "<script") || strings.Contains(line, "](javascript")):
			t.Errorf("a server's words are markup: %s", line)
		}
	}
	if fence != "" {
		t.Error("a fence is left open")
	}
	if got := toldBy(t, NewMarkdown, server()); !strings.Contains(got, "No findings") {
		t.Errorf("without findings: %q", got)
	}
}

// Names of DNS stand in code wherever they are told.
func TestMarkdownWhereALineBelongs(t *testing.T) {
	row := mended()
	row.Host, row.Domains = "<img src=h>.example", []string{"<img src=d>.example"}
	row.Where = "zone of <img src=x>.example, and <https://evil.example>"
	got := toldBy(t, NewMarkdown, row)
	if want := "Fix (`" + row.Where + "`):"; !strings.Contains(got, want) {
		t.Errorf("no %s in\n%s", want, got)
	}
	for i, part := range strings.Split(got, "`") {
		if i%2 == 0 && strings.Contains(part, "<") {
			t.Errorf("outside of code: %s", part)
		}
	}
}

func TestMetrics(t *testing.T) {
	got := toldBy(t, NewMetrics, append(everything(), worse()...)...)
	golden(t, "metrics.prom", got)
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(families["mxvet_server_up"].GetMetric()); n != 1 {
		t.Errorf("%d servers are up or down, want the one that was reached", n)
	}
}

func TestFindingsCSV(t *testing.T) {
	got := toldBy(t, func(w io.Writer) Writer { return NewCSV(w, CSVOptions{Kind: Findings, Columns: []string{"owner"}}) }, append(everything(), worse()...)...)
	golden(t, "findings.csv", got)
	if n := strings.Count(got, "\n"); n != 6 {
		t.Errorf("%d lines, want a heading and a line for each of 5 findings", n)
	}
}

func TestFindingsBelowTables(t *testing.T) {
	for _, width := range [...]int{60, 100} {
		table := func(w io.Writer) Writer { return NewTable(w, TableOptions{Width: width, Whole: 3}) }
		got := toldBy(t, table, append([]scanner.Row{server()}, worse()...)...)
		golden(t, fmt.Sprintf("findings%d.txt", width), got)
		for line := range strings.SplitSeq(got, "\n") {
			if textWidth(line) > width && !strings.Contains(line, "fix") {
				t.Errorf("wider than %d: %s", width, line)
			}
		}
	}
	many := make([]scanner.Row, 30)
	for i := range many {
		f := mended()
		f.Accepted, f.Host = false, fmt.Sprintf("mx%d.example.org", i)
		many[i] = f
	}
	got := toldBy(t, func(w io.Writer) Writer { return NewTable(w, TableOptions{}) }, many...)
	if !strings.Contains(got, "Findings: 30 high\n") || !strings.Contains(got, ": 30 servers\n") || !strings.Contains(got, "and 18 more\n") || strings.Count(got, "certbot") != 1 {
		t.Errorf("30 of one kind:\n%s", got)
	}
}

func TestSARIF(t *testing.T) {
	got := toldBy(t, func(w io.Writer) Writer { return NewSARIF(w, "1.0.0") }, append(everything(), worse()...)...)
	log, err := sarif.FromString(got)
	if err != nil {
		t.Fatal(err)
	}
	if err := log.Validate(); err != nil {
		t.Errorf("does not hold to the schema of SARIF 2.1.0: %v", err)
	}
	run := log.Runs[0]
	if len(run.Results) != 5 || len(run.Tool.Driver.Rules) != len(audit.Checks()) {
		t.Errorf("%d results of %d rules, want 5 of all %d", len(run.Results), len(run.Tool.Driver.Rules), len(audit.Checks()))
	}
	for i, want := range []struct {
		level      string
		suppressed bool
	}{{"error", true}, {"note", false}, {"warning", false}, {"error", true}, {"error", false}} {
		one := run.Results[i]
		if one.Level != want.level || (len(one.Suppressions) > 0) != want.suppressed {
			t.Errorf("result %d: level %s, %d suppressions, want %+v", i, one.Level, len(one.Suppressions), want)
		}
	}
	if a, b := run.Results[0].PartialFingerprints["mxvet/v1"], run.Results[3].PartialFingerprints["mxvet/v1"]; a == "" || a != b {
		t.Errorf("fingerprints %q and %q of one fault at one place, want the same", a, b)
	}
}
