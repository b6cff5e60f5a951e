//go:build unix

package scanner_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// postfixThatKnows is a Postfix that tells strangers who has a mailbox, by RCPT
// and by VRFY: user01 to user50, Ann, and Jörg, who writes himself in UTF-8.
func postfixThatKnows(t *testing.T) (*realPostfix, netip.AddrPort) {
	t.Helper()
	var mailboxes strings.Builder
	for _, mailbox := range append(numbered("user%02d@a.test", 50), "ann@a.test", "jörg@a.test") {
		fmt.Fprintf(&mailboxes, "%s %s/\n", mailbox, mailbox)
	}
	addr := realPort(t, "127.0.53.1")
	return realStartPostfix(t, realPostfixFiles{
		"main.cf": `
myhostname = mx.a.test
mynetworks =
virtual_mailbox_domains = a.test
virtual_mailbox_maps = texthash:DIR/mailboxes
virtual_mailbox_base = /nonexistent
relocated_maps = texthash:DIR/relocated
recipient_delimiter = +
smtpd_error_sleep_time = 0
`,
		"mailboxes": mailboxes.String(),
		"relocated": "moved@a.test ann@elsewhere.test\n",
	}, realListener{addr: addr}), addr
}

func numbered(format string, n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf(format, i+1))
	}
	return out
}

