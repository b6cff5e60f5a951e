package report

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mxvet/mxvet/mx/address"
)

func mailboxOf(t *testing.T, text string) address.Address {
	t.Helper()
	mailbox, err := address.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return mailbox
}

func TestEarlier(t *testing.T) {
	row := func(address, verdict, at string) string {
		return fmt.Sprintf(`{"type":"verdict","row":7,"input":"x","address":%q,"verdict":%q,"reason":"r %s","checked_at":%q}`+"\n", address, verdict, at, at)
	}
	const old, late, later = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z"
	text := row("fresh@a.example", "deliverable", late) +
		row("stale@a.example", "deliverable", old) +
		row("unknown@a.example", "unknown", later) + "\n" +
		row("mended@a.example", "unknown", late) + row("mended@a.example", "undeliverable", later) +
		row("spoilt@a.example", "risky", late) + row("spoilt@a.example", "unknown", later) +
		row("unsorted@a.example", "unknown", later) + row("unsorted@a.example", "risky", late) +
		row("twice@a.example", "risky", later) + row("twice@a.example", "deliverable", late) +
		`{"type":"verdict","address":null,"verdict":"undeliverable","checked_at":"2026-02-02T00:00:00Z"}` + "\n" +
		`{"type":"run","rows":9}` + "\n" +
		`{"type":"verdict","address":"cut@a.exa`
	e, err := ReadEarlier(strings.NewReader(text), time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"fresh": late, "Fresh": "", "stale": "", "unknown": "", "mended": later, "spoilt": "", "unsorted": "", "twice": later, "new": "", "cut": "",
	} {
		mailbox := mailboxOf(t, name+"@A.example")
		if got := e.Has(mailbox); got != (want != "") {
			t.Errorf("%s is known: %v", name, got)
		}
		if want == "" {
			continue
		}
		got, err := e.Row(mailbox)
		if err != nil || string(got.Reason) != "r "+want || *got.Address != name+"@a.example" {
			t.Errorf("%s: row %+v, error %v", name, got, err)
		}
	}
	if row, err := e.Row(mailboxOf(t, "stale@a.example")); err != nil || string(row.Reason) != "r "+old {
		t.Errorf("a row that is stale now: %+v, %v", row, err)
	}
}

func TestEarlierThatCannotBeRead(t *testing.T) {
	for diagnosis, tt := range map[string]struct {
		text string
		want error
		line int64
	}{
		"gzip":              {"\x1f\x8b\x08\x00", ErrCompressed, 0},
		"another program's": {`{"type":"verdict"}` + "\n" + `{"type":"song"}` + "\n", ErrUnknownType, 2},
		"no JSON":           {"ann@example.org,deliverable\nbob@example.org,risky\n", nil, 1},
		"no line ends":      {strings.Repeat("x", lineMost+2), ErrLineTooLong, 1},
	} {
		t.Run(diagnosis, func(t *testing.T) {
			_, err := ReadEarlier(strings.NewReader(tt.text), time.Time{})
			var at int64
			if line, ok := errors.AsType[*LineError](err); ok {
				at = line.Line
			}
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) || at != tt.line {
				t.Errorf("error %v, in line %d", err, at)
			}
		})
	}
}
