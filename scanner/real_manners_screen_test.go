//go:build unix

package scanner_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/mxvet/mxvet/scanner/judge"
)

// realScreened are the addresses of two postscreens before one Postfix.
type realScreened struct {
	greeting netip.AddrPort // lets its greeting wait for early talkers
	deep     netip.AddrPort // and looks at what is said after it, for which a client has to come back
}

func postscreen(t *testing.T) (*realPostfix, realScreened) {
	t.Helper()
	at := realScreened{realPort(t, "127.0.53.23"), realPort(t, "127.0.53.24")}
	return realStartPostfix(t, realPostfixFiles{
		"main.cf": `
myhostname = mx.j.test
mynetworks =
virtual_mailbox_domains = j.test
virtual_mailbox_maps = texthash:DIR/mailboxes
virtual_mailbox_base = /nonexistent
postscreen_greet_wait = 2s
postscreen_greet_action = enforce
`,
		"mailboxes": "ann@j.test ann/\n",
	},
		realListener{addr: at.greeting, screen: true, options: []string{"postscreen_cache_map=btree:$data_directory/greeting"}},
		realListener{addr: at.deep, screen: true, options: []string{
			"postscreen_cache_map=btree:$data_directory/deep",
			"postscreen_pipelining_enable=yes", "postscreen_pipelining_action=enforce",
			"postscreen_non_smtp_command_enable=yes", "postscreen_non_smtp_command_action=enforce",
			"postscreen_bare_newline_enable=yes", "postscreen_bare_newline_action=enforce",
		}},
	), at
}

// noted counts the lines of Postfix's log about a client that have the words.
func (p *realPostfix) noted(t *testing.T, client, words string) (n int) {
	t.Helper()
	for line := range strings.Lines(p.logged(t)) {
		if strings.Contains(line, words) && strings.Contains(line, "["+client+"]") {
			n++
		}
	}
	return n
}

func TestRealPostscreen(t *testing.T) {
	t.Parallel()
	postfix, at := postscreen(t)
	told := []realVerdict{
		{"ann@j.test", judge.Deliverable, judge.Accepted, judge.CatchAllNo},
		{"nobody@j.test", judge.Undeliverable, judge.MailboxUnknown, judge.CatchAllNo},
	}
	t.Run("notes who talks before the greeting is over", func(t *testing.T) {
		t.Parallel()
		conn, err := realFrom("127.0.0.70")(t.Context(), "tcp", at.greeting.String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := conn.Write([]byte("EHLO " + realHelloName + "\r\n")); err != nil {
			t.Fatal(err)
		}
		realWithin(t, 10*time.Second, "PREGREET in the log", func() bool { return postfix.noted(t, "127.0.0.70", "PREGREET") > 0 })
	})
	t.Run("finds that we wait", func(t *testing.T) {
		t.Parallel()
		s := realScanner(t, realZone(at.greeting, "j.test"), at.greeting)
		s.Egresses[0].Dial = realFrom("127.0.0.71")
		realSays(t, s, told)
		if early, passed := postfix.noted(t, "127.0.0.71", "PREGREET"), postfix.noted(t, "127.0.0.71", "PASS NEW"); early != 0 || passed != 1 {
			t.Errorf("noted %d times as an early talker, and %d times as one who passed", early, passed)
		}
	})
	t.Run("lets us in when we come back", func(t *testing.T) {
		t.Parallel()
		s := realScanner(t, realZone(at.deep, "j.test"), at.deep)
		s.Egresses[0].Dial = realFrom("127.0.0.72")
		realSays(t, s, []realVerdict{
			{"ann@j.test", judge.Unknown, judge.Greylisted, judge.CatchAllInconclusive}, // 450 4.3.2 Service currently unavailable
			{"nobody@j.test", judge.Unknown, judge.Greylisted, judge.CatchAllInconclusive},
		})
		realWithin(t, 10*time.Second, "PASS NEW in the log", func() bool { return postfix.noted(t, "127.0.0.72", "PASS NEW") == 1 })
		realSays(t, s, told)
		for _, words := range []string{"PREGREET", "COMMAND PIPELINING", "NON-SMTP COMMAND", "BARE NEWLINE"} {
			if n := postfix.noted(t, "127.0.0.72", words); n > 0 {
				t.Errorf("%d lines of %s", n, words)
			}
		}
	})
}
