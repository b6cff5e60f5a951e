package probe_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/smtptest"
)

const (
	pipelining = `
		S: 220 mx.example ESMTP
		C: EHLO me.example
		S: 250-mx.example
		S: 250 PIPELINING
	`
	lockStep = `
		S: 220 mx.example ESMTP
		C: EHLO me.example
		S: 250 mx.example
	`
	// threeTogether asks for three mailboxes; the replies follow.
	threeTogether = pipelining + `
		C: MAIL FROM:<>
		C| RCPT TO:<a@mx.example>
		C| RCPT TO:<b@mx.example>
		C| RCPT TO:<c@mx.example>
	`
	three = "a@mx.example b@mx.example c@mx.example"
)

func TestAsk(t *testing.T) {
	for _, test := range []struct {
		name, script, mailboxes string
		want                    []string
	}{
		{"accepted", lockStep + `
			C: MAIL FROM:<>
			S: 250 ok
			C: RCPT TO:<a@mx.example>
			S: 250 2.1.5 ok`, "a@mx.example",
			[]string{"rcpt 250 2.1.5 mailbox_exists"}},
		{"unknown", lockStep + `
			C: MAIL FROM:<>
			S: 250 ok
			C: RCPT TO:<a@mx.example>
			S: 550 5.1.1 <a@mx.example>: Recipient address rejected: User unknown`, "a@mx.example",
			[]string{"rcpt 550 5.1.1 user_unknown"}},
		{"PIPELINING offered: all in one write", threeTogether + `
			S: 250 2.1.0 ok
			S: 250 2.1.5 ok
			S: 550 5.1.1 user unknown
			S: 452 4.2.2 mailbox full`, three,
			[]string{"rcpt 250 2.1.5 mailbox_exists", "rcpt 550 5.1.1 user_unknown", "rcpt 452 4.2.2 mailbox_full"}},
		{"PIPELINING not offered: one after the other's reply", lockStep + `
			C: MAIL FROM:<>
			S: 250 ok
			C: RCPT TO:<a@mx.example>
			S: 250 2.1.5 ok
			C: RCPT TO:<b@mx.example>
			S: 550 5.1.1 user unknown
			C: RCPT TO:<c@mx.example>
			S: 452 4.2.2 mailbox full`, three,
			[]string{"rcpt 250 2.1.5 mailbox_exists", "rcpt 550 5.1.1 user_unknown", "rcpt 452 4.2.2 mailbox_full"}},
		{"MAIL refused: the RCPTs are not sent", lockStep + `
			C: MAIL FROM:<>
			S: 550 5.7.1 Client host [198.51.100.1] blocked using dnsbl.example`, three,
			[]string{"mail 550 5.7.1 blocked_client", "mail 550 5.7.1 blocked_client", "mail 550 5.7.1 blocked_client"}},
		{"MAIL refused in a group: what the RCPTs behind it are told is not about them", threeTogether + `
			S: 451 4.3.0 try again later
			S: 503 5.5.1 need MAIL
			S: 503 5.5.1 need MAIL
			S: 503 5.5.1 need MAIL`, three,
			[]string{"mail 451 4.3.0 system_error", "mail 451 4.3.0 system_error", "mail 451 4.3.0 system_error"}},
		{"quoted on the wire", lockStep + `
			C: MAIL FROM:<>
			S: 250 ok
			C: RCPT TO:<"ann>lee\"\\"@mx.example>
			S: 250 ok`, `"ann>lee\"\\"@mx.example`,
			[]string{"rcpt 250 mailbox_exists"}},
		{"a domain of another script goes as A-labels", lockStep + `
			C: MAIL FROM:<>
			S: 250 ok
			C: RCPT TO:<ann@xn--bcher-kva.example>
			S: 250 ok`, "ann@b\u00fccher.example",
			[]string{"rcpt 250 mailbox_exists"}},
		{"nothing to ask", lockStep, "", []string{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			session := mustOpen(t, script(t, test.script))
			outcomes, err := session.Ask(t.Context(), asked(t, test.mailboxes))
			if err != nil {
				t.Fatal(err)
			}
			wantOutcomes(t, outcomes, test.want...)
			if answered := session.Answered(); answered != len(test.want) {
				t.Errorf("%d questions were answered, want %d", answered, len(test.want))
			}
		})
	}
}

