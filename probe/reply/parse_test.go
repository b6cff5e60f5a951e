package reply

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mxvet/mxvet/probe/smtp"
)

func TestParseReply(t *testing.T) {
	for name, row := range map[string]struct {
		text string
		want smtp.Reply
	}{
		"one line":         {"550 5.1.1 no", smtp.Reply{Code: 550, Lines: []string{"5.1.1 no"}}},
		"many lines":       {"550-5.1.1 no\r\n550 5.1.1 user\r\n", smtp.Reply{Code: 550, Lines: []string{"5.1.1 no", "5.1.1 user"}}},
		"code alone":       {"250", smtp.Reply{Code: 250, Lines: []string{""}}},
		"from transcripts": {"S: 550-a\n< 550 b", smtp.Reply{Code: 550, Lines: []string{"a", "b"}}},
		"wrapped":          {"550 a\nand b", smtp.Reply{Code: 550, Lines: []string{"a", "and b"}}},
		"code lost":        {"User unknown", smtp.Reply{Lines: []string{"User unknown"}}},
		"not a code":       {"5501 x", smtp.Reply{Lines: []string{"5501 x"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseReply(row.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseReplyRefuses(t *testing.T) {
	if _, err := ParseReply(" \n "); !errors.Is(err, ErrEmpty) {
		t.Errorf("blank text: %v", err)
	}
	if _, err := ParseReply("550-a\n250 b"); err == nil {
		t.Error("codes that differ: no error")
	}
}
