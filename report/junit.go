package report

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mxvet/mxvet/scanner"
)

// NewJUnit writes at Close what CI servers read as test results: a suite for
// each domain and server, in it a failed case for each finding above info. A
// finding of severity info, or that a baseline accepts, is a skipped case. What
// could not be measured is a case in error, with the reason, and a server that
// we do not go to, though a domain leads there, a skipped one. What was measured
// and has no finding at all is one case that passed.
func NewJUnit(w io.Writer) Writer { return &junit{w: w, suites: make(map[string]*suite)} }

type junit struct {
	w      io.Writer
	suites map[string]*suite
	order  []*suite
	run    *scanner.RunRow
}

type suites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Name     string   `xml:"name,attr"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Skipped  int      `xml:"skipped,attr"`
	Time     string   `xml:"time,attr,omitempty"`
	Suites   []*suite `xml:"testsuite"`
}

type suite struct {
	Name      string     `xml:"name,attr"`
	Tests     int        `xml:"tests,attr"`
	Failures  int        `xml:"failures,attr"`
	Errors    int        `xml:"errors,attr"`
	Skipped   int        `xml:"skipped,attr"`
	Timestamp string     `xml:"timestamp,attr,omitempty"`
	Cases     []testCase `xml:"testcase"`

	gaps map[string]bool // what is not measured, told already
}

// inconclusive is the type of an error that is nobody's failure.
const inconclusive = "inconclusive"

type testCase struct {
	Name    string      `xml:"name,attr"`
	Class   string      `xml:"classname,attr"`
	Failure *fault      `xml:"failure"`
	Error   *fault      `xml:"error"`
	Skipped *passedOver `xml:"skipped"`
}

type fault struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

type passedOver struct {
	Message string `xml:"message,attr"`
}

func (j *junit) Put(row scanner.Row) error {
	switch row := row.(type) {
	case *scanner.ServerRow:
		name, _ := place(&scanner.FindingRow{Host: row.Host, IP: row.IP, Port: row.Port})
		j.suite(escapedLines(name))
	case *scanner.DomainRow:
		j.suite(escapedLines(cmp.Or(row.Domain, row.Input)))
	case *scanner.FindingRow:
		name, _ := place(row)
		j.suite(escapedLines(name)).add(row)
	case *scanner.RunRow:
		j.run = row
	}
	if one := doubtOf(row); one != nil {
		j.suite(escapedLines(one.place)).open(one)
	}
	return nil
}

func (j *junit) suite(name string) *suite {
	if j.suites[name] == nil {
		j.suites[name] = &suite{Name: name}
		j.order = append(j.order, j.suites[name])
	}
	return j.suites[name]
}

func (s *suite) add(f *scanner.FindingRow) {
	one := testCase{Name: f.ID, Class: s.Name}
	switch {
	case f.Accepted:
		one.Skipped = &passedOver{"known to the baseline: " + escapedLines(f.Title)}
		s.Skipped++
	case f.Severity == scanner.Info:
		one.Skipped = &passedOver{escapedLines(f.Title)}
		s.Skipped++
	default:
		one.Failure = &fault{Message: escapedLines(f.Title), Type: string(f.Severity), Text: escapedLines(sentence(f) + "\n" + f.Reference)}
		s.Failures++
	}
	s.Cases = append(s.Cases, one)
}

// open adds what could not be measured, once where several lines name it.
func (s *suite) open(d *doubt) {
	if s.gaps[d.why] {
		return
	}
	if s.gaps == nil {
		s.gaps = make(map[string]bool)
	}
	s.gaps[d.why] = true
	one := testCase{Name: "not measured", Class: s.Name}
	if d.part {
		one.Skipped = &passedOver{escapedLines(d.why)}
		s.Skipped++
	} else {
		one.Error = &fault{Message: escapedLines(d.why), Type: inconclusive}
		s.Errors++
	}
	s.Cases = append(s.Cases, one)
}

func (j *junit) Close() error {
	all := suites{Name: "mxvet scan"}
	for _, s := range j.order {
		if len(s.Cases) == 0 {
			s.Cases = []testCase{{Name: "no findings", Class: s.Name}}
		}
		slices.SortStableFunc(s.Cases, func(a, b testCase) int { return strings.Compare(a.Name, b.Name) })
		s.Tests = len(s.Cases)
		all.Tests, all.Failures, all.Errors, all.Skipped = all.Tests+s.Tests, all.Failures+s.Failures, all.Errors+s.Errors, all.Skipped+s.Skipped
		all.Suites = append(all.Suites, s)
	}
	if j.run != nil {
		all.Time = fmt.Sprintf("%.3f", j.run.FinishedAt.Sub(j.run.StartedAt).Seconds())
		for _, s := range all.Suites {
			s.Timestamp = j.run.StartedAt.UTC().Format("2006-01-02T15:04:05")
		}
	}
	if _, err := io.WriteString(j.w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(j.w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(j.w, "\n")
	return err
}
