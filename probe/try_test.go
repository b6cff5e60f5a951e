package probe_test

import (
	"context"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtptest"
)

// sound takes mail for one mailbox, and for nobody elsewhere.
func sound() map[string]*smtptest.Domain {
	return map[string]*smtptest.Domain{"mx.example": {Mailboxes: map[string]smtptest.Mailbox{"ann": {}}}}
}

func mustTry(t *testing.T, plan probe.Plan, options probe.Options) *probe.Conduct {
	t.Helper()
	got, err := probe.Try(t.Context(), plan, options)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func trial(answer probe.Answer, why string, code int, text string) probe.Trial {
	made := probe.Trial{Answer: answer, Why: why}
	if code != 0 {
		made.Reply = &probe.Said{Code: code, Text: text}
	}
	return made
}

func TestIsStartTLSEnforced(t *testing.T) {
	for _, test := range []struct {
		name      string
		character smtptest.Character
		want      probe.Trial
	}{
		{"it is", smtptest.Character{RequireTLS: true}, trial(probe.Yes, "", 530, "5.7.0 Must issue a STARTTLS command first")},
		{"mail in clear is taken", smtptest.Character{}, trial(probe.No, "", 250, "2.1.0 Ok")},
		{"nothing to enforce", smtptest.Character{StartTLS: smtptest.TLSNone}, trial(probe.Inconclusive, "STARTTLS is not offered", 0, "")},
		{"a login comes first", smtptest.Character{RequireAuth: true}, trial(probe.Inconclusive, "it wants a login before it says what it thinks of clear text", 530, "5.7.0 Authentication required")},
		{"the sender is not liked", smtptest.Character{NullSender: smtptest.AtMail}, trial(probe.Inconclusive, "it refuses for another reason", 550, "5.7.1 <>: Sender address rejected: the null sender is not accepted here")},
		{"we are not liked", smtptest.Character{Blocked: smtptest.AtMail}, trial(probe.Inconclusive, "it refuses us", 550, "5.7.1 Service unavailable; Client host [198.51.100.1] blocked using dnsbl.example; https://dnsbl.example/query/ip/198.51.100.1")},
		{"not now", smtptest.Character{Replies: map[string]string{"MAIL": "451 4.3.0 Temporary lookup failure"}}, trial(probe.Inconclusive, "it says not now", 451, "4.3.0 Temporary lookup failure")},
		{"greylisted", smtptest.Character{Replies: map[string]string{"MAIL": "450 4.2.0 Greylisted, try again in 60 seconds"}}, trial(probe.Inconclusive, "it greylists us", 450, "4.2.0 Greylisted, try again in 60 seconds")},
		{"too much of us", smtptest.Character{Replies: map[string]string{"MAIL": "421 4.7.0 mx.example Error: too many connections"}}, trial(probe.Inconclusive, "it closed the session", 421, "4.7.0 mx.example Error: too many connections")},
		{"not so far", smtptest.Character{Greeting: "554 5.7.1 no"}, trial(probe.Inconclusive, "it did not come so far: greeting: 5.7.1 no", 554, "5.7.1 no")},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := mustTry(t, server(t, test.character), probe.Options{Enforced: true})
			if diff := cmp.Diff(&probe.Conduct{Enforced: test.want}, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestAServerThatFallsSilentIsInconclusive(t *testing.T) {
	const greeted = "S: 220 mx.example\nC: EHLO me.example\nS: 250-mx.example\nS: 250 STARTTLS\n"
	for _, test := range []struct {
		name, script string
		options      probe.Options
		of           func(*probe.Conduct) probe.Trial
		why          string
	}{
		{"at MAIL", greeted + "C: MAIL FROM:<>\nW: 1h", probe.Options{Enforced: true}, func(c *probe.Conduct) probe.Trial { return c.Enforced },
			"timeout: no answer within 45s (RFC 5321 s4.5.3.2.2 would wait 5m0s)"},
		{"at the bare LF and at the rest of its line", greeted + "C~ NOOP\\n\nW: 1h", probe.Options{BareLF: true}, func(c *probe.Conduct) probe.Trial { return c.BareLF },
			"timeout: no answer within 45s"},
		{"at STARTTLS and what stands behind it", greeted + "C: STARTTLS\nC: NOOP\nW: 1h", probe.Options{Injection: true}, func(c *probe.Conduct) probe.Trial { return c.Injection },
			"timeout: no answer within 45s"},
		{"hangs up", greeted + "C: STARTTLS\nC: NOOP\nX:", probe.Options{Injection: true}, func(c *probe.Conduct) probe.Trial { return c.Injection },
			"hangup: unexpected EOF"},
		{"hangs up at the bare LF", greeted + "C~ NOOP\\n\nX:", probe.Options{BareLF: true}, func(c *probe.Conduct) probe.Trial { return c.BareLF },
			"hangup: unexpected EOF"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := test.of(mustTry(t, script(t, test.script), test.options))
				if diff := cmp.Diff(trial(probe.Inconclusive, test.why, 0, ""), got); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		})
	}
}

func TestPlaintextInjection(t *testing.T) {
	for _, test := range []struct {
		name      string
		character smtptest.Character
		answer    probe.Answer
		why       string
		reply     *probe.Said
	}{
		{"obeyed inside TLS", smtptest.Character{Injectable: true}, probe.Yes, "", &probe.Said{Code: 250, Text: "2.0.0 Ok"}},
		{"dropped", smtptest.Character{Without: []string{"SIZE", "VRFY", "ETRN", "ENHANCEDSTATUSCODES", "8BITMIME", "DSN", "SMTPUTF8", "CHUNKING"}}, probe.No, "", &probe.Said{Code: 250, Text: "mx.example\nPIPELINING"}},
		{"Exim hears two commands at once", smtptest.Character{Pipelining: smtptest.Synchronization}, probe.No, "it refuses STARTTLS with something behind it", &probe.Said{Code: 554, Text: "SMTP synchronization error"}},
		{"nothing to inject behind", smtptest.Character{StartTLS: smtptest.TLSNone}, probe.Inconclusive, "STARTTLS is not offered", nil},
		{"STARTTLS is put off", smtptest.Character{StartTLS: smtptest.TLSRefused}, probe.Inconclusive, "it says not now", &probe.Said{Code: 454, Text: "4.7.0 TLS not available due to local problem"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := mustTry(t, server(t, test.character), probe.Options{Injection: true}).Injection
			if diff := cmp.Diff(probe.Trial{Answer: test.answer, Why: test.why, Reply: test.reply}, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	// The words with which these end depend on who is quicker.
	for _, test := range []struct {
		name      string
		character smtptest.Character
	}{
		{"taken for a part of the handshake", smtptest.Character{StartTLS: smtptest.TLSBroken}},
		{"refused inside", smtptest.Character{Injectable: true, Replies: map[string]string{"NOOP": "421 4.7.0 enough"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := mustTry(t, server(t, test.character), probe.Options{Injection: true}).Injection
			if got.Answer != probe.Inconclusive || got.Why == "" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestBareLF(t *testing.T) {
	for _, test := range []struct {
		name      string
		character smtptest.Character
		want      probe.Trial
	}{
		{"it ends a line", smtptest.Character{}, trial(probe.Yes, "", 250, "2.0.0 Ok")},
		{"inside TLS too", smtptest.Character{StartTLS: implicit}, trial(probe.Yes, "", 250, "2.0.0 Ok")},
		{"it is part of the line", smtptest.Character{LineEnd: smtptest.LFIgnored}, trial(probe.No, "it waited for CR and LF", 500, "5.5.2 Error: command not recognized")},
		{"it is refused", smtptest.Character{LineEnd: smtptest.LFRefused}, trial(probe.No, "it refuses the line", 521, "5.5.2 mx.example Error: bare <LF> received")},
		{"too much of us", smtptest.Character{Replies: map[string]string{"NOOP": "421 4.7.0 enough"}}, trial(probe.Inconclusive, "it closed the session", 421, "4.7.0 enough")},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				plan := server(t, test.character)
				if test.character.StartTLS == implicit {
					plan.Security = probe.Implicit
				}
				if diff := cmp.Diff(test.want, mustTry(t, plan, probe.Options{BareLF: true}).BareLF); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		})
	}
}

func TestSubmissionWantsALogin(t *testing.T) {
	for _, test := range []struct {
		name      string
		port      uint16
		character smtptest.Character
		want      probe.Trial
	}{
		{"at MAIL", 587, smtptest.Character{RequireAuth: true, AuthTLS: []string{"PLAIN"}}, trial(probe.Yes, "", 530, "5.7.0 Authentication required")},
		{"at RCPT", 587, smtptest.Character{Domains: sound()}, trial(probe.Yes, "", 554, "5.7.1 <mxvet-relay-test@example.org>: Relay access denied")},
		{"Postfix's submission port", 587, smtptest.Character{Replies: map[string]string{"RCPT": "554 5.7.1 <unknown[198.51.100.1]>: Client host rejected: Access denied"}},
			trial(probe.Yes, "", 554, "5.7.1 <unknown[198.51.100.1]>: Client host rejected: Access denied")},
		{"not at all", 587, smtptest.Character{}, trial(probe.No, "", 250, "2.1.5 Ok")},
		{"from the first octet", 465, smtptest.Character{StartTLS: implicit}, trial(probe.No, "", 250, "2.1.5 Ok")},
		{"we are not liked", 587, smtptest.Character{Blocked: smtptest.AtRcpt}, trial(probe.Inconclusive, "it refuses us", 550, "5.7.1 Service unavailable; Client host [198.51.100.1] blocked using dnsbl.example; https://dnsbl.example/query/ip/198.51.100.1")},
		{"greylisted", 587, smtptest.Character{Replies: map[string]string{"RCPT": "450 4.2.0 Greylisted"}}, trial(probe.Inconclusive, "it greylists us", 450, "4.2.0 Greylisted")},
		{"not a submission port", 25, smtptest.Character{}, probe.Trial{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			plan := addressed(server(t, test.character), test.port)
			if test.character.StartTLS == implicit {
				plan.Security = probe.Implicit
			}
			if diff := cmp.Diff(test.want, mustTry(t, plan, probe.Options{SubmitAuth: true}).SubmitAuth); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestWhatTryingCosts(t *testing.T) {
	all := probe.Options{Enforced: true, Injection: true, BareLF: true, NTLM: true, SubmitAuth: true, Relay: true}
	for _, test := range []struct {
		name    string
		options probe.Options
		want    int
	}{
		{"nothing", probe.Options{}, 0},
		{"one", probe.Options{Relay: true, RelayTo: "ann@example.net"}, 1},
		{"everything", all, 6},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &smtptest.Server{Character: smtptest.Character{Domains: sound()}}
				plan := addressed(swept(t, s, probe.Opportunistic), 587)
				dial, start := plan.Dial, time.Now()
				var at []time.Duration
				plan.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
					at = append(at, time.Since(start))
					return dial(ctx, network, address)
				}
				mustTry(t, plan, test.options)
				if told := probe.Connections(test.options); told != test.want || len(at) != test.want {
					t.Errorf("%d connections told and %d made, want %d", told, len(at), test.want)
				}
				for i, when := range at {
					if when != time.Duration(i)*time.Second {
						t.Errorf("connection %d after %v", i+1, when)
					}
				}
				synctest.Wait()
				if stats := s.Stats(); stats.Commands["DATA"] != 0 || stats.Commands["BDAT"] != 0 || stats.Messages != 0 {
					t.Errorf("it went as far as a message: %v", stats.Commands)
				}
			})
		})
	}
}

func TestTryingThatIsCalledOff(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got, err := probe.Try(ctx, server(t, smtptest.Character{}), probe.Options{Enforced: true, Injection: true, NTLM: true, Relay: true})
	want := &probe.Conduct{Enforced: trial(probe.Inconclusive, "context canceled", 0, ""), Injection: trial(probe.Inconclusive, "context canceled", 0, ""),
		Relay: probe.Relay{Answer: probe.Inconclusive, Why: "context canceled"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
}
