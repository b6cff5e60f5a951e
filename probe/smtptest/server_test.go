package smtptest

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// talk plays a script from the client's side: C: lines are sent, C| lines in
// one write with those before, S: lines must come, after W: exactly so much
// later, X: is the end.
func talk(t *testing.T, server *Server, script string) {
	t.Helper()
	steps, err := parseScript(script)
	if err != nil {
		t.Fatal(err)
	}
	client, end := Pipe(nil, nil)
	var wait sync.WaitGroup
	wait.Go(func() { server.Serve(end) })
	defer wait.Wait()
	defer client.Close()
	var conn net.Conn = client
	reader, start, late := bufio.NewReader(conn), time.Now(), time.Duration(-1)
	for i := 0; i < len(steps); i++ {
		s := steps[i]
		switch s.verb {
		case "C:":
			text := s.text + "\r\n"
			for ; i+1 < len(steps) && steps[i+1].verb == "C|"; i++ {
				text += steps[i+1].text + "\r\n"
			}
			start = time.Now()
			if _, err := io.WriteString(conn, text); err != nil {
				t.Fatalf("line %d: %v", s.number, err)
			}
		case "W:":
			late = s.wait
		case "S:", "S<":
			want := s.text
			if s.verb == "S:" {
				want += "\r\n"
			}
			got, err := reader.ReadString('\n')
			if got != want {
				t.Fatalf("line %d: got %q (%v), want %q", s.number, got, err, want)
			}
			if took := time.Since(start); late >= 0 && took != late {
				t.Errorf("line %d: came after %v, want %v", s.number, took, late)
			}
			start, late = time.Now(), -1
		case "TLS:":
			conn = tls.Client(conn, &tls.Config{ServerName: "mx.example", InsecureSkipVerify: true})
			reader = bufio.NewReader(conn)
		case "X:":
			if got, err := io.ReadAll(reader); len(got) > 0 || err != nil {
				t.Fatalf("line %d: got %q, %v, want the end", s.number, got, err)
			}
		}
	}
}

func domains() map[string]*Domain {
	return map[string]*Domain{"a.example": {
		Mailboxes: map[string]Mailbox{
			"ann":      {Name: "Ann Example"},
			"full":     {State: Full},
			"quota":    {State: OverQuota},
			"off":      {State: Disabled},
			"moved":    {State: Moved, Moved: "ann@b.example"},
			"fwd":      {State: Forwarded, Moved: "ann@b.example"},
			"grey":     {State: Greylisted},
			"broken":   {State: SystemError},
			"own":      {Reply: "550-5.1.1 No\n550 5.1.1 really"},
			"with > b": {},
		},
		Rewrites: true,
	}, "all.example": {CatchAll: true, Mailboxes: map[string]Mailbox{"gone": {State: Unknown}}},
		"grey.example": {Greylist: time.Minute, Mailboxes: map[string]Mailbox{"ann": {}}}}
}

const ehlo = `
	S: 220 mx.example ESMTP
	C: EHLO me.example
	S: 250-mx.example
	S: 250-PIPELINING
	S: 250-SIZE 10240000
	S: 250-VRFY
	S: 250-ETRN
	S: 250-STARTTLS
	S: 250-ENHANCEDSTATUSCODES
	S: 250-8BITMIME
	S: 250-DSN
	S: 250-SMTPUTF8
	S: 250 CHUNKING
`

// helo begins without extensions, where they are not what a specimen is about.
const helo = `
	S: 220 mx.example ESMTP
	C: HELO me.example
	S: 250 mx.example
	C: MAIL FROM:<>
	S: 250 2.1.0 Ok
`