func TestAnOutcomeSaysWhoWasAskedWhenAndHow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plan := script(t, lockStep+`
			C: MAIL FROM:<me@me.example>
			S: 250 ok
			C: RCPT TO:<nobody-x7@mx.example>
			W: 3s
			S: 550-5.1.1 no such user
			S: 550 5.1.1 here
		`)
		plan.Senders = []string{"me@me.example"}
		session := mustOpen(t, plan)
		outcomes, err := session.Ask(t.Context(), []probe.Question{{Kind: probe.RandomKind, Mailbox: mailbox(t, "nobody-x7@mx.example")}})
		if err != nil {
			t.Fatal(err)
		}
		want := probe.Outcome{
			Kind: probe.RandomKind, At: time.Now(), Stage: smtp.Rcpt, Host: "mx.example", IP: plan.Addr.Addr(), Port: 25,
			Code: 550, Enhanced: "5.1.1", Text: "5.1.1 no such user\n5.1.1 here", Meaning: reply.UserUnknown, Rule: outcomes[0].Rule, Sender: "me@me.example",
		}
		if outcomes[0] != want || want.Rule == "" {
			t.Errorf("got %+v, want %+v", outcomes[0], want)
		}
	})
}

func TestASecondBatchBeginsWithRSET(t *testing.T) {
	for _, test := range []struct{ name, script string }{
		{"together", pipelining + `
			C: MAIL FROM:<>
			C| RCPT TO:<a@mx.example>
			S: 250 ok
			S: 250 ok
			C: RSET
			C| MAIL FROM:<>
			C| RCPT TO:<b@other.example>
			S: 250 ok
			S: 250 ok
			S: 550 5.1.1 user unknown`},
		{"one by one", lockStep + `
			C: MAIL FROM:<>
			S: 250 ok
			C: RCPT TO:<a@mx.example>
			S: 250 ok
			C: RSET
			S: 250 ok
			C: MAIL FROM:<>
			S: 250 ok
			C: RCPT TO:<b@other.example>
			S: 550 5.1.1 user unknown`},
	} {
		t.Run(test.name, func(t *testing.T) {
			session := mustOpen(t, script(t, test.script))
			first, err := session.Ask(t.Context(), asked(t, "a@mx.example"))
			if err != nil {
				t.Fatal(err)
			}
			wantOutcomes(t, first, "rcpt 250 mailbox_exists")
			second, err := session.Ask(t.Context(), asked(t, "b@other.example"))
			if err != nil {
				t.Fatal(err)
			}
			wantOutcomes(t, second, "rcpt 550 5.1.1 user_unknown")
			if session.Answered() != 2 || session.Commands() != 6 {
				t.Errorf("%d answered, %d commands; want 2 and 6", session.Answered(), session.Commands())
			}
		})
	}
}

func TestLockStepWhereThePlanSaysSo(t *testing.T) {
	plan := server(t, smtptest.Character{Pipelining: smtptest.Lying, StartTLS: smtptest.TLSNone})
	plan.LockStep = true
	session := mustOpen(t, plan)
	defer session.Close()
	outcomes, err := session.Ask(t.Context(), asked(t, three))
	if err != nil {
		t.Fatal(err)
	}
	const exists = "rcpt 250 2.1.5 mailbox_exists"
	wantOutcomes(t, outcomes, exists, exists, exists)
	if session.Commands() != 5 {
		t.Errorf("%d commands, want 5", session.Commands())
	}
}

func TestCommandsAreCountedWhereTheyWereSent(t *testing.T) {
	for _, test := range []struct {
		name     string
		lockStep bool
		want     int
	}{
		{"together: EHLO, MAIL and three RCPT", false, 5},
		{"in lock-step: EHLO and the MAIL that was refused", true, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			plan := server(t, smtptest.Character{Blocked: smtptest.AtMail, StartTLS: smtptest.TLSNone})
			plan.LockStep = test.lockStep
			session := mustOpen(t, plan)
			defer session.Close()
			if _, err := session.Ask(t.Context(), asked(t, three)); err != nil {
				t.Fatal(err)
			}
			if session.Commands() != test.want {
				t.Errorf("%d commands, want %d", session.Commands(), test.want)
			}
		})
	}
}

