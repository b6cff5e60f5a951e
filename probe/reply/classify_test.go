package reply

import (
	_ "embed"
	"slices"
	"strings"
	"testing"

	"github.com/mxvet/mxvet/probe/smtp"
)

//go:embed testdata/specimens.txt
var specimensText string

type specimen struct {
	rule     Rule
	stage    smtp.Stage
	provider string
	text     string
	reply    smtp.Reply
}

func specimens(tb testing.TB) []specimen {
	tb.Helper()
	var all []specimen
	for line := range strings.SplitSeq(strings.TrimSpace(specimensText), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cols := strings.SplitN(line, " |", 3)
		if len(cols) != 3 {
			tb.Fatalf("specimen %q: want rule | stage | reply", line)
		}
		text := strings.ReplaceAll(strings.TrimSpace(cols[2]), `\n`, "\n")
		r, err := ParseReply(text)
		if err != nil && text != "" {
			tb.Fatalf("specimen %q: %v", line, err)
		}
		stage, provider, _ := strings.Cut(strings.TrimSpace(cols[1]), "@")
		all = append(all, specimen{Rule(cols[0]), smtp.Stage(stage), provider, text, r})
	}
	return all
}

func TestEverySpecimenIsReadByItsRule(t *testing.T) {
	for _, s := range specimens(t) {
		if _, rule := Classify(s.stage, s.provider, s.reply); rule != s.rule {
			t.Errorf("%s at %s: read by %s, want %s", s.text, s.stage, rule, s.rule)
		}
	}
}

func TestEveryRuleIsReached(t *testing.T) {
	reached := map[Rule]bool{}
	for _, s := range specimens(t) {
		_, rule := Classify(s.stage, s.provider, s.reply)
		reached[rule] = true
	}
	for _, info := range Rules() {
		if !reached[info.Name] {
			t.Errorf("no specimen reaches %s: it is shadowed, or wants a specimen", info.Name)
		}
	}
}

func TestNamedRulesStandInTheTable(t *testing.T) {
	for _, name := range []Rule{Forwards, CannotVerify, OneDomainATime, TooManyRecipients, TooManyRecipientsCode, ReceivingRate, ReceivingRateCode, AmbiguousUnavailable, HostTakesNoMail} {
		if !slices.ContainsFunc(Rules(), func(i RuleInfo) bool { return i.Name == name }) {
			t.Errorf("rule %s is named in Go and not in the table", name)
		}
	}
}

func TestSameWordsElsewhereMeanOtherThings(t *testing.T) {
	for name, row := range map[string]struct {
		stage smtp.Stage
		text  string
		want  Meaning
	}{
		"user unknown at MAIL is about the sender":        {smtp.Mail, "550 5.1.1 User unknown", SenderRejected},
		"user unknown at the greeting is about nobody":    {smtp.Greeting, "554 5.1.1 User unknown", BlockedClient},
		"user unknown at RCPT is the mailbox":             {smtp.Rcpt, "550 5.1.1 User unknown", UserUnknown},
		"user unknown at DATA still is":                   {smtp.Data, "550 5.1.1 User unknown", UserUnknown},
		"quota at the greeting is not the mailbox's":      {smtp.Greeting, "452 4.2.2 over quota", SystemError},
		"client rejected at RCPT is about us":             {smtp.Rcpt, "550 5.1.1 Client host rejected: user unknown", BlockedClient},
		"450 mailbox unavailable is busy":                 {smtp.Rcpt, "450 Action not taken: mailbox unavailable", SystemError},
		"550 mailbox unavailable is unknown":              {smtp.Rcpt, "550 Requested action not taken: mailbox unavailable", UserUnknown},
		"disk full is not mailbox full":                   {smtp.Rcpt, "452 4.3.1 Insufficient disk space on this system", SystemError},
		"5.1.1 with a full mailbox is full":               {smtp.Rcpt, "552 5.1.1 mailbox full", MailboxFull},
		"5.7.1 with no such user is unknown":              {smtp.Rcpt, "550 5.7.1 no such user", UserUnknown},
		"251 to VRFY exists":                              {smtp.Vrfy, "251 forwarding", MailboxExists},
		"250 to DATA tells nothing of a mailbox":          {smtp.Data, "250 queued", Other},
		"521 to a connection does not condemn an address": {smtp.Greeting, "521 this host does not accept mail", PolicyOther},
		"521 to RCPT is the domain":                       {smtp.Rcpt, "521 this host does not accept mail", DomainNotAccepted},
		"HELO name that does not exist is ours":           {smtp.Rcpt, "550 HELO name does not exist", PolicyOther},
		"an address that is ours":                         {smtp.Rcpt, "553 Your email address is not valid", PolicyOther},
		"too many unknown users is a rate":                {smtp.Rcpt, "550 Too many unknown users from your host", RateLimited},
		"unknown user at AUTH is a login":                 {smtp.Rcpt, "535 user unknown or wrong password", AuthRequired},
		"an attachment the recipient does not take":       {smtp.Rcpt, "550 Recipient does not accept mail with attachments", PolicyOther},
		"an enhanced code nobody registered":              {smtp.Rcpt, "550 5.99.99 x", PolicyOther},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := ParseReply(row.text)
			if err != nil {
				t.Fatal(err)
			}
			if got, rule := Classify(row.stage, "", r); got != row.want {
				t.Errorf("%s by %s, want %s", got, rule, row.want)
			}
		})
	}
}