func TestCharacters(t *testing.T) {
	for _, test := range []struct {
		name      string
		character Character
		script    string
	}{
		{"plain, pipelined", Character{Domains: domains()}, ehlo + `
			C: MAIL FROM:<me@b.example> SIZE=100 BODY=8BITMIME
			C| RCPT TO:<ann@a.example>
			C| RCPT TO:<Ann+tag@A.example>
			C| RCPT TO:<"with > b"@a.example>
			C| RCPT TO:<bob@a.example>
			C| RCPT TO:<ann@b.example>
			C| RSET
			S: 250 2.1.0 Ok
			S: 250 2.1.5 Ok
			S: 250 2.1.5 Ok
			S: 250 2.1.5 Ok
			S: 550 5.1.1 <bob@a.example>: Recipient address rejected: User unknown in virtual mailbox table
			S: 554 5.7.1 <ann@b.example>: Relay access denied
			S: 250 2.0.0 Ok
			C: QUIT
			S: 221 2.0.0 Bye
			X:`},
		{"mailboxes of every state", Character{Domains: domains()}, helo + `
			C: RCPT TO:<full@a.example>
			S: 452 4.2.2 <full@a.example>: Recipient address rejected: Mailbox is full
			C: RCPT TO:<quota@a.example>
			S: 552 5.2.2 <quota@a.example>: Quota exceeded (mailbox for user is full)
			C: RCPT TO:<off@a.example>
			S: 550 5.2.1 <off@a.example>: Recipient address rejected: Mailbox disabled, not accepting messages
			C: RCPT TO:<moved@a.example>
			S: 551 5.1.6 User not local; please try <ann@b.example>
			C: RCPT TO:<fwd@a.example>
			S: 251 2.1.5 User not local; will forward to <ann@b.example>
			C: RCPT TO:<broken@a.example>
			S: 451 4.3.0 <broken@a.example>: Temporary lookup failure
			C: RCPT TO:<own@a.example>
			S: 550-5.1.1 No
			S: 550 5.1.1 really
			C: RCPT TO:<any@all.example>
			S: 250 2.1.5 Ok
			C: RCPT TO:<gone@all.example>
			S: 550 5.1.1 <gone@all.example>: Recipient address rejected: User unknown in virtual mailbox table`},
		{"commands out of order", Character{}, `
			S: 220 mx.example ESMTP
			C: MAIL FROM:<>
			S: 503 5.5.1 Error: send HELO/EHLO first
			C: EHLO
			S: 501 5.5.4 Syntax: EHLO hostname
			C: HELO me.example
			S: 250 mx.example
			C: RCPT TO:<ann@a.example>
			S: 503 5.5.1 Error: need MAIL command
			C: MAIL FROM:me
			S: 501 5.5.4 Syntax: MAIL FROM:<address>
			C: MAIL FROM:<> SIZE=1
			S: 555 5.5.4 Unsupported option: SIZE=1
			C: mail from:<>
			S: 250 2.1.0 Ok
			C: MAIL FROM:<>
			S: 503 5.5.1 Error: nested MAIL command
			C: DATA
			S: 554 5.5.1 Error: no valid recipients
			C: RCPT TO:<>
			S: 501 5.5.4 Syntax: RCPT TO:<address>
			C: XYZZY
			S: 500 5.5.2 Error: command not recognized
			C: NOOP
			S: 250 2.0.0 Ok
			C: EXPN staff
			S: 502 5.5.1 EXPN command is disabled
			C: HELP
			S: 214-2.0.0 Commands: HELO EHLO MAIL RCPT DATA RSET NOOP QUIT VRFY
			S: 214 2.0.0 End of HELP info`},
		{"greylisted domain hides who is unknown", Character{Domains: domains()}, helo + `
			C: RCPT TO:<bob@grey.example>
			S: 450 4.2.0 <bob@grey.example>: Recipient address rejected: Greylisted, see https://postgrey.example/help/grey.example.html, try again in 60 seconds`},
		{"catch-all VRFY 252", Character{Domains: domains()}, `
			S: 220 mx.example ESMTP
			C: VRFY bob@a.example
			S: 252 2.0.0 bob@a.example
			C: VRFY
			S: 501 5.5.4 Syntax: VRFY address`},
		{"VRFY that tells", Character{Domains: domains(), Vrfy: VrfyOn}, `
			S: 220 mx.example ESMTP
			C: VRFY <ann@a.example>
			S: 250 2.1.5 Ann Example <ann@a.example>
			C: VRFY bob@a.example
			S: 550 5.1.1 <bob@a.example>: Recipient address rejected: User unknown in virtual mailbox table`},
		{"VRFY off", Character{Vrfy: VrfyOff}, `
			S: 220 mx.example ESMTP
			C: VRFY ann@a.example
			S: 502 5.5.1 VRFY command is disabled`},
		{"STARTTLS works and is forgotten inside", Character{AuthTLS: []string{"PLAIN", "LOGIN"}, TLSExtensions: []string{"REQUIRETLS"},
			Without: []string{"ETRN", "DSN", "CHUNKING", "SMTPUTF8", "8BITMIME", "SIZE", "VRFY"}, RequireTLS: true, RequireAuth: true, Users: map[string]string{"ann": "secret"}}, `
			S: 220 mx.example ESMTP
			C: EHLO me.example
			S: 250-mx.example
			S: 250-PIPELINING
			S: 250-STARTTLS
			S: 250 ENHANCEDSTATUSCODES
			C: MAIL FROM:<>
			S: 530 5.7.0 Must issue a STARTTLS command first
			C: AUTH PLAIN AGFubgBzZWNyZXQ=
			S: 538 5.7.11 Encryption required for requested authentication mechanism
			C: STARTTLS
			C| NOOP injected
			S: 220 2.0.0 Ready to start TLS
			TLS:
			C: MAIL FROM:<>
			S: 503 5.5.1 Error: send HELO/EHLO first
			C: EHLO me.example
			S: 250-mx.example
			S: 250-PIPELINING
			S: 250-ENHANCEDSTATUSCODES
			S: 250-AUTH PLAIN LOGIN
			S: 250 REQUIRETLS
			C: STARTTLS
			S: 554 5.5.1 Error: TLS already active
			C: MAIL FROM:<>
			S: 530 5.7.0 Authentication required
			C: AUTH PLAIN AGFubgB3cm9uZw==
			S: 535 5.7.8 Error: authentication failed
			C: AUTH LOGIN
			S: 334 VXNlcm5hbWU6
			C: YW5u
			S: 334 UGFzc3dvcmQ6
			C: c2VjcmV0
			S: 235 2.7.0 Authentication successful
			C: AUTH PLAIN
			S: 503 5.5.1 Error: already authenticated
			C: MAIL FROM:<> REQUIRETLS AUTH=<>
			S: 250 2.1.0 Ok`},
		{"no TLS", Character{StartTLS: TLSNone, Without: []string{"ENHANCEDSTATUSCODES"}}, `
			S: 220 mx.example ESMTP
			C: STARTTLS
			S: 502 Error: command not implemented`},
		{"STARTTLS refused for now", Character{StartTLS: TLSRefused}, `
			S: 220 mx.example ESMTP
			C: STARTTLS
			S: 454 4.7.0 TLS not available due to local problem`},
		{"STARTTLS then text where the handshake belongs", Character{StartTLS: TLSBroken}, `
			S: 220 mx.example ESMTP
			C: STARTTLS
			S: 220 2.0.0 Ready to start TLS
			C: a hello
			S: 500 5.5.2 Error: this is no handshake
			X:`},
		{"STARTTLS then nothing", Character{StartTLS: TLSHangUp}, `
			S: 220 mx.example ESMTP
			C: STARTTLS
			S: 220 2.0.0 Ready to start TLS
			X:`},
		{"AUTH in clear, legacy line, own extensions", Character{Auth: []string{"LOGIN"}, LegacyAuth: true, Users: map[string]string{"ann": "secret"},
			Extensions: []string{"SIZE 1000", "LIMITS RCPTMAX=2"}, Without: []string{"VRFY", "ETRN", "STARTTLS", "8BITMIME", "DSN", "CHUNKING"}}, `
			S: 220 mx.example ESMTP
			C: EHLO me.example
			S: 250-mx.example
			S: 250-PIPELINING
			S: 250-ENHANCEDSTATUSCODES
			S: 250-SMTPUTF8
			S: 250-AUTH LOGIN
			S: 250-AUTH=LOGIN
			S: 250-SIZE 1000
			S: 250 LIMITS RCPTMAX=2
			C: AUTH LOGIN YW5u
			S: 334 UGFzc3dvcmQ6
			C: *
			S: 501 5.5.2 Error: authentication cancelled or not base64
			C: AUTH CRAM-MD5
			S: 504 5.5.4 Unrecognized authentication type
			C: MAIL FROM:<> SIZE=1001
			S: 552 5.3.4 Message size exceeds fixed limit`},
		{"SMTPUTF8 must be declared", Character{}, ehlo + "\n" + `
			C: MAIL FROM:<>
			S: 250 2.1.0 Ok
			C: RCPT TO:<j` + "\u00fc" + `rgen@a.example>
			S: 553 5.6.7 Must declare SMTPUTF8 to send unicode address
			C: RSET
			S: 250 2.0.0 Ok
			C: MAIL FROM:<> SMTPUTF8
			S: 250 2.1.0 Ok
			C: RCPT TO:<j` + "\u00fc" + `rgen@a.example>
			S: 250 2.1.5 Ok`},
		{"SMTPUTF8 not offered", Character{Without: []string{"SMTPUTF8", "ETRN", "VRFY", "DSN", "CHUNKING", "8BITMIME", "SIZE", "STARTTLS"}}, `
			S: 220 mx.example ESMTP
			C: EHLO me.example
			S: 250-mx.example
			S: 250-PIPELINING
			S: 250 ENHANCEDSTATUSCODES
			C: MAIL FROM:<> SMTPUTF8
			S: 555 5.5.4 Unsupported option: SMTPUTF8`},
		{"554 greeting waits for QUIT", Character{Greeting: "554-mx.example\n554 No SMTP service here"}, `
			S: 554-mx.example
			S: 554 No SMTP service here
			C: EHLO me.example
			S: 503 5.5.1 Error: only QUIT is served here
			C: QUIT
			S: 221 2.0.0 Bye
			X:`},
		{"421 greeting", Character{Greeting: "421 4.7.0 mx.example Too many connections"}, `
			S: 421 4.7.0 mx.example Too many connections
			X:`},
		{"postscreen teaser", Character{Teaser: 6 * time.Second}, `
			S: 220-mx.example ESMTP
			W: 6s
			S: 220 mx.example ESMTP`},
		{"postscreen and an early talker", Character{Teaser: 6 * time.Second}, `
			C: EHLO me.example
			S: 220-mx.example ESMTP
			W: 6s
			S: 521 5.5.1 Protocol error
			X:`},
		{"silence before the greeting", Character{Silence: 10 * time.Second}, `
			W: 10s
			S: 220 mx.example ESMTP`},
		{"EHLO refused", Character{Replies: map[string]string{"EHLO": "502 5.5.2 Error: command not recognized"}}, `
			S: 220 mx.example ESMTP
			C: EHLO me.example
			S: 502 5.5.2 Error: command not recognized
			C: HELO me.example
			S: 250 mx.example`},
		{"421 at MAIL closes", Character{Replies: map[string]string{"MAIL": "421 4.3.2 mx.example shutting down"}}, `
			S: 220 mx.example ESMTP
			C: HELO me.example
			S: 250 mx.example
			C: MAIL FROM:<>
			S: 421 4.3.2 mx.example shutting down
			X:`},
		{"421 after two recipients", Character{RecipientLimit: 2}, helo + `
			C: RCPT TO:<a@a.example>
			S: 250 2.1.5 Ok
			C: RCPT TO:<b@a.example>
			S: 250 2.1.5 Ok
			C: RCPT TO:<c@a.example>
			S: 421 4.7.0 mx.example Error: too many recipients, try again later
			X:`},
		{"two recipients a message", Character{MessageLimit: 2}, helo + `
			C: RCPT TO:<a@a.example>
			S: 250 2.1.5 Ok
			C: RCPT TO:<b@a.example>
			S: 250 2.1.5 Ok
			C: RCPT TO:<c@a.example>
			S: 452 4.5.3 Error: too many recipients
			C: RSET
			S: 250 2.0.0 Ok
			C: MAIL FROM:<>
			S: 250 2.1.0 Ok
			C: RCPT TO:<c@a.example>
			S: 250 2.1.5 Ok`},
		{"tarpit", Character{TarpitAfter: 2, Tarpit: 20 * time.Second}, `
			S: 220 mx.example ESMTP
			C: FOO
			W: 0s
			S: 500 5.5.2 Error: command not recognized
			C: FOO
			W: 0s
			S: 500 5.5.2 Error: command not recognized
			C: NOOP
			W: 20s
			S: 250 2.0.0 Ok`},
		{"hangs up without a word", Character{HangUpAfter: 1}, `
			S: 220 mx.example ESMTP
			C: FOO
			S: 500 5.5.2 Error: command not recognized
			C: FOO
			X:`},
		{"hangs up with a word", Character{HangUpAfter: 1, HangUp: "421 4.7.0 mx.example Error: too many errors"}, `
			S: 220 mx.example ESMTP
			C: FOO
			S: 500 5.5.2 Error: command not recognized
			C: FOO
			S: 421 4.7.0 mx.example Error: too many errors
			X:`},
		{"PIPELINING not offered, 503", Character{Pipelining: Refused, Without: []string{"ETRN", "DSN", "CHUNKING", "SMTPUTF8", "8BITMIME", "SIZE", "VRFY", "STARTTLS"}}, `
			S: 220 mx.example ESMTP
			C: EHLO me.example
			S: 250-mx.example
			S: 250 ENHANCEDSTATUSCODES
			C: MAIL FROM:<>
			C| RCPT TO:<a@a.example>
			C| QUIT
			S: 250 2.1.0 Ok
			S: 503 5.5.1 Error: pipelining was not offered
			S: 503 5.5.1 Error: pipelining was not offered`},
		{"PIPELINING not offered, Exim", Character{Pipelining: Synchronization}, `
			S: 220 mx.example ESMTP
			C: HELO me.example
			C| MAIL FROM:<>
			S: 554 SMTP synchronization error
			X:`},
		{"PIPELINING not offered, works", Character{Pipelining: Unoffered}, `
			S: 220 mx.example ESMTP
			C: HELO me.example
			C| MAIL FROM:<>
			S: 250 mx.example
			S: 250 2.1.0 Ok`},
		{"PIPELINING offered, replies lost", Character{Pipelining: Lying}, ehlo + `
			C: MAIL FROM:<>
			C| RCPT TO:<a@a.example>
			S: 250 2.1.0 Ok
			C: RCPT TO:<b@a.example>
			S: 250 2.1.5 Ok`},
		{"our address is blocked at connect", Character{Blocked: AtConnect}, `
			S: 554 5.7.1 Service unavailable; Client host [198.51.100.1] blocked using dnsbl.example; https://dnsbl.example/query/ip/198.51.100.1`},
		{"our address is blocked at MAIL", Character{Blocked: AtMail}, `
			S: 220 mx.example ESMTP
			C: HELO me.example
			S: 250 mx.example
			C: MAIL FROM:<>
			S: 550 5.7.1 Service unavailable; Client host [198.51.100.1] blocked using dnsbl.example; https://dnsbl.example/query/ip/198.51.100.1`},
		{"our address is blocked at RCPT", Character{Blocked: AtRcpt}, helo + `
			C: RCPT TO:<a@a.example>
			S: 550 5.7.1 Service unavailable; Client host [198.51.100.1] blocked using dnsbl.example; https://dnsbl.example/query/ip/198.51.100.1`},
		{"null sender refused at MAIL", Character{NullSender: AtMail}, `
			S: 220 mx.example ESMTP
			C: HELO me.example
			S: 250 mx.example
			C: MAIL FROM:<>
			S: 550 5.7.1 <>: Sender address rejected: the null sender is not accepted here
			C: MAIL FROM:<me@b.example>
			S: 250 2.1.0 Ok`},
		{"null sender refused at RCPT", Character{NullSender: AtRcpt}, helo + `
			C: RCPT TO:<a@a.example>
			S: 550 5.7.1 <>: Sender address rejected: the null sender is not accepted here`},
		{"bare LF", Character{BareLF: true}, `
			S< 220 mx.example ESMTP\n
			C: HELO me.example
			S< 250 mx.example\n`},
		{"split writes", Character{Split: true}, helo},
		{"long line", Character{}, `
			S: 220 mx.example ESMTP
			C: NOOP ` + strings.Repeat("x", 2*ahead) + `
			S: 500 5.5.2 Error: line too long
			C: NOOP
			S: 250 2.0.0 Ok`},
		{"distant server", Character{RTT: 100 * time.Millisecond}, `
			W: 200ms
			S: 220 mx.example ESMTP
			C: HELO me.example
			W: 100ms
			S: 250 mx.example
			C: MAIL FROM:<>
			C| RCPT TO:<a@a.example>
			W: 100ms
			S: 250 2.1.0 Ok
			W: 0s
			S: 250 2.1.5 Ok
			C: STARTTLS
			W: 100ms
			S: 220 2.0.0 Ready to start TLS
			TLS:
			C: NOOP
			W: 200ms
			S: 250 2.0.0 Ok
			C: QUIT
			S: 221 2.0.0 Bye
			X:`},
		{"a silent client is let go", Character{}, `
			S: 220 mx.example ESMTP
			W: 5m
			S: 421 4.4.2 mx.example Error: timeout exceeded
			X:`},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { talk(t, &Server{Character: test.character}, test.script) })
		})
	}
}

func TestGreylistingEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &Server{Character: Character{Domains: domains()}}
		talk(t, server, helo+`
			C: RCPT TO:<ann@grey.example>
			S: 450 4.2.0 <ann@grey.example>: Recipient address rejected: Greylisted, see https://postgrey.example/help/grey.example.html, try again in 60 seconds
			C: RCPT TO:<grey@a.example>
			S: 450 4.2.0 <grey@a.example>: Recipient address rejected: Greylisted, see https://postgrey.example/help/a.example.html, try again in 300 seconds`)
		time.Sleep(time.Minute)
		talk(t, server, helo+`
			C: RCPT TO:<ann@grey.example>
			S: 250 2.1.5 Ok
			C: RCPT TO:<grey@a.example>
			S: 450 4.2.0 <grey@a.example>: Recipient address rejected: Greylisted, see https://postgrey.example/help/a.example.html, try again in 240 seconds`)
		time.Sleep(4 * time.Minute)
		talk(t, server, helo+`
			C: RCPT TO:<grey@a.example>
			S: 250 2.1.5 Ok`)
	})
}

func TestMessagesAndStats(t *testing.T) {
	server := &Server{Character: Character{Domains: domains()}}
	talk(t, server, ehlo+`
		C: MAIL FROM:<me@b.example> RET=HDRS
		C| RCPT TO:<ann@a.example> NOTIFY=NEVER
		C| RCPT TO:<bob@a.example>
		C| DATA
		S: 250 2.1.0 Ok
		S: 250 2.1.5 Ok
		S: 550 5.1.1 <bob@a.example>: Recipient address rejected: User unknown in virtual mailbox table
		S: 354 End data with <CR><LF>.<CR><LF>
		C: Subject: x
		C:
		C: ..
		C: .
		S: 250 2.0.0 Ok: queued as 4BQr2T0x1z
		C: MAIL FROM:<me@b.example>
		S: 250 2.1.0 Ok
		C: RCPT TO:<ann@a.example>
		S: 250 2.1.5 Ok
		C: BDAT 4
		C| ab
		S: 250 2.0.0 Ok: 4 bytes
		C: BDAT 3 LAST
		C| c
		S: 250 2.0.0 Ok: queued as 4BQr2T0x1z
		C: QUIT
		S: 221 2.0.0 Bye
		X:`)
	want := []Message{{From: "me@b.example", To: []string{"ann@a.example"}, Data: "Subject: x\n\n.\n"},
		{From: "me@b.example", To: []string{"ann@a.example"}, Data: "ab\nc\n"}}
	if diff := cmp.Diff(want, server.Messages()); diff != "" {
		t.Error(diff)
	}
	wantStats := Stats{Conversations: 1, Peak: 1, Recipients: map[int]int{3: 1}, Unknown: 1, Messages: 2,
		Commands: map[string]int{"EHLO": 1, "MAIL": 2, "RCPT": 3, "DATA": 1, "BDAT": 2, "QUIT": 1}}
	if diff := cmp.Diff(wantStats, server.Stats()); diff != "" {
		t.Error(diff)
	}
	var sum Stats
	sum.Add(server.Stats())
	sum.Add(server.Stats())
	if sum.Commands["RCPT"] != 6 || sum.Recipients[3] != 2 || sum.Messages != 4 {
		t.Errorf("sum of two is %+v", sum)
	}
}

func TestClientLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &Server{Character: Character{ClientLimit: 2, RTT: 100 * time.Millisecond}}
		var wait sync.WaitGroup
		from := func(ip string) net.Conn {
			client, end := Pipe(&net.TCPAddr{IP: net.ParseIP(ip), Port: 1}, nil)
			wait.Go(func() { server.Serve(end) })
			time.Sleep(time.Millisecond)
			return client
		}
		const welcome, crowded = "220 mx.example ESMTP\r\n", "421 4.7.0 mx.example Error: too many connections from 192.0.2.1\r\n"
		first, second, third, other := from("192.0.2.1"), from("192.0.2.1"), from("192.0.2.1"), from("192.0.2.2")
		for conn, want := range map[net.Conn]string{first: welcome, second: welcome, third: crowded, other: welcome} {
			hear(t, bufio.NewReader(conn), want)
		}
		second.Close()
		time.Sleep(time.Millisecond)
		late := from("192.0.2.1") // the second has hung up, though the server has heard neither
		hear(t, bufio.NewReader(late), welcome)
		early := from("192.0.2.1")
		time.Sleep(60 * time.Millisecond)
		late.Close()
		hear(t, bufio.NewReader(early), crowded)
		for _, conn := range []net.Conn{first, third, other, early} {
			conn.Close()
		}
		wait.Wait()
	})
}

