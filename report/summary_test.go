package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

func summaryOf(t testing.TB, width int, rows ...scanner.Row) string {
	var out bytes.Buffer
	tell(t, NewSummary(&out, SummaryOptions{Width: width}), rows...)
	return out.String()
}

func TestSummary(t *testing.T) {
	rows := everything()
	for i := range 12 {
		row := unknownMailbox()
		row.Provider = ptr(fmt.Sprintf("provider %02d\x1b[2J", i))
		rows = append(rows, row)
	}
	stopped := unknownMailbox()
	stopped.Verdict, stopped.Reason, stopped.Blame, stopped.Domain = judge.Unknown, judge.HarvestGuard, judge.Us, ptr("guessed.example")
	rows = append(rows, stopped, stopped)
	for _, width := range []int{40, 80} {
		got := summaryOf(t, width, rows...)
		golden(t, fmt.Sprintf("summary%d.txt", width), got)
		fits(t, got, width)
	}
}

func TestSummaryOfNothing(t *testing.T) {
	if got := summaryOf(t, 80); got != "" {
		t.Errorf("got %q", got)
	}
	short := run()
	short.Rows, short.Interrupt, short.Budget, short.FinishedAt = 1, false, "", short.StartedAt.Add(1234567)
	if got, want := summaryOf(t, 80, short), "1 row, 3 conversations, 1 DNS query in 1ms; 2 rows known from before\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestHints(t *testing.T) {
	many := func(n int, reason judge.Reason) (rows []scanner.Row) {
		for range n {
			info := reason.Info()
			rows = append(rows, &scanner.VerdictRow{Verdict: info.Word, Reason: reason, Blame: info.Blame})
		}
		return rows
	}
	for name, c := range map[string]struct {
		rows []scanner.Row
		want []string // words of the hints, in order
	}{
		"all is well":                     {many(10, judge.Accepted), nil},
		"some refuse us":                  {append(many(10, judge.Accepted), many(2, judge.ClientBlocked)...), nil},
		"a quarter refuses us":            {append(many(3, judge.Accepted), many(1, judge.ClientBlocked)...), []string{"address or name"}},
		"one refuses us, and is all":      {many(1, judge.ClientBlocked), []string{"address or name"}},
		"a quarter refuses the sender":    {append(many(6, judge.Accepted), many(2, judge.SenderRefused)...), []string{"--mail-from"}},
		"some silent":                     {append(many(6, judge.Accepted), many(5, judge.Timeout)...), nil},
		"half silent, in two ways":        {append(many(4, judge.Accepted), append(many(2, judge.Timeout), many(2, judge.Unreachable)...)...), []string{"port 25"}},
		"servers silent":                  {[]scanner.Row{server(), silent()}, []string{"servers gave no answer"}},
		"unknown mailboxes are no matter": {many(10, judge.MailboxUnknown), nil},
		"the sender and us":               {append(many(1, judge.SenderRefused), many(1, judge.ClientBlocked)...), []string{"address or name", "--mail-from"}},
	} {
		var got []string
		for line := range strings.Lines(summaryOf(t, 200, c.rows...)) {
			if hint, ok := strings.CutPrefix(line, "hint: "); ok {
				got = append(got, hint)
			}
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
			continue
		}
		for i, want := range c.want {
			if !strings.Contains(got[i], want) {
				t.Errorf("%s: got %q, want %q", name, got[i], want)
			}
		}
	}
}
