//go:build unix

package scanner_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/scanner/judge"
)

// realUnwelcoming is a Postfix that refuses us for several reasons, each at an
// address of its own and, as is its default, only when a recipient is named.
func postfixThatRefusesUs(t *testing.T) (postfix *realPostfix, at map[string]netip.AddrPort) {
	t.Helper()
	at = make(map[string]netip.AddrPort)
	var listeners []realListener
	for name, options := range map[string][]string{
		"client":          {"{ smtpd_client_restrictions = check_client_access cidr:DIR/clients }"},
		"client at once":  {"{ smtpd_client_restrictions = check_client_access cidr:DIR/clients }", "smtpd_delay_reject=no"},
		"hello":           {"{ smtpd_helo_restrictions = check_helo_access texthash:DIR/hellos }"},
		"hello, unknown":  {"{ smtpd_helo_restrictions = reject_non_fqdn_helo_hostname }"},
		"sender":          {"{ smtpd_sender_restrictions = check_sender_access texthash:DIR/senders }"},
		"sender, unknown": {"{ smtpd_sender_restrictions = reject_non_fqdn_sender }"},
	} {
		at[name] = realPort(t, "127.0.53.25")
		listeners = append(listeners, realListener{addr: at[name], options: options})
	}
	return realStartPostfix(t, realPostfixFiles{
		"main.cf": `
myhostname = mx.k.test
mynetworks =
virtual_mailbox_domains = k.test, k2.test
virtual_mailbox_maps = texthash:DIR/mailboxes
virtual_mailbox_base = /nonexistent
smtpd_error_sleep_time = 0
`,
		"mailboxes": "ann@k.test ann/\nann@k2.test ann/\n",
		"clients":   "127.0.0.0/8 REJECT\n",
		"hellos":    realHelloName + " REJECT\n",
		"senders":   "probe.test REJECT\n",
	}, listeners...), at
}

func TestRealPostfixThatRefusesUs(t *testing.T) {
	t.Parallel()
	postfix, at := postfixThatRefusesUs(t)
	for i, set := range []struct {
		refused string
		reason  judge.Reason
		words   string
		helo    string
		senders []string
	}{
		{"client", judge.ClientBlocked, "Client host rejected: Access denied", realHelloName, nil},
		{"client at once", judge.ClientBlocked, "Client host rejected: Access denied", realHelloName, nil},
		{"hello", judge.ClientBlocked, "Helo command rejected: Access denied", realHelloName, nil},
		{"hello, unknown", judge.ClientBlocked, "Helo command rejected: need fully-qualified hostname", "prober", nil},
		{"sender", judge.SenderRefused, "Sender address rejected: Access denied", realHelloName, []string{"check@probe.test"}},
		{"sender, unknown", judge.SenderRefused, "Sender address rejected: need fully-qualified address", realHelloName, []string{"check@prober"}},
	} {
		t.Run(set.refused, func(t *testing.T) {
			client := fmt.Sprintf("127.0.0.%d", 80+i)
			s := realScanner(t, realZone(at[set.refused], "k.test", "k2.test"), at[set.refused])
			s.Egresses[0].Dial, s.Egresses[0].HelloName, s.Egresses[0].Senders = realFrom(client), set.helo, set.senders
			s.Pace.Conversations = 1 // else there are two before either has been heard out
			var want []realVerdict
			for _, address := range append(numbered("user%03d@k.test", 250), append(numbered("user%03d@k2.test", 250), "ann@k.test", "ann@k2.test")...) {
				want = append(want, realVerdict{address, judge.Unknown, set.reason, judge.CatchAllInconclusive})
			}
			rows := realVerify(t, s, realAddresses(want)...)
			for i, row := range rows.verdicts {
				if row.Verdict != judge.Unknown || row.Reason != set.reason || !strings.Contains(row.Evidence.Text, set.words) {
					t.Fatalf("%s is %s/%s by %q", want[i].Address, row.Verdict, row.Reason, row.Evidence.Text)
				}
			}
			if diff := cmp.Diff(len(want), len(rows.verdicts)); diff != "" {
				t.Error(diff)
			}
			if counts := postfix.conversations(t, client, int(rows.run.Counts.Conversations)); len(counts) != 2 {
				t.Errorf("%d conversations, want two, and no more of a server that refused us in both: %q", len(counts), counts)
			}
		})
	}
}
