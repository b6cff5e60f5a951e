package smtp_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/mxvet/mxvet/probe/smtp"
)

func TestWhatNeverReachesTheWire(t *testing.T) {
	ctx := t.Context()
	client := greeted(t, "S: 220 mx", nil) // the script fails the test if anything is said
	vrfy := func(who string) error { _, err := client.Vrfy(ctx, who); return err }
	rcpt := func(to string, params ...string) error { _, err := client.Rcpt(ctx, to, params...); return err }
	for _, test := range []struct {
		name string
		got  error
		want error
	}{
		{"CRLF in a recipient", rcpt("a@b.example>\r\nRCPT TO:<c@d.example"), smtp.ErrPath},
		{"CRLF in a quoted local part", rcpt("\"a\r\nDATA\"@b.example"), smtp.ErrUnsafe},
		{"bare CR", vrfy("a\rb"), smtp.ErrUnsafe},
		{"bare LF", vrfy("a\nb"), smtp.ErrUnsafe},
		{"NUL", vrfy("a\x00b"), smtp.ErrUnsafe},
		{"LF in a parameter", rcpt("a@b.example", "NOTIFY=\nNEVER"), smtp.ErrUnsafe},
		{"a recipient that brings parameters", rcpt("a@b.example> NOTIFY=NEVER"), smtp.ErrPath},
		{"a quote left open", rcpt(`"a@b.example`), smtp.ErrPath},
		{"a backslash does not excuse a bracket outside quotes", rcpt(`a\>@b.example`), smtp.ErrPath},
		{"two parameters in one", rcpt("a@b.example", "X=1 Y=2"), smtp.ErrArgument},
		{"VRFY of nobody", vrfy(""), smtp.ErrArgument},
		{"RCPT over 2048 octets", rcpt(strings.Repeat("a", 2040) + "@b.example"), smtp.ErrLong},
		{"HELP over 512 octets", func() error { _, err := client.Help(ctx, strings.Repeat("a", 506)); return err }(), smtp.ErrLong},
		{"nothing", func() error { _, err := client.Do(ctx, smtp.Command{}); return err }(), smtp.ErrArgument},
	} {
		if _, ok := errors.AsType[*smtp.NotSentError](test.got); !ok || !errors.Is(test.got, test.want) {
			t.Errorf("%s: got %v, want a *NotSentError with %v", test.name, test.got, test.want)
		}
	}
	if err := client.Err(); err != nil {
		t.Errorf("the conversation broke: %v", err)
	}
}

func TestQuotedLocalPartsAreSent(t *testing.T) {
	for recipient, line := range map[string]string{
		`"a>b c"@mx.example`:            `RCPT TO:<"a>b c"@mx.example>`,
		`"a\"> b"@mx.example`:           `RCPT TO:<"a\"> b"@mx.example>`,
		`user@[IPv6:2001:db8::1]`:       `RCPT TO:<user@[IPv6:2001:db8::1]>`,
		`@relay.example:user@b.example`: `RCPT TO:<@relay.example:user@b.example>`,
	} {
		client := greeted(t, "S: 220 mx\nC: "+line+"\nS: 250 ok", nil)
		got, err := client.Rcpt(t.Context(), recipient)
		wantReply(t, got, err, 250)
	}
}

func TestTheLongestLinesAllowed(t *testing.T) {
	help := strings.Repeat("a", 512-2-len("HELP "))
	rcpt := strings.Repeat("a", 2048-2-len("RCPT TO:<>"))
	client := greeted(t, "S: 220 mx\nC: HELP "+help+"\nS: 214 ok\nC: RCPT TO:<"+rcpt+">\nS: 501 ok", nil)
	got, err := client.Help(t.Context(), help)
	wantReply(t, got, err, 214)
	got, err = client.Rcpt(t.Context(), rcpt)
	wantReply(t, got, err, 501)
}
