package reply

import (
	_ "embed"
	"strings"
	"testing"

	"github.com/mxvet/mxvet/probe/smtp"
)

//go:embed testdata/replies.txt
var repliesText string

// labelledReply is a line of testdata/replies.txt.
type labelledReply struct {
	batch    string
	want     Meaning
	stage    smtp.Stage
	provider string
	text     string
	reply    smtp.Reply
}

func labelledReplies(tb testing.TB) []labelledReply {
	tb.Helper()
	var all []labelledReply
	batch := ""
	for line := range strings.SplitSeq(strings.TrimSpace(repliesText), "\n") {
		if rest, ok := strings.CutPrefix(line, "# batch "); ok {
			batch = rest
		}
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cols := strings.SplitN(line, " | ", 4)
		if len(cols) != 4 {
			tb.Fatalf("%q: want meaning | stage | provider | reply", line)
		}
		r, err := ParseReply(strings.ReplaceAll(cols[3], `\n`, "\n"))
		if err != nil {
			tb.Fatalf("%q: %v", line, err)
		}
		all = append(all, labelledReply{batch, Meaning(cols[0]), smtp.Stage(cols[1]), strings.Trim(cols[2], "-"), cols[3], r})
	}
	return all
}

func TestRepliesMeanWhatTheySay(t *testing.T) {
	right, rows, deaths := map[string]int{}, map[string]int{}, map[string]int{}
	for _, l := range labelledReplies(t) {
		rows[l.batch]++
		got, rule := Classify(l.stage, l.provider, l.reply)
		if got == l.want {
			right[l.batch]++
			continue
		}
		if dead(got) && !dead(l.want) {
			deaths[l.batch]++
		}
		t.Errorf("batch %s: %s, not %s, by %s at %s: %s", l.batch, got, l.want, rule, l.stage, l.text)
	}
	for b := range rows {
		t.Logf("batch %s: %d of %d right, %d false-dead", b, right[b], rows[b], deaths[b])
	}
}
