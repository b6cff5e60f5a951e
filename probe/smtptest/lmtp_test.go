package smtptest

import "testing"

func TestLMTPCharacters(t *testing.T) {
	local := func() map[string]*Domain {
		return map[string]*Domain{"a.example": {Mailboxes: map[string]Mailbox{
			"ann": {}, "full": {Dot: "452 4.2.2 <full@a.example> Quota exceeded"}}}}
	}
	const greeted = `
		S: 220 mx.example ESMTP
		C: LHLO me.example
		S: 250-mx.example
		S: 250 PIPELINING
	`
	few := []string{"SIZE", "VRFY", "ETRN", "STARTTLS", "ENHANCEDSTATUSCODES", "8BITMIME", "DSN", "SMTPUTF8", "CHUNKING"}
	for _, test := range []struct {
		name      string
		character Character
		script    string
	}{
		{"one reply a recipient accepted", Character{LMTP: true, Domains: local(), Without: few}, greeted + `
			C: MAIL FROM:<>
			C| RCPT TO:<ann@a.example>
			C| RCPT TO:<bob@a.example>
			C| RCPT TO:<full@a.example>
			S: 250 Ok
			S: 250 Ok
			S: 550 <bob@a.example>: Recipient address rejected: User unknown in virtual mailbox table
			S: 250 Ok
			C: DATA
			S: 354 End data with <CR><LF>.<CR><LF>
			C: a
			C| .
			S: 250 <ann@a.example> Saved
			S: 452 <full@a.example> Quota exceeded`},
		{"no EHLO over LMTP", Character{LMTP: true}, "S: 220 mx.example ESMTP\nC: EHLO me.example\nS: 500 5.5.2 Error: command not recognized"},
		{"no LHLO over SMTP", Character{}, "S: 220 mx.example ESMTP\nC: LHLO me.example\nS: 500 5.5.2 Error: command not recognized"},
		{"a message refused at its end", Character{Replies: map[string]string{".": "554 5.7.1 spam"}}, helo + `
			C: RCPT TO:<ann@a.example>
			S: 250 2.1.5 Ok
			C: DATA
			S: 354 End data with <CR><LF>.<CR><LF>
			C: .
			S: 554 5.7.1 spam
			C: NOOP
			S: 250 2.0.0 Ok`},
		{"421 at a message's end", Character{Replies: map[string]string{".": "421 4.3.0 later"}}, helo + `
			C: RCPT TO:<ann@a.example>
			S: 250 2.1.5 Ok
			C: DATA
			S: 354 End data with <CR><LF>.<CR><LF>
			C: .
			S: 421 4.3.0 later
			X:`},
		{"dies in a message", Character{DropData: 10}, helo + `
			C: RCPT TO:<ann@a.example>
			S: 250 2.1.5 Ok
			C: DATA
			S: 354 End data with <CR><LF>.<CR><LF>
			C: 12345678
			C: 1
			X:`},
		{"dies in a message, and says so", Character{DropData: 1, HangUp: "421 4.3.2 down"}, helo + `
			C: RCPT TO:<ann@a.example>
			S: 250 2.1.5 Ok
			C: DATA
			S: 354 End data with <CR><LF>.<CR><LF>
			C: 1
			S: 421 4.3.2 down
			X:`},
	} {
		t.Run(test.name, func(t *testing.T) { talk(t, &Server{Character: test.character}, test.script) })
	}
}

// The exchanges whose words are the same every time; the others are held by
// package smtp's logins.
func TestLoginsWordForWord(t *testing.T) {
	for _, test := range []struct{ name, script string }{
		{"PLAIN, wrong", "C: AUTH PLAIN AGFubgBubw==\nS: 535 5.7.8 Error: authentication failed"},
		{"PLAIN of two parts", "C: AUTH PLAIN YW5u\nS: 535 5.7.8 Error: authentication failed"},
		{"PLAIN given up", "C: AUTH PLAIN\nS: 334 \nC: *\nS: 501 5.5.2 Error: authentication cancelled or not base64"},
		{"XOAUTH2, wrong, and told why", "C: AUTH XOAUTH2 dXNlcj1hbm4BYXV0aD1CZWFyZXIgeAEB\n" +
			"S: 334 eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwic2NoZW1lcyI6ImJlYXJlciIsInNjb3BlIjoibWFpbCJ9\nC: \nS: 535 5.7.8 Error: authentication failed"},
		{"OAUTHBEARER without its header", "C: AUTH OAUTHBEARER eA==\nS: 535 5.7.8 Error: authentication failed"},
		{"SCRAM of no form", "C: AUTH SCRAM-SHA-1 eA==\nS: 535 5.7.8 Error: authentication failed"},
		{"SCRAM bound to no TLS", "C: AUTH SCRAM-SHA-1-PLUS cD10bHMtZXhwb3J0ZXIsLG49YW5uLHI9eA==\nS: 535 5.7.8 Error: authentication failed"},
		{"EXTERNAL without TLS", "C: AUTH EXTERNAL =\nS: 535 5.7.8 Error: authentication failed"},
		{"a mechanism it does not offer", "C: AUTH NTLM\nS: 504 5.5.4 Unrecognized authentication type"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := &Server{Character: Character{
				Auth:  []string{"PLAIN", "XOAUTH2", "OAUTHBEARER", "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "EXTERNAL"},
				Users: map[string]string{"ann": "secret"}, Tokens: map[string]string{"ann": "token"},
			}}
			talk(t, server, "S: 220 mx.example ESMTP\n"+test.script)
		})
	}
}
