package reply

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mxvet/mxvet/probe/smtp"
)

// corpusRow is a row of the measuring corpus, which stays outside the repository.
type corpusRow struct {
	Reply string    `json:"reply"`
	Label Meaning   `json:"label"`
	Also  []Meaning `json:"also"`
}

// score counts what the corpus' own scoring script counts.
type score struct {
	rows, strict, falseDead, missedDead, senderDead, temporaryDead int
	hit, said, was                                                 map[Meaning]int
}

func dead(m Meaning) bool {
	return m == UserUnknown || m == MailboxDisabled || m == MailboxMoved || m == DomainNotAccepted
}

// corpus reads the measuring corpus; it is empty where only the repository is.
func corpus(t *testing.T) []corpusRow {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "..", "shared", "corpora", "replies.jsonl"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var rows []corpusRow
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var row corpusRow
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	return rows
}

// TestFigures holds what was reached: on our own replies, and on the measuring
// corpus where it lies beside the repository.
func TestFigures(t *testing.T) {
	ours, theirs := newScore(), newScore()
	for _, l := range labelledReplies(t) {
		got, _ := Classify(l.stage, l.provider, l.reply)
		ours.count(l.want, nil, l.reply, got)
	}
	ours.check(t, "our replies")
	for _, row := range corpus(t) {
		r, err := ParseReply(row.Reply)
		if err != nil {
			t.Fatalf("%q: %v", row.Reply, err)
		}
		got, rule := Classify(smtp.Rcpt, "", r)
		theirs.count(row.Label, row.Also, r, got)
		if got != row.Label && testing.Verbose() {
			t.Logf("%s, not %s, by %s: %.120s", got, row.Label, rule, row.Reply)
		}
	}
	if theirs.rows > 0 {
		theirs.check(t, "the corpus")
	}
}

func newScore() *score {
	return &score{hit: map[Meaning]int{}, said: map[Meaning]int{}, was: map[Meaning]int{}}
}

func (s *score) check(t *testing.T, name string) {
	t.Helper()
	strict, f1 := float64(s.strict)/float64(s.rows), s.macroF1()
	t.Logf("%s: rows %d, strict %.3f, macro-F1 %.3f, false-dead %d, missed-dead %d", name, s.rows, strict, f1, s.falseDead, s.missedDead)
	if strict < 0.95 || f1 < 0.94 {
		t.Errorf("%s: strict accuracy %.3f and macro-F1 %.3f, want 0.95 and 0.94 at least", name, strict, f1)
	}
	if s.falseDead > 0 {
		t.Errorf("%s: %d live addresses called dead, %d of them by refusals of us and %d by temporary replies, want none",
			name, s.falseDead, s.senderDead, s.temporaryDead)
	}
}

func (s *score) macroF1() (mean float64) {
	for m, n := range s.was {
		mean += 2 * float64(s.hit[m]) / float64(n+s.said[m]) / float64(len(s.was))
	}
	return mean
}

func (s *score) count(want Meaning, also []Meaning, r smtp.Reply, got Meaning) {
	s.rows++
	s.said[got]++
	s.was[want]++
	if got == want {
		s.strict++
		s.hit[got]++
	}
	switch {
	case dead(want) && !dead(got) && !slices.Contains(also, got):
		s.missedDead++
	case !dead(want) && !slices.ContainsFunc(also, dead) && dead(got):
		s.falseDead++
		if want == BlockedClient || want == SenderRejected || want == RateLimited {
			s.senderDead++
		}
		if r.Class() == 4 {
			s.temporaryDead++
		}
	}
}

// TestNoReplyStandsTwice compares by code and plain words, addresses masked: our
// replies with one another, and with the corpus, of which none may be a copy.
func TestNoReplyStandsTwice(t *testing.T) {
	seen := map[string]string{}
	words := func(r smtp.Reply) string { return strconv.Itoa(r.Code) + " " + normalise(r.Lines) }
	for _, row := range corpus(t) {
		if r, err := ParseReply(row.Reply); err == nil && len(normalise(r.Lines)) > 0 {
			seen[words(r)] = "the corpus"
		}
	}
	for _, s := range specimens(t) {
		if from := seen[words(s.reply)]; from == "the corpus" {
			t.Errorf("specimen %q stands in the corpus", s.text)
		}
	}
	for _, l := range labelledReplies(t) {
		key := string(l.stage) + l.provider + strings.Join(l.reply.Lines, " ") + words(l.reply)
		if from := seen[words(l.reply)]; from != "" && normalise(l.reply.Lines) != "" {
			t.Errorf("%q stands in %s", l.text, from)
		}
		if from := seen[key]; from != "" {
			t.Errorf("%q stands twice, also in %s", l.text, from)
		}
		seen[key] = "batch " + l.batch
	}
}
