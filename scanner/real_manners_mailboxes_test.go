//go:build unix

package scanner_test

import (
	"testing"

	"github.com/mxvet/mxvet/scanner/judge"
)

// TestRealPostfixThatTakesEverything has the two other ways in which Postfix is
// told to: luser_relay, and an alias for a whole domain.
func TestRealPostfixThatTakesEverything(t *testing.T) {
	t.Parallel()
	addr := realPort(t, "127.0.53.26")
	realStartPostfix(t, realPostfixFiles{
		"main.cf": `
myhostname = mx.l.test
mynetworks =
mydestination = l.test
local_recipient_maps =
luser_relay = catcher@l.test
virtual_alias_domains = alias.test, known.test
virtual_alias_maps = texthash:DIR/aliases
smtpd_recipient_restrictions = check_recipient_access texthash:DIR/recipients
`,
		"aliases": "@alias.test catcher@l.test\nann@known.test catcher@l.test\nfull@known.test catcher@l.test\n",
		"recipients": `
left@l.test      550 5.1.1 No longer here
off@alias.test   550 5.2.1 This account is disabled
full@alias.test  552 5.2.2 Quota exceeded
full@known.test  452 4.2.2 The recipient's mailbox is over its quota
`,
	}, realListener{addr: addr})
	realTrue(t, realScanner(t, realZone(addr, "l.test", "alias.test", "known.test"), addr), addr, []realVerdict{
		{"anybody@l.test", judge.Risky, judge.CatchAll, judge.CatchAllYes},
		{"left@l.test", judge.Undeliverable, judge.MailboxUnknown, judge.CatchAllYes},
		{"anybody@alias.test", judge.Risky, judge.CatchAll, judge.CatchAllYes},
		{"off@alias.test", judge.Undeliverable, judge.MailboxDisabled, judge.CatchAllYes},
		{"full@alias.test", judge.Risky, judge.MailboxFull, judge.CatchAllYes},
		{"ann@known.test", judge.Deliverable, judge.Accepted, judge.CatchAllNo},
		{"full@known.test", judge.Risky, judge.MailboxFull, judge.CatchAllNo},
		{"nobody@known.test", judge.Undeliverable, judge.MailboxUnknown, judge.CatchAllNo},
	})
}
