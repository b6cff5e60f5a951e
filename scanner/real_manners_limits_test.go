//go:build unix

package scanner_test

import (
	"bufio"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner/judge"
)

// realLimited are the addresses of a Postfix that bears only so much.
type realLimited struct {
	errors      netip.AddrPort // hangs up with 421 after three errors
	sleepy      netip.AddrPort // takes its time to say no, from the second error on
	one         netip.AddrPort // one connection of a client at a time
	seldom      netip.AddrPort // one new connection of a client in four seconds
	transaction netip.AddrPort // two recipients in a transaction
}

func postfixOfLimits(t *testing.T) (*realPostfix, realLimited) {
	t.Helper()
	at := realLimited{
		realPort(t, "127.0.53.22"), realPort(t, "127.0.53.22"),
		realPort(t, "127.0.53.22"), realPort(t, "127.0.53.22"), realPort(t, "127.0.53.22"),
	}
	var mailboxes strings.Builder
	for _, mailbox := range numbered("user%02d@i.test", 12) {
		fmt.Fprintf(&mailboxes, "%s %s/\n", mailbox, mailbox)
	}
	return realStartPostfix(t, realPostfixFiles{
		"main.cf": `
myhostname = mx.i.test
mynetworks =
virtual_mailbox_domains = i.test
virtual_mailbox_maps = texthash:DIR/mailboxes
virtual_mailbox_base = /nonexistent
smtpd_error_sleep_time = 0
anvil_rate_time_unit = 4s
`,
		"mailboxes": mailboxes.String(),
	},
		realListener{addr: at.errors, options: []string{"smtpd_soft_error_limit=1", "smtpd_hard_error_limit=3"}},
		realListener{addr: at.sleepy, options: []string{"smtpd_soft_error_limit=1", "smtpd_error_sleep_time=1s"}},
		realListener{addr: at.one, options: []string{"smtpd_client_connection_count_limit=1"}},
		realListener{addr: at.seldom, options: []string{"smtpd_client_connection_rate_limit=1"}},
		realListener{addr: at.transaction, options: []string{"smtpd_recipient_limit=2", "smtpd_hard_error_limit=6", "smtpd_recipient_overshoot_limit=1"}},
	), at
}

// realMixed are the addresses of known mailboxes and of unknown ones, in turn.
func realMixed(known, unknown int) []realVerdict {
	var out []realVerdict
	for i := range max(known, unknown) {
		if i < known {
			out = append(out, realVerdict{fmt.Sprintf("user%02d@i.test", i+1), judge.Deliverable, judge.Accepted, judge.CatchAllNo})
		}
		if i < unknown {
			out = append(out, realVerdict{fmt.Sprintf("stranger%02d@i.test", i+1), judge.Undeliverable, judge.MailboxUnknown, judge.CatchAllNo})
		}
	}
	return out
}

func TestRealPostfixOfLimits(t *testing.T) {
	t.Parallel()
	postfix, at := postfixOfLimits(t)

	for name, set := range map[string]struct {
		addr   netip.AddrPort
		client string
		other  time.Duration // the client has another connection, for so long
		want   []realVerdict
		most   int // conversations
	}{
		"421 after three errors":          {at.errors, "127.0.0.60", 0, realMixed(8, 8), 5},
		"a second for every error":        {at.sleepy, "127.0.0.61", 0, realMixed(3, 3), 1},
		"two recipients in a transaction": {at.transaction, "127.0.0.62", 0, realMixed(12, 3), 3},
		"one connection at a time":        {at.one, "127.0.0.63", 3 * time.Second, realMixed(3, 3), 3},
		"one connection in four seconds":  {at.seldom, "127.0.0.64", time.Millisecond, realMixed(3, 3), 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := realScanner(t, realZone(set.addr, "i.test"), set.addr)
			s.Egresses[0].Dial = realFrom(set.client)
			s.Pace.Conversations = 1 // else what broke off goes out over two at once
			if set.other > 0 {
				realOccupied(t, s.Egresses[0].Dial, set.addr, set.other)
			}
			realSays(t, s, set.want)
			if counts := postfix.conversations(t, set.client, 1); len(counts) > set.most {
				t.Errorf("%d conversations, want %d at most: %q", len(counts), set.most, counts)
			}
		})
	}
}

// realOccupied has one connection more with a server for a while.
func realOccupied(t *testing.T, dial probe.DialFunc, addr netip.AddrPort, long time.Duration) {
	t.Helper()
	conn, err := dial(t.Context(), "tcp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(conn).ReadString('\n'); err != nil { // the greeting: it is counted
		t.Fatal(err)
	}
	time.AfterFunc(long, func() { conn.Close() })
}
