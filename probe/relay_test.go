package probe_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtptest"
)

// taken lists the forms that a server took.
func taken(relay probe.Relay) []string {
	var forms []string
	for _, try := range relay.Tries {
		if try.Reply.Code == 250 {
			forms = append(forms, try.To)
		}
	}
	slices.Sort(forms)
	return slices.Compact(forms)
}

func TestRelay(t *testing.T) {
	const to = "mxvet-relay-test@example.org"
	catchAll := map[string]*smtptest.Domain{"mx.example": {CatchAll: true}}
	for _, test := range []struct {
		name      string
		character smtptest.Character
		answer    probe.Answer
		why       string
		tries     int
		taken     []string
	}{
		{"sound", smtptest.Character{Domains: sound()}, probe.No, "", 16, nil},
		{"sound, one at a time", smtptest.Character{Domains: sound(), Pipelining: smtptest.Unoffered}, probe.No, "", 16, nil},
		{"open to all", smtptest.Character{Domains: sound(), Relay: smtptest.RelayOpen}, probe.Yes, "", 16, []string{
			`"mxvet-relay-test@example.org"`, `"mxvet-relay-test@example.org"@[192.0.2.1]`, `"mxvet-relay-test@example.org"@mx.example`,
			"@[192.0.2.1]:" + to, "@mx.example:" + to, "example.org!mxvet-relay-test", "example.org!mxvet-relay-test@[192.0.2.1]", "example.org!mxvet-relay-test@mx.example",
			"mxvet-relay-test%example.org", "mxvet-relay-test%example.org@[192.0.2.1]", "mxvet-relay-test%example.org@mx.example", to}},
		{"obeys source routes", smtptest.Character{Domains: sound(), Relay: smtptest.RelayRoute}, probe.Yes, "", 16, []string{"@[192.0.2.1]:" + to, "@mx.example:" + to}},
		{"obeys the percent hack", smtptest.Character{Domains: sound(), Relay: smtptest.RelayPercent}, probe.Yes, "", 16, []string{
			"mxvet-relay-test%example.org", "mxvet-relay-test%example.org@[192.0.2.1]", "mxvet-relay-test%example.org@mx.example"}},
		{"obeys bang paths", smtptest.Character{Domains: sound(), Relay: smtptest.RelayBang}, probe.Yes, "", 16, []string{
			"example.org!mxvet-relay-test", "example.org!mxvet-relay-test@[192.0.2.1]", "example.org!mxvet-relay-test@mx.example"}},
		{"a catch-all in its own name is no relay", smtptest.Character{Domains: catchAll}, probe.No, "what it took in its own name it takes whatever the mailbox", 16, []string{
			`"mxvet-relay-test@example.org"@mx.example`, "example.org!mxvet-relay-test@mx.example", "mxvet-relay-test%example.org@mx.example"}},
		{"421 in the middle", smtptest.Character{Domains: sound(), RecipientLimit: 5}, probe.Inconclusive, "it was not asked to the end: closing: the server closed the session: 421 \"4.7.0 mx.example Error: too many recipients, try again later\"", 6, nil},
		{"421, but it had said enough", smtptest.Character{Domains: sound(), Relay: smtptest.RelayOpen, RecipientLimit: 5}, probe.Yes, "", 6, []string{"@mx.example:" + to, to}},
		{"hangs up after so many errors", smtptest.Character{Domains: sound(), HangUpAfter: 3}, probe.Inconclusive, "it was not asked to the end: hangup: unexpected EOF", 3, nil},
		{"greylists everybody", smtptest.Character{Replies: map[string]string{"RCPT": "450 4.2.0 Greylisted"}}, probe.Inconclusive, "it greylists us: 4.2.0 Greylisted", 16, nil},
		{"does not like us", smtptest.Character{Domains: sound(), Blocked: smtptest.AtRcpt}, probe.Inconclusive, "it refuses us: 5.7.1 Service unavailable; Client host [198.51.100.1] blocked using dnsbl.example; https://dnsbl.example/query/ip/198.51.100.1", 16, nil},
		{"does not like us at MAIL", smtptest.Character{Domains: sound(), Blocked: smtptest.AtMail}, probe.Inconclusive, "it refuses us: 5.7.1 Service unavailable; Client host [198.51.100.1] blocked using dnsbl.example; https://dnsbl.example/query/ip/198.51.100.1", 16, nil},
		{"takes no sender", smtptest.Character{Domains: sound(), Replies: map[string]string{"MAIL": "553 5.1.8 Sender address rejected"}}, probe.Inconclusive, "it took no sender", 16, nil},
		{"one sender is refused: the others tell", smtptest.Character{Domains: sound(), NullSender: smtptest.AtMail}, probe.No, "", 16, nil},
		{"not so far", smtptest.Character{Greeting: "554 5.7.1 no"}, probe.Inconclusive, "it did not come so far: greeting: 5.7.1 no", 0, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			plan := server(t, test.character)
			plan.Senders = []string{"us@me.example"}
			got := mustTry(t, plan, probe.Options{Relay: true}).Relay
			if got.Answer != test.answer || got.Why != test.why || len(got.Tries) != test.tries {
				t.Errorf("got %s (%s) after %d forms, want %s (%s) after %d", got.Answer, got.Why, len(got.Tries), test.answer, test.why, test.tries)
			}
			if diff := cmp.Diff(test.taken, taken(got)); diff != "" {
				t.Errorf("forms taken, -want +got:\n%s", diff)
			}
		})
	}
}