// FuzzClassify holds what no rule may break: a meaning of the closed list, nothing
// about the recipient before one was named, and a verdict-bearing meaning from a
// 4xx only by a rule that asks for a 4xx by its name.
func FuzzClassify(f *testing.F) {
	for _, s := range specimens(f) {
		f.Add(string(s.stage), s.reply.Code, s.reply.Text())
	}
	f.Fuzz(func(t *testing.T, stage string, code int, text string) {
		m, rule := Classify(smtp.Stage(stage), "", smtp.Reply{Code: code, Lines: strings.Split(text, "\n")})
		if !slices.Contains(Meanings[:], m) || rule == "" {
			t.Errorf("meaning %q by rule %q", m, rule)
		}
		if m.aboutRecipient() && !slices.Contains([]string{"rcpt", "vrfy", "data"}, stage) {
			t.Errorf("%s at %s by %s", m, stage, rule)
		}
		if code/100 == 4 && dead(m) && !slices.Contains([]Rule{"unknown/said-temporarily", "unknown/mimecast-temporary",
			"domain/said-temporarily", "domain/null-mx", "domain/tenant-without-mail"}, rule) {
			t.Errorf("%d is %s by %s", code, m, rule)
		}
	})
}

func BenchmarkClassify(b *testing.B) {
	all := specimens(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s := &all[i%len(all)]
		Classify(s.stage, s.provider, s.reply)
	}
}

// The longest lines that RFC 5321 s4.5.3.1.5 lets a server send: one whose words
// are in many phrases, and one that no phrase fits.
func BenchmarkClassifyLong(b *testing.B) {
	for name, text := range map[string]string{
		"reputation": "5.7.1 [192.0.2.22 18] Our system has seen that this message is likely unwanted for the very low standing of " +
			"the sending address. To best protect our users and their mailboxes, the message has been refused. Please visit " +
			"https://support.example.com/mail/answer/1 for more information on user accounts and recipient addresses. x22 - gsmtp",
		"topic": "Thank you for your message to our organisation. We are sorry that our gateway did not pass it on to the person you wrote " +
			"to. The reason was given by the machine that looks after the mailboxes of this department, and we can only repeat what it said to us. " +
			"If you think that this is not right, ask the person by telephone, or write to the help desk of our company and name the time and the " +
			"server that you used, 192.0.2.7, together with the number 4711-0815-22 of this event. Kind regards, your gateway team at Corp Ltd",
	} {
		b.Run(name, func(b *testing.B) {
			r := smtp.Reply{Code: 550, Lines: []string{text}}
			b.ReportAllocs()
			for b.Loop() {
				Classify(smtp.Rcpt, "", r)
			}
		})
	}
}
