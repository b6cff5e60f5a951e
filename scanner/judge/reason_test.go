package judge

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// closedList is the vocabulary that programs rely on: a row is a reason with
// the verdict it belongs to and who is to blame.
const closedList = `
accepted              deliverable    recipient
forwarded             deliverable    recipient
bad_syntax            undeliverable  recipient
mailbox_unknown       undeliverable  recipient
mailbox_disabled      undeliverable  recipient
mailbox_moved         undeliverable  recipient
no_domain             undeliverable  domain
no_mail               undeliverable  domain
bad_mx                undeliverable  domain
domain_not_served     undeliverable  domain
smtputf8_unsupported  undeliverable  domain
catch_all             risky          recipient
mailbox_full          risky          recipient
greylisted            unknown        server
rate_limited          unknown        server
server_error          unknown        server
auth_required         unknown        server
tls_required          unknown        server
cannot_verify         unknown        server
refused_by_policy     unknown        server
client_blocked        unknown        us
sender_refused        unknown        us
dns_error             unknown        network
unreachable           unknown        network
timeout               unknown        network
interrupted           unknown        us
not_checked           unknown        us
excluded              unknown        us
harvest_guard         unknown        us
`

func TestReasonsAreTheClosedList(t *testing.T) {
	var want, got []string
	for line := range strings.Lines(strings.TrimSpace(closedList)) {
		want = append(want, strings.Join(strings.Fields(line), " "))
	}
	for _, info := range Reasons() {
		got = append(got, string(info.Reason)+" "+string(info.Word)+" "+string(info.Blame))
		if info.Meaning == "" || strings.ToLower(info.Meaning[:1]) != info.Meaning[:1] && !strings.HasPrefix(info.Meaning, "DNS") {
			t.Errorf("%s: %q is no clause for a person", info.Reason, info.Meaning)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Reasons() (-closed list +got):\n%s", diff)
	}
}

func TestInfo(t *testing.T) {
	for _, info := range Reasons() {
		if diff := cmp.Diff(info, info.Reason.Info()); diff != "" {
			t.Errorf("%s.Info() (-want +got):\n%s", info.Reason, diff)
		}
		if !slices.Contains(Words[:], info.Word) {
			t.Errorf("%s: %q is no verdict", info.Reason, info.Word)
		}
	}
	if got := Reason("out_of_office").Info(); got != (ReasonInfo{}) {
		t.Errorf("a reason outside the list stands for %+v", got)
	}
}