func TestServeTLS(t *testing.T) {
	made := Certificate(t, CertificateOptions{Names: []string{"mx.example"}, Expired: true})
	server := &Server{TLS: &tls.Config{Certificates: []tls.Certificate{made}}}
	for _, implicit := range []string{"net.Pipe", "Pipe"} {
		client, end := net.Pipe()
		if implicit == "Pipe" {
			client, end = Pipe(nil, nil)
		}
		var wait sync.WaitGroup
		wait.Go(func() { server.ServeTLS(end) })
		conn := tls.Client(client, &tls.Config{ServerName: "mx.example", InsecureSkipVerify: true})
		hear(t, bufio.NewReader(conn), "220 mx.example ESMTP\r\n")
		if !conn.ConnectionState().PeerCertificates[0].Equal(made.Leaf) {
			t.Errorf("over %s another certificate than the one given", implicit)
		}
		conn.Close()
		wait.Wait()
	}
	if got := server.Stats().Handshakes; got != 2 {
		t.Errorf("counted %d handshakes, want 2", got)
	}
}

func TestServeOverSocket(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &Server{}
	var wait sync.WaitGroup
	wait.Go(func() {
		conn, err := listener.Accept()
		if err == nil {
			server.Serve(conn)
		}
	})
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(conn)
	hear(t, reader, "220 mx.example ESMTP\r\n")
	say(t, conn, "QUIT\r\n")
	hear(t, reader, "221 2.0.0 Bye\r\n")
	if _, err := reader.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("after QUIT: %v, want the end", err)
	}
	conn.Close()
	listener.Close()
	wait.Wait()
}

func BenchmarkPipelinedRecipients(b *testing.B) {
	server := &Server{Character: Character{Domains: domains()}}
	group := "MAIL FROM:<>\r\n" + strings.Repeat("RCPT TO:<nobody@a.example>\r\n", 50) + "RSET\r\n"
	client, end := Pipe(nil, nil)
	go server.Serve(end)
	defer client.Close()
	io.WriteString(client, "HELO me.example\r\n")
	reader := bufio.NewReader(client)
	for range 2 {
		reader.ReadString('\n')
	}
	for b.Loop() {
		io.WriteString(client, group)
		for range 52 {
			if _, err := reader.ReadSlice('\n'); err != nil {
				b.Fatal(err)
			}
		}
	}
}