func TestRealPostfixThatKnows(t *testing.T) {
	t.Parallel()
	postfix, addr := postfixThatKnows(t)
	zone := realZone(addr, "a.test", "elsewhere.test")

	t.Run("offers what a plain socket is offered", func(t *testing.T) {
		row := realSame(t, realScanner(t, zone, addr), addr, false, "a.test")
		if diff := cmp.Diff([]string{"a.test"}, row.Domains); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("tells by RCPT", func(t *testing.T) {
		realTrue(t, realScanner(t, zone, addr), addr, []realVerdict{
			{"ann@a.test", judge.Deliverable, judge.Accepted, judge.CatchAllNo},
			{"ann+shop@a.test", judge.Deliverable, judge.Accepted, judge.CatchAllNo},
			{"jörg@a.test", judge.Deliverable, judge.Accepted, judge.CatchAllNo},
			{"nobody@a.test", judge.Undeliverable, judge.MailboxUnknown, judge.CatchAllNo},
			{"moved@a.test", judge.Undeliverable, judge.MailboxMoved, judge.CatchAllNo},
			// 454 4.7.1 Relay access denied: Postfix's default is to put strangers off,
			// in case somebody is still editing its settings.
			{"ann@elsewhere.test", judge.Unknown, judge.RefusedByPolicy, judge.CatchAllInconclusive},
			{"ann@[" + addr.Addr().String() + "]", judge.Unknown, judge.RefusedByPolicy, judge.CatchAllInconclusive},
		})
	})
	t.Run("tells by VRFY of those it does not know, and 252 of the others", func(t *testing.T) {
		s := realScanner(t, zone, addr)
		s.Method = scanner.ByVRFY
		realSays(t, s, []realVerdict{
			{"ann@a.test", judge.Unknown, judge.CannotVerify, judge.CatchAllNotRun},
			{"nobody@a.test", judge.Undeliverable, judge.MailboxUnknown, judge.CatchAllNotRun},
		})
	})
	t.Run("tells by RCPT where VRFY says nothing", func(t *testing.T) {
		s := realScanner(t, zone, addr)
		s.Method = scanner.ByBoth
		realSays(t, s, []realVerdict{
			{"ann@a.test", judge.Deliverable, judge.Accepted, judge.CatchAllNo},
			{"nobody@a.test", judge.Undeliverable, judge.MailboxUnknown, judge.CatchAllNo},
		})
	})
	t.Run("is asked about one address", func(t *testing.T) {
		row, err := realScanner(t, zone, addr).Check(t.Context(), "Ann <ann@a.test>")
		if err != nil {
			t.Fatal(err)
		}
		if row.Reason != judge.Accepted || row.CatchAll != judge.CatchAllNo || row.Evidence.IP != addr.Addr() {
			t.Errorf("%s, catch-all %s, by %+v", row.Reason, row.CatchAll, row.Evidence)
		}
	})
	t.Run("hears of 50 mailboxes over one connection", func(t *testing.T) {
		s := realScanner(t, zone, addr)
		s.Egresses[0].Dial = realFrom("127.0.0.50")
		rows := realVerify(t, s, numbered("user%02d@a.test", 50)...)
		if got := rows.run.Verdicts["deliverable"]; got != 50 {
			t.Errorf("%d deliverable, want 50", got)
		}
		want := []string{"ehlo=1 mail=1 rcpt=50/51 quit=1 commands=53/54"} // the 51st is the random mailbox
		if diff := cmp.Diff(want, postfix.conversations(t, "127.0.0.50", 1)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("hangs up after 20 errors and is asked the rest over another", func(t *testing.T) {
		s := realScanner(t, zone, addr)
		s.Egresses[0].Dial = realFrom("127.0.0.30")
		s.Pace.Conversations = 1 // else a second one may begin with the address at which the first broke off
		rows := realVerify(t, s, numbered("stranger%02d@a.test", 30)...)
		if got := rows.run.Reasons["mailbox_unknown"]; got != 30 {
			t.Errorf("%d mailbox_unknown, want 30", got)
			realExplain(t, rows)
		}
		want := []string{"ehlo=1 mail=1 rcpt=0/20 commands=2/22", "ehlo=1 mail=1 rcpt=0/11 quit=1 commands=3/14"}
		if diff := cmp.Diff(want, postfix.conversations(t, "127.0.0.30", 2)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRealPostfixTrustsItsNetworks(t *testing.T) {
	t.Parallel()
	addr := realPort(t, "127.0.53.10")
	realStartPostfix(t, realPostfixFiles{
		"main.cf": `
myhostname = mx.a.test
mynetworks = 127.0.0.8/32
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
virtual_mailbox_domains = a.test
virtual_mailbox_maps = texthash:DIR/mailboxes
virtual_mailbox_base = /nonexistent
`,
		"mailboxes": "ann@a.test ann/\n",
	}, realListener{addr: addr})
	for from, want := range map[string]realVerdict{
		"127.0.0.8": {"ann@elsewhere.test", judge.Risky, judge.CatchAll, judge.CatchAllYes}, // it would relay anything for us
		"127.0.0.9": {"ann@elsewhere.test", judge.Undeliverable, judge.DomainNotServed, judge.CatchAllInconclusive},
	} {
		t.Run("asked from "+from, func(t *testing.T) {
			s := realScanner(t, realZone(addr, "a.test", "elsewhere.test"), addr)
			s.Egresses[0].Dial = realFrom(from)
			realSays(t, s, []realVerdict{{"ann@a.test", judge.Deliverable, judge.Accepted, judge.CatchAllNo}, want})
		})
	}
}

// postfixOfWords answers from tables, has VRFY switched off, and takes
// everything for all.test. At the second address it does not like the null
// sender.
func postfixOfWords(t *testing.T) (open, wary netip.AddrPort) {
	t.Helper()
	open, wary = realPort(t, "127.0.53.2"), realPort(t, "127.0.53.3")
	realStartPostfix(t, realPostfixFiles{
		"main.cf": `
myhostname = mx.b.test
mynetworks =
disable_vrfy_command = yes
virtual_mailbox_domains = b.test, all.test
virtual_mailbox_maps = texthash:DIR/mailboxes
virtual_mailbox_base = /nonexistent
smtpd_recipient_restrictions = check_recipient_access texthash:DIR/recipients
`,
		"mailboxes": "ann@b.test ann/\n@all.test all/\n",
		"recipients": `
full@b.test    452 4.2.2 Mailbox full
heavy@b.test   552 5.2.2 Over quota
off@b.test     550 5.2.1 The mailbox is disabled
grey@b.test    450 4.2.0 Greylisted, see http://postgrey.schweikert.ch/help/b.test.html
later@b.test   451 4.3.0 Temporary lookup failure
policy@b.test  550 5.7.1 Not by our policy
listed@b.test  554 5.7.1 Service unavailable; Client host [127.0.0.1] blocked using zen.spamhaus.org
full@all.test  452 4.2.2 Mailbox full
`,
		"senders": "<> REJECT\n",
	}, realListener{addr: open}, realListener{addr: wary, options: []string{"{ smtpd_sender_restrictions = check_sender_access texthash:DIR/senders }"}})
	return open, wary
}

func TestRealPostfixOfWords(t *testing.T) {
	t.Parallel()
	open, wary := postfixOfWords(t)
	zone := realZone(open, "b.test", "all.test")

	t.Run("offers no VRFY", func(t *testing.T) {
		row := realSame(t, realScanner(t, zone, open), open, false, "all.test")
		if row.Plain.Extensions.Has("VRFY") {
			t.Errorf("VRFY among %v", row.Plain.Extensions)
		}
	})
	t.Run("tells by RCPT", func(t *testing.T) {
		realTrue(t, realScanner(t, zone, open), open, []realVerdict{
			{"ann@b.test", judge.Deliverable, judge.Accepted, judge.CatchAllNo},
			{"full@b.test", judge.Risky, judge.MailboxFull, judge.CatchAllNo},
			{"heavy@b.test", judge.Risky, judge.MailboxFull, judge.CatchAllNo},
			{"off@b.test", judge.Undeliverable, judge.MailboxDisabled, judge.CatchAllNo},
			{"grey@b.test", judge.Unknown, judge.Greylisted, judge.CatchAllNo},
			{"later@b.test", judge.Unknown, judge.ServerError, judge.CatchAllNo},
			{"policy@b.test", judge.Unknown, judge.RefusedByPolicy, judge.CatchAllNo},
			{"listed@b.test", judge.Unknown, judge.ClientBlocked, judge.CatchAllNo},
			{"anybody@all.test", judge.Risky, judge.CatchAll, judge.CatchAllYes},
			{"full@all.test", judge.Risky, judge.MailboxFull, judge.CatchAllYes},
		})
	})
	t.Run("tells nothing by VRFY", func(t *testing.T) {
		s := realScanner(t, zone, open)
		s.Method = scanner.ByVRFY
		realSays(t, s, []realVerdict{{"ann@b.test", judge.Unknown, judge.CannotVerify, judge.CatchAllNotRun}})
	})
	t.Run("refuses the null sender", func(t *testing.T) {
		s := realScanner(t, realZone(wary, "b.test"), wary)
		realTrue(t, s, wary, []realVerdict{{"ann@b.test", judge.Unknown, judge.SenderRefused, judge.CatchAllInconclusive}})
	})
	t.Run("hears another sender where it refuses the null sender", func(t *testing.T) {
		s := realScanner(t, realZone(wary, "b.test"), wary)
		s.Egresses[0].Senders = []string{"", "check@probe.test"}
		realSays(t, s, []realVerdict{
			{"ann@b.test", judge.Deliverable, judge.Accepted, judge.CatchAllNo},
			{"nobody@b.test", judge.Undeliverable, judge.MailboxUnknown, judge.CatchAllNo},
		})
	})
}