func TestTheFormsOfTheRelayTest(t *testing.T) {
	plan := server(t, smtptest.Character{Domains: sound()})
	plan.Senders = []string{"us@me.example"}
	var forms []string
	for _, try := range mustTry(t, plan, probe.Options{Relay: true, RelayTo: "ann@else.example"}).Relay.Tries {
		forms = append(forms, try.From+" -> "+try.To)
	}
	want := []string{
		" -> ann@else.example",
		"us@me.example -> ann@else.example",
		"mxvet-no-such-mailbox@else.example -> ann@else.example",
		"mxvet-no-such-mailbox@mx.example -> ann@else.example",
		"us@me.example -> @mx.example:ann@else.example",
		"mxvet-no-such-mailbox@[192.0.2.1] -> ann@else.example",
		"us@me.example -> @[192.0.2.1]:ann@else.example",
		"us@me.example -> ann%else.example@mx.example",
		"us@me.example -> ann%else.example@[192.0.2.1]",
		"us@me.example -> ann%else.example",
		`us@me.example -> "ann@else.example"@mx.example`,
		`us@me.example -> "ann@else.example"@[192.0.2.1]`,
		`us@me.example -> "ann@else.example"`,
		"us@me.example -> else.example!ann@mx.example",
		"us@me.example -> else.example!ann@[192.0.2.1]",
		"us@me.example -> else.example!ann",
	}
	if diff := cmp.Diff(want, forms); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestRecipientsThatDoNotServeTheRelayTest(t *testing.T) {
	for _, to := range []string{"example.org", `"a b"@example.org`, "a%b@example.org", "j\u00fcrgen@example.org", "@example.org"} {
		if got, err := probe.Try(t.Context(), server(t, smtptest.Character{}), probe.Options{Relay: true, RelayTo: to}); err == nil || got != nil {
			t.Errorf("%s is taken: %+v", to, got)
		}
	}
}

// Exim hangs up at the fourth fault of syntax, and takes literals for one.
func TestFormsThatAServerTakesForFaultsArePutOnce(t *testing.T) {
	plan := script(t, `
		S: 220 mx.example ESMTP Exim 4.96
		C: EHLO me.example
		S: 250 mx.example
		C: MAIL FROM:<>
		S: 250 OK
		C: RCPT TO:<ann@else.example>
		S: 550 relay not permitted
		C: RSET
		S: 250 Reset OK
		C: MAIL FROM:<mxvet-no-such-mailbox@else.example>
		S: 250 OK
		C: RCPT TO:<ann@else.example>
		S: 550 relay not permitted
		C: RSET
		S: 250 Reset OK
		C: MAIL FROM:<mxvet-no-such-mailbox@[IPv6:2001:db8::1]>
		S: 501 <mxvet-no-such-mailbox@[IPv6:2001:db8::1]>: domain literals not allowed
		C: RSET
		S: 250 Reset OK
		C: MAIL FROM:<>
		S: 250 OK
		C: RCPT TO:<ann%else.example>
		S: 501 <ann%else.example>: recipient address must contain a domain
		C: QUIT
		S: 221 bye
		X:`)
	plan.Host, plan.Addr = "", netip.MustParseAddrPort("[2001:db8::1]:25")
	got := mustTry(t, plan, probe.Options{Relay: true, RelayTo: "ann@else.example"}).Relay
	if got.Answer != probe.No || got.Why != "" || len(got.Tries) != 4 {
		t.Errorf("got %s (%s) after %d forms", got.Answer, got.Why, len(got.Tries))
	}
}
