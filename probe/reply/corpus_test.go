package reply

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/mxvet/mxvet/probe/smtp"
)

// labelled is a row of the measuring corpus, which stays outside the repository.
type labelled struct {
	Reply string    `json:"reply"`
	Label Meaning   `json:"label"`
	Also  []Meaning `json:"also"`
}

// score counts what the corpus' own scoring script counts.
type score struct {
	rows, strict, falseDead, missedDead, senderDead, temporaryDead int
	macroF1                                                        float64
}

func dead(m Meaning) bool {
	return m == UserUnknown || m == MailboxDisabled || m == MailboxMoved || m == DomainNotAccepted
}

func TestCorpus(t *testing.T) {
	path := filepath.Join("..", "..", "..", "shared", "corpora", "replies.jsonl") // beside the module root
	file, err := os.Open(path)
	if err != nil {
		t.Skipf("the labelled corpus is not part of the repository, and absent at %s", path)
	}
	defer file.Close()
	s := measure(t, file)
	t.Logf("rows %d, strict %.3f, macro-F1 %.3f, false-dead %d, missed-dead %d, sender-side called dead %d, temporary called dead %d",
		s.rows, float64(s.strict)/float64(s.rows), s.macroF1, s.falseDead, s.missedDead, s.senderDead, s.temporaryDead)
	if got := float64(s.strict) / float64(s.rows); got < 0.95 {
		t.Errorf("strict accuracy %.3f, want 0.95 at least", got)
	}
	if s.macroF1 < 0.94 {
		t.Errorf("macro-F1 %.3f, want 0.94 at least", s.macroF1)
	}
	if s.falseDead > 0 {
		t.Errorf("%d live addresses called dead, %d of them by refusals of us and %d by temporary replies, want none",
			s.falseDead, s.senderDead, s.temporaryDead)
	}
}

func measure(t *testing.T, file *os.File) score {
	t.Helper()
	var s score
	hit, said, was := map[Meaning]int{}, map[Meaning]int{}, map[Meaning]int{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var row labelled
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		r, err := ParseReply(row.Reply)
		if err != nil {
			t.Fatalf("%q: %v", row.Reply, err)
		}
		got, rule := Classify(smtp.Rcpt, "", r)
		s.count(row, r, got)
		said[got]++
		was[row.Label]++
		if got == row.Label {
			hit[got]++
		} else if testing.Verbose() {
			t.Logf("%s, not %s, by %s: %.120s", got, row.Label, rule, row.Reply)
		}
	}
	for m, n := range was {
		s.macroF1 += 2 * float64(hit[m]) / float64(n+said[m]) / float64(len(was))
	}
	return s
}

func (s *score) count(row labelled, r smtp.Reply, got Meaning) {
	s.rows++
	if got == row.Label {
		s.strict++
	}
	goldDead := dead(row.Label) || slices.ContainsFunc(row.Also, dead)
	switch {
	case dead(row.Label) && !dead(got) && !slices.Contains(row.Also, got):
		s.missedDead++
	case !goldDead && dead(got):
		s.falseDead++
		if row.Label == BlockedClient || row.Label == SenderRejected || row.Label == RateLimited {
			s.senderDead++
		}
		if r.Class() == 4 {
			s.temporaryDead++
		}
	}
}
