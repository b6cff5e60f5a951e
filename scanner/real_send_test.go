//go:build unix

package scanner_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// realChanging is what no two sessions have alike: ports, times, sizes of
// messages made, queue names.
var realChanging = []struct {
	what *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`(?m)^ +\d+\.\d{3} `), "TIME "},
	{regexp.MustCompile(`(?m)^ +\*: `), "TIME *: "},
	{regexp.MustCompile(`', \d+\)`), "', PORT)"},
	{regexp.MustCompile(`port \d+`), "port PORT"},
	{regexp.MustCompile(`queued as \w+`), "queued as NAME"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d`), "DATE to DATE"},
	{regexp.MustCompile(`Date: \w{3}, \d\d \w{3} \d{4} [\d:]{8} [+-]\d{4}`), "Date: DATE"},
	{regexp.MustCompile(`<\d{14}\.\w+@`), "<NAME@"},
	{regexp.MustCompile(`SIZE=\d+`), "SIZE=N"},
}

// realTold holds a transcript against the one wanted, line by line, but for what
// changes.
func realTold(t *testing.T, want, got string) {
	t.Helper()
	for _, one := range realChanging {
		got = one.what.ReplaceAllString(got, one.with)
	}
	if diff := cmp.Diff(strings.Split(strings.TrimSpace(want), "\n"), strings.Split(strings.TrimSpace(got), "\n")); diff != "" {
		t.Errorf("transcript, want - got +:\n%s", diff)
	}
}

const plainSession = `
TIME *: connected to 127.0.53.32 port PORT
TIME S: 220 mx.s.test ESMTP Postfix
TIME C: EHLO client.probe.test
TIME S: 250-mx.s.test
TIME S: 250-PIPELINING
TIME S: 250-SIZE 60000000
TIME S: 250-VRFY
TIME S: 250-ETRN
TIME S: 250-ENHANCEDSTATUSCODES
TIME S: 250-8BITMIME
TIME S: 250-DSN
TIME S: 250-SMTPUTF8
TIME S: 250 CHUNKING
TIME *: has extension, in clear: STARTTLS no, AUTH no, PIPELINING yes, SIZE yes 60000000, 8BITMIME yes, SMTPUTF8 yes, DSN yes
TIME C: MAIL FROM:<author@probe.test> SIZE=N BODY=7BIT
TIME S: 250 2.1.0 Ok
TIME C: RCPT TO:<ann@s.test>
TIME S: 250 2.1.5 Ok
TIME C: DATA
TIME S: 354 End data with <CR><LF>.<CR><LF>
TIME C: From: author@probe.test
TIME C: To: ann@s.test
TIME C: Subject: Simple test message
TIME C: Date: DATE
TIME C: Message-ID: <NAME@client.probe.test>
TIME C: MIME-Version: 1.0
TIME C: Content-Type: text/plain; charset=us-ascii
TIME C: Content-Transfer-Encoding: 7bit
TIME C: ` + `
TIME C: This is the body.
TIME C: .
TIME S: 250 2.0.0 Ok: queued as NAME
TIME C: QUIT
TIME S: 221 2.0.0 Bye
accepted for ann@s.test: 250 2.0.0 Ok: queued as NAME
`

const plainSessionInPython = `
connect: ('127.0.53.32', PORT)
reply: '220 mx.s.test ESMTP Postfix\r\n'
reply: retcode (220); Msg: mx.s.test ESMTP Postfix
send: 'EHLO client.probe.test\r\n'
reply: '250-mx.s.test\r\n'
reply: '250-PIPELINING\r\n'
reply: '250-SIZE 60000000\r\n'
reply: '250-VRFY\r\n'
reply: '250-ETRN\r\n'
reply: '250-ENHANCEDSTATUSCODES\r\n'
reply: '250-8BITMIME\r\n'
reply: '250-DSN\r\n'
reply: '250-SMTPUTF8\r\n'
reply: '250 CHUNKING\r\n'
reply: retcode (250); Msg: mx.s.test\nPIPELINING\nSIZE 60000000\nVRFY\nETRN\nENHANCEDSTATUSCODES\n8BITMIME\nDSN\nSMTPUTF8\nCHUNKING
has extension, in clear: STARTTLS no, AUTH no, PIPELINING yes, SIZE yes 60000000, 8BITMIME yes, SMTPUTF8 yes, DSN yes
send: 'MAIL FROM:<author@probe.test> SIZE=N BODY=7BIT\r\n'
reply: '250 2.1.0 Ok\r\n'
reply: retcode (250); Msg: 2.1.0 Ok
send: 'RCPT TO:<ann@s.test>\r\n'
reply: '250 2.1.5 Ok\r\n'
reply: retcode (250); Msg: 2.1.5 Ok
send: 'DATA\r\n'
reply: '354 End data with <CR><LF>.<CR><LF>\r\n'
reply: retcode (354); Msg: End data with <CR><LF>.<CR><LF>
data: (354, 'End data with <CR><LF>.<CR><LF>')
send: 'From: author@probe.test\r\nTo: ann@s.test\r\nSubject: Simple test message\r\nDate: DATE\r\nMessage-ID: <NAME@client.probe.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\nThis is the body.\r\n.\r\n'
reply: '250 2.0.0 Ok: queued as NAME\r\n'
reply: retcode (250); Msg: 2.0.0 Ok: queued as NAME
data: (250, '2.0.0 Ok: queued as NAME')
send: 'QUIT\r\n'
reply: '221 2.0.0 Bye\r\n'
reply: retcode (221); Msg: 2.0.0 Bye
accepted for ann@s.test: 250 2.0.0 Ok: queued as NAME
`

const loginSession = `
TIME *: connected to 127.0.53.33 port PORT
TIME S: 220 mx.s.test ESMTP Postfix
TIME C: EHLO client.probe.test
TIME S: 250-mx.s.test
TIME S: 250-PIPELINING
TIME S: 250-SIZE 60000000
TIME S: 250-VRFY
TIME S: 250-ETRN
TIME S: 250-STARTTLS
TIME S: 250-ENHANCEDSTATUSCODES
TIME S: 250-8BITMIME
TIME S: 250-DSN
TIME S: 250-SMTPUTF8
TIME S: 250 CHUNKING
TIME *: has extension, in clear: STARTTLS yes, AUTH no, PIPELINING yes, SIZE yes 60000000, 8BITMIME yes, SMTPUTF8 yes, DSN yes
TIME C: STARTTLS
TIME S: 220 2.0.0 Ready to start TLS
TIME *: TLS 1.3 TLS_AES_128_GCM_SHA256
TIME *: certificate: valid; CN=mx.s.test for mx.s.test 127.0.53.33 127.0.53.34, by CN=The Post Office's Authority, DATE to DATE, ECDSA P-256
TIME C: EHLO client.probe.test
TIME S: 250-mx.s.test
TIME S: 250-PIPELINING
TIME S: 250-SIZE 60000000
TIME S: 250-VRFY
TIME S: 250-ETRN
TIME S: 250-AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256
TIME S: 250-ENHANCEDSTATUSCODES
TIME S: 250-8BITMIME
TIME S: 250-DSN
TIME S: 250-SMTPUTF8
TIME S: 250 CHUNKING
TIME *: has extension, inside TLS: STARTTLS no, AUTH yes PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256, PIPELINING yes, SIZE yes 60000000, 8BITMIME yes, SMTPUTF8 yes, DSN yes
TIME C: AUTH CRAM-MD5
TIME S: 334 [redacted]
TIME C: [redacted]
TIME S: 235 2.7.0 Authentication successful
TIME C: MAIL FROM:<ann@s.test> SIZE=N BODY=7BIT
TIME S: 250 2.1.0 Ok
TIME C: RCPT TO:<ben@s.test>
TIME S: 250 2.1.5 Ok
TIME C: DATA
TIME S: 354 End data with <CR><LF>.<CR><LF>
TIME C: From: ann@s.test
TIME C: To: ben@s.test
TIME C: Subject: Simple test message
TIME C: Date: DATE
TIME C: Message-ID: <NAME@client.probe.test>
TIME C: MIME-Version: 1.0
TIME C: Content-Type: text/plain; charset=us-ascii
TIME C: Content-Transfer-Encoding: 7bit
TIME C: ` + `
TIME C: This is the body.
TIME C: .
TIME S: 250 2.0.0 Ok: queued as NAME
TIME C: QUIT
TIME S: 221 2.0.0 Bye
accepted for ben@s.test: 250 2.0.0 Ok: queued as NAME
`

const vrfySession = `
connect: ('mx.s.test', PORT)
reply: '220 mx.s.test ESMTP Postfix\r\n'
reply: retcode (220); Msg: mx.s.test ESMTP Postfix
send: 'EHLO client.probe.test\r\n'
reply: '250-mx.s.test\r\n'
reply: '250-PIPELINING\r\n'
reply: '250-SIZE 60000000\r\n'
reply: '250-VRFY\r\n'
reply: '250-ETRN\r\n'
reply: '250-ENHANCEDSTATUSCODES\r\n'
reply: '250-8BITMIME\r\n'
reply: '250-DSN\r\n'
reply: '250-SMTPUTF8\r\n'
reply: '250 CHUNKING\r\n'
reply: retcode (250); Msg: mx.s.test\nPIPELINING\nSIZE 60000000\nVRFY\nETRN\nENHANCEDSTATUSCODES\n8BITMIME\nDSN\nSMTPUTF8\nCHUNKING
send: 'VRFY ann@s.test\r\n'
reply: '252 2.0.0 ann@s.test\r\n'
reply: retcode (252); Msg: 2.0.0 ann@s.test
(252, '2.0.0 ann@s.test')
send: 'VRFY notthere@s.test\r\n'
reply: '550 5.1.1 <notthere@s.test>: Recipient address rejected: User unknown in virtual mailbox table\r\n'
reply: retcode (550); Msg: 5.1.1 <notthere@s.test>: Recipient address rejected: User unknown in virtual mailbox table
(550, '5.1.1 <notthere@s.test>: Recipient address rejected: User unknown in virtual mailbox table')
send: 'QUIT\r\n'
reply: '221 2.0.0 Bye\r\n'
reply: retcode (221); Msg: 2.0.0 Bye
`

// withoutRandom leaves out what was said of a mailbox that nobody has.
func withoutRandom(transcript string) string {
	var out strings.Builder
	for line := range strings.Lines(transcript) {
		if !strings.Contains(line, "@s.test") || strings.Contains(line, "ann@s.test") || strings.Contains(line, "notthere@s.test") {
			out.WriteString(line)
		}
	}
	return out.String()
}

func TestRealSend(t *testing.T) {
	t.Parallel()
	at := startPostOffice(t)
	letter := []string{"--subject", "Simple test message", "--body", "This is the body."}
	asAnn := []string{"--user", "ann@s.test", "--password-file", realFile(t, filepath.Join(realDir(t), "secret"), realPassword+"\n"), "--ca-file", at.caFile}
	send := func(t *testing.T, addr netip.AddrPort, args ...string) realCommand {
		t.Helper()
		return realRunCommand(t, nil, append(realSending(addr, args...), letter...)...)
	}

	t.Run("the plain session", func(t *testing.T) {
		got := send(t, at.plain, "--from", "author@probe.test", "--to", "ann@s.test")
		realTold(t, plainSession, got.stdout)
		if got.status != 0 || got.stderr != "" {
			t.Errorf("exit status %d: %s", got.status, got.stderr)
		}
	})
	t.Run("the plain session in Python's notation", func(t *testing.T) {
		got := send(t, at.plain, "--from", "author@probe.test", "--to", "ann@s.test", "--transcript", "python")
		realTold(t, plainSessionInPython, got.stdout)
	})
	t.Run("STARTTLS, CRAM-MD5, and a message", func(t *testing.T) {
		got := send(t, at.submit, append(asAnn, "--auth", "CRAM-MD5", "--tls", "verify", "--from", "ann@s.test", "--to", "ben@s.test")...)
		realTold(t, loginSession, got.stdout)
		if got.status != 0 || got.stderr != "" {
			t.Errorf("exit status %d: %s", got.status, got.stderr)
		}
		id := regexp.MustCompile(`Message-ID: (<.+>)`).FindStringSubmatch(got.stdout)
		delivered := string(realDelivered(t, filepath.Join(at.mail, "ben"), id[1]))
		if !strings.Contains(delivered, "\n\nThis is the body.\n") || !strings.Contains(delivered, "with ESMTPSA id") {
			t.Errorf("delivered:\n%s", delivered)
		}
	})
	t.Run("VRFY of a known and an unknown user", func(t *testing.T) {
		dns := realZoneServer(t, realZone(at.plain, "s.test"))
		got := realRunCommand(t, nil, "verify", "--allow-private", "--resolver", dns, "--helo", realHelloName, "--ports", fmt.Sprint(at.plain.Port()),
			"--method", "vrfy", "-q", "-v", "--transcript", "python", "--format", "jsonl", "ann@s.test", "notthere@s.test")
		realTold(t, vrfySession, withoutRandom(got.stderr))
	})

	for _, mechanism := range []string{"PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-256 by itself"} {
		for place, addr := range map[string]netip.AddrPort{"STARTTLS": at.submit, "implicit,verify": at.implicit} {
			t.Run(mechanism+" with "+place, func(t *testing.T) {
				args := append(asAnn, "--check-login")
				if place != "STARTTLS" {
					args = append(args, "--tls", place)
				}
				named, chosen := strings.CutSuffix(mechanism, " by itself")
				if !chosen {
					args = append(args, "--auth", named)
				}
				got := realRunCommand(t, nil, realSending(addr, args...)...)
				if want := fmt.Sprintf("logged in as ann@s.test with %s: 235 2.7.0 Authentication successful\n", named); got.status != 0 || !strings.HasSuffix(got.stdout, want) {
					t.Errorf("exit status %d\n%s%s", got.status, got.stdout, got.stderr)
				}
				if shown := []byte(got.stdout); bytes.Contains(shown, []byte(realPassword)) || !bytes.Contains(shown, []byte(" C: QUIT")) || bytes.Contains(shown, []byte("MAIL")) {
					t.Errorf("said:\n%s", shown)
				}
			})
		}
	}
}

func TestRealSendRefusals(t *testing.T) {
	t.Parallel()
	at := startPostOffice(t)
	secret := realFile(t, filepath.Join(realDir(t), "secret"), realPassword+"\n")
	wrong := realFile(t, filepath.Join(realDir(t), "secret"), "pen\n")

	for name, test := range map[string]struct {
		addr   netip.AddrPort
		args   []string
		status int
		words  []string
	}{
		"a wrong password": {at.submit, []string{"--user", "ann@s.test", "--password-file", wrong, "--auth", "SCRAM-SHA-256", "--check-login"}, 5,
			[]string{"login failed: SCRAM-SHA-256 as ann@s.test: 535 5.7.8 Error: authentication failed"}},
		"a wrong password, shown as it is": {at.submit, []string{"--user", "ann@s.test", "--password-file", wrong, "--auth", "PLAIN", "--check-login"}, 5,
			[]string{"login failed: PLAIN as ann@s.test: 535 5.7.8 Error: authentication failed"}},
		"nobody of this name": {at.implicit, []string{"--tls", "implicit", "--user", "eve@s.test", "--password-file", secret, "--check-login"}, 5,
			[]string{"login failed: SCRAM-SHA-256 as eve@s.test: 535 5.7.8 Error: authentication failed"}},
		"a mechanism that the server does not have": {at.submit, []string{"--user", "ann@s.test", "--password-file", secret, "--auth", "XOAUTH2", "--check-login"}, 5,
			[]string{"login failed: XOAUTH2 as ann@s.test: 535 5.7.8"}},
		"a password in clear": {at.open, []string{"--user", "ann@s.test", "--password-file", secret, "--auth", "PLAIN", "--check-login"}, 5,
			[]string{"PLAIN would show the password", "the server does not offer STARTTLS"}},
		"no login": {at.submit, []string{"--from", "ann@s.test", "--to", "ben@s.test"}, 4,
			[]string{"the recipient <ben@s.test> is refused: 554 5.7.1 <ben@s.test>: Recipient address rejected: Access denied"}},
		"a refused recipient": {at.plain, []string{"--from", "author@probe.test", "--to", "nobody@s.test", "--to", "ann@s.test"}, 4,
			[]string{"the recipient <nobody@s.test> is refused: 550 5.1.1 <nobody@s.test>: Recipient address rejected: User unknown in virtual mailbox table"}},
		"mail to be relayed": {at.plain, []string{"--from", "author@probe.test", "--to", "ann@elsewhere.test"}, 4,
			[]string{"the recipient <ann@elsewhere.test> is refused for now: 454 4.7.1 <ann@elsewhere.test>: Relay access denied"}},
		"a sender that the server does not like": {at.plain, []string{"--from", "ann@blocked.test", "--to", "ann@s.test"}, 4,
			[]string{"554 5.7.1 <ann@blocked.test>: Sender address rejected: Access denied"}},
		"an expired certificate": {at.expired, []string{"--tls", "verify", "--ca-file", at.caFile, "--from", "author@probe.test", "--to", "ann@s.test"}, 6,
			[]string{"TLS failed: the certificate of " + at.expired.String() + " is not valid: expired on "}},
		"an authority that nobody trusts": {at.submit, []string{"--tls", "verify", "--user", "ann@s.test", "--password-file", secret, "--check-login"}, 6,
			[]string{"is not valid: no path to a trusted root: issued by CN=The Post Office's Authority"}},
		"no TLS where it is required": {at.plain, []string{"--tls", "require", "--from", "author@probe.test", "--to", "ann@s.test"}, 6,
			[]string{"TLS failed: the server does not offer STARTTLS"}},
		"TLS from the first octet where there is none": {at.plain, []string{"--tls", "implicit", "--from", "author@probe.test", "--to", "ann@s.test"}, 6,
			[]string{"TLS failed: " + at.plain.String()}},
		"nobody there": {realPort(t, "127.0.53.37"), []string{"--from", "author@probe.test", "--to", "ann@s.test"}, 7,
			[]string{"no connection to 127.0.53.37:", "connection refused"}},
	} {
		t.Run(name, func(t *testing.T) {
			realFailed(t, realRunCommand(t, nil, realSending(test.addr, test.args...)...), test.status, test.words...)
		})
	}
	t.Run("a certificate that is not looked at", func(t *testing.T) {
		got := realRunCommand(t, nil, realSending(at.expired, "--tls", "require", "--from", "author@probe.test", "--to", "ann@s.test")...)
		if got.status != 0 || !strings.Contains(got.stdout, "certificate: not valid: expired on ") {
			t.Errorf("exit status %d:\n%s%s", got.status, got.stdout, got.stderr)
		}
	})
	t.Run("a password in clear, as allowed", func(t *testing.T) {
		got := realRunCommand(t, nil, realSending(at.open, "--user", "ann@s.test", "--password-file", secret, "--auth", "PLAIN", "--allow-plaintext-auth", "--check-login")...)
		if got.status != 0 {
			t.Errorf("exit status %d: %s", got.status, got.stderr)
		}
	})
}
