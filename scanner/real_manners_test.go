//go:build unix

package scanner_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner/judge"
)

// realPostgrey starts a postgrey that lets a stranger in after two seconds.
func realPostgrey(t *testing.T) netip.AddrPort {
	t.Helper()
	realRoot(t)
	program, addr, dir := realProgram(t, "postgrey"), realPort(t, "127.0.53.20"), realDir(t)
	nobody := realFile(t, dir+"/nobody", "")
	realStart(t, program,
		"--inet="+addr.String(), "--dbdir="+dir, "--user=root", "--group=root", "--delay=2",
		"--whitelist-clients="+nobody, "--whitelist-recipients="+nobody,
		"--greylist-text=Greylisted, try again in %s seconds")
	realOpen(t, addr)
	return addr
}

// realGreyed are the addresses of a Postfix with postgrey before it.
type realGreyed struct {
	unlisted netip.AddrPort // refuses unknown mailboxes before it asks postgrey
	all      netip.AddrPort // asks postgrey first
}

func postfixThatGreylists(t *testing.T) realGreyed {
	t.Helper()
	at := realGreyed{realPort(t, "127.0.53.20"), realPort(t, "127.0.53.21")}
	policy := "check_policy_service inet:" + realPostgrey(t).String()
	realStartPostfix(t, realPostfixFiles{
		"main.cf": `
myhostname = mx.h.test
mynetworks =
virtual_mailbox_domains = h.test, all.test
virtual_mailbox_maps = texthash:DIR/mailboxes
virtual_mailbox_base = /nonexistent
`,
		"mailboxes": "ann@h.test ann/\nben@h.test ben/\n@all.test all/\n",
	},
		realListener{addr: at.unlisted, options: []string{"{ smtpd_recipient_restrictions = reject_unlisted_recipient, " + policy + " }"}},
		realListener{addr: at.all, options: []string{"{ smtpd_recipient_restrictions = " + policy + " }"}},
	)
	return at
}

// codesOf lists the replies to the address itself, or to its random mailbox,
// and the senders they were asked with.
func codesOf(attempts []probe.Outcome, kind probe.Kind) (codes []int, senders map[string]bool) {
	senders = make(map[string]bool)
	for _, o := range attempts {
		if o.Kind == kind {
			codes = append(codes, o.Code)
			senders[o.Sender] = true
		}
	}
	return codes, senders
}

func TestRealPostgrey(t *testing.T) {
	t.Parallel()
	at := postfixThatGreylists(t)
	const sender = "check@probe.test"

	t.Run("nobody waits", func(t *testing.T) {
		s := realScanner(t, realZone(at.all, "h.test"), at.all)
		s.Egresses[0].Dial = realFrom("127.1.1.1") // postgrey takes 24 bits of an address for one client
		before := time.Now()
		rows := realSays(t, s, []realVerdict{
			{"ann@h.test", judge.Unknown, judge.Greylisted, judge.CatchAllInconclusive},
			{"nobody@h.test", judge.Unknown, judge.Greylisted, judge.CatchAllInconclusive},
		})
		for _, row := range rows.verdicts {
			if row.RetryAt == nil || row.RetryAt.Before(before.Add(2*time.Second)) {
				t.Errorf("%s is to be asked again at %v, of %v", row.Input, row.RetryAt, before)
			}
		}
	})
	for name, set := range map[string]struct {
		addr    netip.AddrPort
		client  string
		unknown []int // replies to a mailbox that nobody has
	}{
		"waits, and unknown mailboxes are told at once":  {at.unlisted, "127.1.2.1", []int{550}},
		"waits, and unknown mailboxes are put off first": {at.all, "127.1.3.1", []int{450, 550}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := realScanner(t, realZone(set.addr, "h.test", "all.test"), set.addr)
			s.Egresses[0].Dial, s.Egresses[0].Senders, s.GreylistWait = realFrom(set.client), []string{sender, ""}, time.Minute
			rows := realSays(t, s, []realVerdict{
				{"ann@h.test", judge.Deliverable, judge.Accepted, judge.CatchAllNo},
				{"ben@h.test", judge.Deliverable, judge.Accepted, judge.CatchAllNo},
				{"nobody@h.test", judge.Undeliverable, judge.MailboxUnknown, judge.CatchAllNo},
				{"anybody@all.test", judge.Risky, judge.CatchAll, judge.CatchAllYes},
			})
			known := []int{450, 250}
			for i, want := range []struct{ address, random []int }{
				{known, set.unknown}, {known, set.unknown}, {set.unknown, set.unknown}, {known, []int{450, 250, 450, 250}},
			} {
				row := rows.verdicts[i]
				for kind, want := range map[probe.Kind][]int{probe.AddressKind: want.address, probe.RandomKind: want.random} {
					codes, senders := codesOf(row.Attempts, kind)
					if diff := cmp.Diff(want, codes); diff != "" {
						t.Errorf("replies to the %s of %s, want - got +:\n%s", kind, row.Input, diff)
					}
					if diff := cmp.Diff(map[string]bool{sender: true}, senders); diff != "" {
						t.Errorf("senders with the %s of %s, want - got +:\n%s", kind, row.Input, diff)
					}
				}
				if row.RetryAt != nil {
					t.Errorf("%s is to be asked again at %v", row.Input, row.RetryAt)
				}
			}
		})
	}
}
