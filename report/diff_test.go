package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

func stood(address string, reason judge.Reason, text string) *scanner.VerdictRow {
	return &scanner.VerdictRow{Address: &address, Input: address, Verdict: reason.Info().Word, Reason: reason, Evidence: probe.Outcome{Text: text}}
}

func TestDiff(t *testing.T) {
	old := []*scanner.VerdictRow{
		stood("same@example.org", judge.Accepted, "ok"),
		stood("left@example.org", judge.Accepted, "ok"),
		stood("closed@example.org", judge.Accepted, "ok"),
	}
	new := []*scanner.VerdictRow{
		stood("closed@example.org", judge.MailboxUnknown, "no such user"),
		stood("same@example.org", judge.Accepted, "Ok queued"),
		stood("came@example.org", judge.CatchAll, "ok"),
		stood("came@example.org", judge.CatchAll, "ok"),
	}
	want := []Change{
		{Type: "change", Address: "closed@example.org", Before: Standing{judge.Deliverable, judge.Accepted}, After: Standing{judge.Undeliverable, judge.MailboxUnknown}, Why: "no such user"},
		{Type: "change", Address: "came@example.org", After: Standing{judge.Risky, judge.CatchAll}, Why: "ok"},
		{Type: "change", Address: "left@example.org", Before: Standing{judge.Deliverable, judge.Accepted}, Why: "not in the new run"},
	}
	got := Diff(old, new)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	var table strings.Builder
	if err := WriteChanges(&table, got, TableOptions{Width: 100}); err != nil {
		t.Fatal(err)
	}
	wantTable := `Changes
ADDRESS             WAS                   IS                             WHY
closed@example.org  deliverable/accepted  undeliverable/mailbox_unknown  no such user
came@example.org    -                     risky/catch_all                ok
left@example.org    deliverable/accepted  -                              not in the new run
`
	if diff := cmp.Diff(wantTable, table.String()); diff != "" {
		t.Errorf("table -want +got:\n%s", diff)
	}
}
