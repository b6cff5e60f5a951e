package report

import (
	"io"
	"strings"
	"testing"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

func TestUnmeasured(t *testing.T) {
	leftOut := silent()
	leftOut.Failure.Cause = probe.NotAllowed
	timeOut := nxdomain()
	timeOut.Route.DNS, timeOut.Route.Detail = resolver.Timeout, "no answer within 5s"
	behind := promising()
	behind.Deliveries[0].Opportunistic = judge.Fare{Outcome: judge.NotMeasured, Why: "none of its addresses was asked"}
	behind.SPF.Presence, behind.SPF.Why = resolver.Unproven, "SERVFAIL"
	whole := run()
	whole.Interrupt = false
	for _, one := range []struct {
		name string
		row  scanner.Row
		want string
	}{
		{"a server", server(), ""},
		{"one that is silent", silent(), "not measured: no answer within 30s"},
		{"one that we do not go to", leftOut, ""},
		{"a domain without mail", nullMX(), ""},
		{"one that does not exist", nxdomain(), ""},
		{"one that promises", promising(), ""},
		{"one that DNS does not tell of", timeOut, "DNS timeout: no answer within 5s"},
		{"one with gaps", behind, "mx1.example.org not measured: none of its addresses was asked; SPF not known: SERVFAIL"},
		{"one that was not reached", &scanner.DomainRow{Input: "late.example", Domain: "late.example"}, "not_checked: " + judge.NotChecked.Info().Meaning},
		{"a line that cannot be read", unreadable(), "cannot be read: list.csv line 4 (row 4): not a domain"},
		{"a run", whole, ""},
		{"one that was cut short", run(), "the run was cut short; what was not reached is not in it"},
	} {
		if why, ok := Unmeasured(one.row); why != one.want || ok != (one.want != "") {
			t.Errorf("%s: got %q, %v, want %q", one.name, why, ok, one.want)
		}
	}
}

// leavesOpen is a run that leaves open what a server and a line are, the line twice.
func leavesOpen() []scanner.Row {
	leftOut := silent()
	leftOut.Host, leftOut.Failure.Cause = "mx6.example.org", probe.NotAllowed
	whole := run()
	whole.Interrupt = false
	return []scanner.Row{silent(), leftOut, unreadable(), unreadable(), whole}
}

func TestJUnitTellsWhatWasNotMeasured(t *testing.T) {
	got := toldBy(t, NewJUnit, leavesOpen()...)
	if strings.Contains(got, "no findings") {
		t.Error("what was not measured has passed")
	}
	for _, want := range []string{
		`tests="3" failures="0" errors="2" skipped="1"`,
		`<error message="not measured: no answer within 30s" type="inconclusive">`,
		`<error message="cannot be read: list.csv line 4 (row 4): not a domain" type="inconclusive">`,
		`<skipped message="not measured: no answer within 30s">`,
	} {
		if strings.Count(got, want) != 1 {
			t.Errorf("not once %s in\n%s", want, got)
		}
	}
}

func TestSARIFTellsWhatWasNotMeasured(t *testing.T) {
	invocation := func(rows ...scanner.Row) *sarif.Invocation {
		log, err := sarif.FromString(toldBy(t, func(w io.Writer) Writer { return NewSARIF(w, "") }, rows...))
		if err != nil {
			t.Fatal(err)
		}
		if err := log.Validate(); err != nil {
			t.Error(err)
		}
		return log.Runs[0].Invocations[0]
	}
	rows := leavesOpen()
	one := invocation(rows...)
	var got []string
	for _, n := range one.ToolExecutionNotifications {
		got = append(got, n.Level+" "+*n.Message.Text)
	}
	want := `error mx2.example.org [2001:db8:1:2:3:4:5:6]:25: not measured: no answer within 30s
note mx6.example.org [2001:db8:1:2:3:4:5:6]:25: not measured: no answer within 30s
error no\x07such: cannot be read: list.csv line 4 (row 4): not a domain`
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	if *one.ExecutionSuccessful {
		t.Error("successful, though not all was measured")
	}
	if one := invocation(rows[1], rows[4]); !*one.ExecutionSuccessful {
		t.Error("no success, though nothing failed")
	}
}