func TestMailboxesThatNeedSMTPUTF8(t *testing.T) {
	const mailboxes = "a@mx.example j\u00f6rg@mx.example"
	t.Run("offered: MAIL says so", func(t *testing.T) {
		session := mustOpen(t, script(t, `
			S: 220 mx.example
			C: EHLO me.example
			S: 250-mx.example
			S: 250-SMTPUTF8
			S: 250 VRFY
			C: MAIL FROM:<> SMTPUTF8
			S: 250 ok
			C: RCPT TO:<a@mx.example>
			S: 250 ok
			C: RCPT TO:<j`+"\u00f6"+`rg@mx.example>
			S: 550 5.1.1 user unknown
			C: VRFY j`+"\u00f6"+`rg@mx.example SMTPUTF8
			S: 252 2.0.0 try
			C: RSET
			S: 250 ok
			C: MAIL FROM:<>
			S: 250 ok
			C: RCPT TO:<a@mx.example>
			S: 250 ok
		`))
		questions := asked(t, mailboxes)
		questions = append(questions, probe.Question{Kind: probe.VrfyKind, Mailbox: questions[1].Mailbox})
		outcomes, err := session.Ask(t.Context(), questions)
		if err != nil {
			t.Fatal(err)
		}
		wantOutcomes(t, outcomes, "rcpt 250 mailbox_exists", "rcpt 550 5.1.1 user_unknown", "vrfy 252 2.0.0 other")
		if _, err := session.Ask(t.Context(), asked(t, "a@mx.example")); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("not offered: not asked, which is a fact", func(t *testing.T) {
		session := mustOpen(t, script(t, lockStep+`
			C: MAIL FROM:<>
			S: 250 ok
			C: RCPT TO:<a@mx.example>
			S: 250 ok
		`))
		outcomes, err := session.Ask(t.Context(), asked(t, mailboxes))
		if err != nil {
			t.Fatal(err)
		}
		wantOutcomes(t, outcomes, "rcpt 250 mailbox_exists", "hello unsupported")
		if o := outcomes[1]; o.Rule != probe.RuleNoSMTPUTF8 || o.Answered() || o.Kind != probe.AddressKind || o.Text == "" {
			t.Errorf("got %+v", o)
		}
	})
}

func TestVrfy(t *testing.T) {
	for _, test := range []struct{ name, reply, want string }{
		{"exists", "250 2.1.5 Ann Lee <ann@mx.example>", "vrfy 250 2.1.5 mailbox_exists"},
		{"unknown", "550 5.1.1 <ann@mx.example>: User unknown", "vrfy 550 5.1.1 user_unknown"},
		{"will not say", "252 2.0.0 ann@mx.example", "vrfy 252 2.0.0 other"},
		{"disabled", "502 5.5.1 VRFY command is disabled", "vrfy 502 5.5.1 unsupported"},
	} {
		t.Run(test.name, func(t *testing.T) {
			plan := script(t, lockStep+"C: VRFY ann@mx.example\nS: "+test.reply)
			plan.Senders = []string{"me@me.example"}
			session := mustOpen(t, plan)
			outcomes, err := session.Ask(t.Context(), []probe.Question{{Kind: probe.VrfyKind, Mailbox: mailbox(t, "ann@mx.example")}})
			if err != nil {
				t.Fatal(err)
			}
			wantOutcomes(t, outcomes, test.want)
			if outcomes[0].Kind != probe.VrfyKind {
				t.Errorf("kind %q", outcomes[0].Kind)
			}
		})
	}
}

func TestVrfyComesAfterTheTransactionAndOneAtATime(t *testing.T) {
	session := mustOpen(t, script(t, pipelining+`
		C: MAIL FROM:<>
		C| RCPT TO:<b@mx.example>
		S: 250 ok
		S: 250 ok
		C: VRFY a@mx.example
		S: 550 5.1.1 user unknown
		C: VRFY nobody-x7@mx.example
		S: 550 5.1.1 user unknown
	`))
	outcomes, err := session.Ask(t.Context(), []probe.Question{
		{Kind: probe.VrfyKind, Mailbox: mailbox(t, "a@mx.example")},
		{Kind: probe.AddressKind, Mailbox: mailbox(t, "b@mx.example")},
		{Kind: probe.RandomKind, Mailbox: mailbox(t, "nobody-x7@mx.example"), Vrfy: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	wantOutcomes(t, outcomes, "vrfy 550 5.1.1 user_unknown", "rcpt 250 mailbox_exists", "vrfy 550 5.1.1 user_unknown")
	if outcomes[2].Kind != probe.RandomKind {
		t.Errorf("kind %q, want random", outcomes[2].Kind)
	}
}

func TestHostileText(t *testing.T) {
	for _, test := range []struct {
		name, reply, want string
		text              func(string) bool
	}{
		{"no UTF-8", `S< 550 5.1.1 user unknown: M\xfcller\r\n`, "rcpt 550 5.1.1 user_unknown",
			func(text string) bool { return text == "5.1.1 user unknown: M\uFFFDller" }},
		{"controls stay, escaping is for those who print", `S< 550 5.1.1 user unknown \x1b[2J\x00\r\n`, "rcpt 550 5.1.1 user_unknown",
			func(text string) bool { return text == "5.1.1 user unknown \x1b[2J\x00" }},
		{"a hundred long lines: the beginning is kept",
			"S: 550-user unknown\n" + strings.Repeat("S: 550-"+strings.Repeat("\u00e4", 250)+"\n", 100) + "S: 550 bye", "rcpt 550 user_unknown",
			func(text string) bool {
				return len(text) > 4000 && len(text) <= 4<<10+len(" [cut]") && strings.HasSuffix(text, "\u00e4 [cut]")
			}},
		{"an endless line: what stands behind 4 KiB is dropped", "S: 550 user unknown " + strings.Repeat("x", 60<<10), "rcpt 550 user_unknown",
			func(text string) bool { return len(text) > 4000 && len(text) <= 4<<10 }},
	} {
		t.Run(test.name, func(t *testing.T) {
			session := mustOpen(t, script(t, lockStep+"C: MAIL FROM:<>\nS: 250 ok\nC: RCPT TO:<a@mx.example>\n"+test.reply))
			outcomes, err := session.Ask(t.Context(), asked(t, "a@mx.example"))
			if err != nil {
				t.Fatal(err)
			}
			wantOutcomes(t, outcomes, test.want)
			if !test.text(outcomes[0].Text) {
				t.Errorf("%d octets: %.200q", len(outcomes[0].Text), outcomes[0].Text)
			}
		})
	}
}

func TestAServerThatNeverStopsTalking(t *testing.T) {
	for _, test := range []struct{ name, reply string }{
		{"too many lines", strings.Repeat("S: 550-no\n", 200)},
		{"too many octets", strings.Repeat("S< 550-"+strings.Repeat(`\xff`, 1000)+`\r\n`+"\n", 100)},
	} {
		t.Run(test.name, func(t *testing.T) {
			session := mustOpen(t, script(t, lockStep+"C: MAIL FROM:<>\nS: 250 ok\nC: RCPT TO:<a@mx.example>\n"+test.reply))
			outcomes, err := session.Ask(t.Context(), asked(t, "a@mx.example b@mx.example"))
			wantFailure(t, failure(t, err), "rcpt protocol network_error")
			wantOutcomes(t, outcomes, "rcpt protocol network_error", "-")
			if text := outcomes[0].Text; len(text) > 4<<10+len(" [cut]") || text != strings.ToValidUTF8(text, "") {
				t.Errorf("%d octets: %.200q", len(text), text)
			}
		})
	}
}

func TestQuestionsOfOneBatchAnswerInTheirOrder(t *testing.T) {
	plan := server(t, smtptest.Character{Domains: map[string]*smtptest.Domain{"mx.example": {Mailboxes: map[string]smtptest.Mailbox{
		"ann": {}, "full": {State: smtptest.Full}, "gone": {State: smtptest.Moved, Moved: "x@y.example"}, "off": {State: smtptest.Disabled}, "fwd": {State: smtptest.Forwarded, Moved: "x@y.example"},
	}}}})
	session := mustOpen(t, plan)
	defer session.Close()
	outcomes, err := session.Ask(t.Context(), asked(t, "off@mx.example nobody@mx.example ann@mx.example full@mx.example ann@elsewhere.example gone@mx.example fwd@mx.example"))
	if err != nil {
		t.Fatal(err)
	}
	wantOutcomes(t, outcomes, "rcpt 550 5.2.1 mailbox_disabled", "rcpt 550 5.1.1 user_unknown", "rcpt 250 2.1.5 mailbox_exists", "rcpt 452 4.2.2 mailbox_full",
		"rcpt 554 5.7.1 relay_denied", "rcpt 551 5.1.6 mailbox_moved", "rcpt 251 2.1.5 mailbox_exists")
	var tls []bool
	for _, o := range outcomes {
		tls = append(tls, o.TLS)
	}
	if diff := cmp.Diff([]bool{true, true, true, true, true, true, true}, tls); diff != "" {
		t.Errorf("tls, -want +got:\n%s", diff)
	}
}
