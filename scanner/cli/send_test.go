package cli_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/smtptest"
	"github.com/mxvet/mxvet/scanner/cli"
)

// serveCharacter serves a server on a socket, and returns where.
func serveCharacter(t *testing.T, server *smtptest.Server) string {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go server.Serve(conn)
		}
	}()
	return listener.Addr().String()
}

// send runs `mxvet send` to a server of ours.
func send(t *testing.T, server, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errors bytes.Buffer
	args = append([]string{"send", "--allow-private", "--resolver", "127.0.0.1:1", "--helo", "me.example", "--server", server}, args...)
	status = cli.Run(context.Background(), args, strings.NewReader(stdin), &out, &errors)
	return status, out.String(), errors.String()
}

func wantAll(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("no %q in\n%s", word, text)
		}
	}
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestSendBreaksOff has servers that hang up in the middle of something.
func TestSendBreaksOff(t *testing.T) {
	const short = "Subject: short\n\nx\n"
	for name, test := range map[string]struct {
		character smtptest.Character
		message   string
		words     []string
	}{
		"in the middle of a long message": {smtptest.Character{DropData: 1000}, "Subject: long\n\n" + strings.Repeat("line after line after line\n", 300_000),
			[]string{" at data: ", "heard last: 354 End data with <CR><LF>.<CR><LF>"}},
		"at the end of a short one": {smtptest.Character{DropData: 10}, short,
			[]string{" at data: the server hung up", "heard last: 354 ", "the whole message had been sent, and may be delivered all the same"}},
		"with a word":            {smtptest.Character{DropData: 10, HangUp: "421 4.3.2 mx.example shutting down"}, short, []string{"421 4.3.2 mx.example shutting down"}},
		"at the greeting":        {smtptest.Character{Greeting: "421 4.3.2 not now"}, short, []string{"closes it: 421 4.3.2 not now"}},
		"421 to a recipient":     {smtptest.Character{Replies: map[string]string{"RCPT": "421 4.7.0 too many"}}, short, []string{"421 4.7.0 too many"}},
		"421 instead of the 250": {smtptest.Character{Replies: map[string]string{".": "421 4.3.0 disk gone"}}, short, []string{"421 4.3.0 disk gone"}},
	} {
		t.Run(name, func(t *testing.T) {
			test.character.StartTLS = smtptest.TLSNone
			status, stdout, stderr := send(t, serveCharacter(t, &smtptest.Server{Character: test.character}), test.message,
				"--from", "author@me.example", "--to", "ann@mx.example", "--message", "-", "-q")
			if status != 7 || stdout != "" || strings.Count(stderr, "\n") != 2 {
				t.Errorf("exit status %d, %s%s", status, stdout, stderr)
			}
			wantAll(t, stderr, append(test.words, "mxvet: connection lost: ", "\nhint: ")...)
		})
	}
}

func TestSendIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		character smtptest.Character
		status    int
		stderr    string
	}{
		"at the greeting":      {smtptest.Character{Greeting: "554 5.7.1 no"}, 4, "mxvet: we are refused: 554 5.7.1 no\n"},
		"at EHLO":              {smtptest.Character{Replies: map[string]string{"EHLO": "550 5.7.1 no", "HELO": "550 5.7.1 no"}}, 4, "mxvet: our name me.example is refused: 550 5.7.1 no\n"},
		"at MAIL":              {smtptest.Character{Replies: map[string]string{"MAIL": "550 5.7.1 no"}}, 4, "mxvet: the sender <author@me.example> is refused: 550 5.7.1 no\n"},
		"at RCPT":              {smtptest.Character{Replies: map[string]string{"RCPT": "450-4.2.0 not\n450 4.2.0 now"}}, 4, "refused for now: 450 4.2.0 not 4.2.0 now\n"},
		"at DATA":              {smtptest.Character{Replies: map[string]string{"DATA": "554 5.5.1 no"}}, 4, "mxvet: the message is refused: 554 5.5.1 no\n"},
		"at the end":           {smtptest.Character{Replies: map[string]string{".": "554 5.7.1 it's spam"}}, 4, "mxvet: the message is refused: 554 5.7.1 it's spam\nhint: mxvet explain '554 5.7.1 it'\\''s spam' "},
		"at STARTTLS":          {smtptest.Character{StartTLS: smtptest.TLSRefused}, 6, "mxvet: TLS failed: the server offers STARTTLS and refuses it: 454 "},
		"in the handshake":     {smtptest.Character{StartTLS: smtptest.TLSBroken}, 6, "mxvet: TLS failed: 127.0.0.1:"},
		"for want of SMTPUTF8": {smtptest.Character{Without: []string{"SMTPUTF8"}}, 4, "mxvet: not sent: the envelope needs SMTPUTF8"},
	} {
		t.Run(name, func(t *testing.T) {
			to, security := "ann@mx.example", "off"
			if test.status == 6 {
				security = "require"
			}
			if strings.Contains(name, "SMTPUTF8") {
				to = "jörg@mx.example"
			}
			status, _, stderr := send(t, serveCharacter(t, &smtptest.Server{Character: test.character}), "", "--tls", security,
				"--from", "author@me.example", "--to", to, "--body", "x")
			if status != test.status || strings.Count(stderr, "mxvet: ") != 1 {
				t.Errorf("exit status %d, want %d", status, test.status)
			}
			wantAll(t, stderr, test.stderr, "\nhint: ")
		})
	}
}

// clientCertificate is one of a client whom the server knows as ann.
func clientCertificate(t *testing.T) string {
	t.Helper()
	made := smtptest.Certificate(t, smtptest.CertificateOptions{Names: []string{"ann"}})
	key, err := x509.MarshalPKCS8PrivateKey(made.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	both := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made.Certificate[0]})
	return writeFile(t, "client.pem", string(append(both, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...)))
}

func TestSendLogsIn(t *testing.T) {
	password, token := writeFile(t, "password", "pencil\r\n"), writeFile(t, "token", "ya29.token\n")
	client := clientCertificate(t)
	for _, offered := range smtp.Mechanisms() {
		for _, right := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s %t", offered, right), func(t *testing.T) {
				character := smtptest.Character{AuthTLS: []string{offered}, Users: map[string]string{"ann": "pencil"}, Tokens: map[string]string{"ann": "ya29.token"}, RequireAuth: true}
				if !right {
					character.Users["ann"], character.Tokens["ann"] = "pen", "ya29.other"
				}
				own := smtptest.Certificate(t, smtptest.CertificateOptions{})
				server := &smtptest.Server{Character: character, TLS: &tls.Config{Certificates: []tls.Certificate{own}, ClientAuth: tls.RequestClientCert}}
				args := []string{"--from", "author@me.example", "--to", "ann@mx.example", "--body", "x"}
				switch {
				case offered == "EXTERNAL" && right:
					args = append(args, "--client-cert", client)
				case offered == "EXTERNAL":
					args = append(args, "--client-cert", client, "--user", "ben", "--auth", "EXTERNAL")
				case offered == "XOAUTH2" || offered == "OAUTHBEARER":
					args = append(args, "--user", "ann", "--password-file", token, "--auth", strings.ToLower(offered))
				default:
					args = append(args, "--user", "ann", "--password-file", password)
				}
				status, stdout, stderr := send(t, serveCharacter(t, server), "", args...)
				wantAll(t, stdout, " C: AUTH "+offered)
				for _, secret := range []string{"pencil", "ya29", "cGVuY2ls", "eWEyOS50b2tlb"} {
					if strings.Contains(stdout+stderr, secret) {
						t.Errorf("shows %q:\n%s%s", secret, stdout, stderr)
					}
				}
				if right {
					if status != 0 || stderr != "" {
						t.Errorf("exit status %d: %s", status, stderr)
					}
					return
				}
				if status != 5 {
					t.Errorf("exit status %d, want 5", status)
				}
				wantAll(t, stderr, "mxvet: login failed: "+offered+" as ", "535 5.7.8 Error: authentication failed\nhint: ")
			})
		}
	}
}

func TestSendDoubtsAServer(t *testing.T) {
	password := writeFile(t, "password", "pencil")
	for name, test := range map[string]struct {
		character smtptest.Character
		words     string
	}{
		"that says 235 without a proof": {smtptest.Character{AuthTLS: []string{"SCRAM-SHA-256"}, Unproven: true}, "login failed: SCRAM-SHA-256 as ann: "},
		"that offers no login":          {smtptest.Character{}, " offers no login\n"},
		"that offers what nobody knows": {smtptest.Character{AuthTLS: []string{"NTLM", "GSSAPI"}}, " offers NTLM, GSSAPI, and none of them can be used here\n"},
		"that has no TLS":               {smtptest.Character{Auth: []string{"LOGIN"}, StartTLS: smtptest.TLSNone}, "LOGIN would show the password to everybody on the way, and there is no TLS (the server does not offer STARTTLS)\n"},
	} {
		t.Run(name, func(t *testing.T) {
			test.character.Users = map[string]string{"ann": "pencil"}
			status, stdout, stderr := send(t, serveCharacter(t, &smtptest.Server{Character: test.character}), "", "--user", "ann", "--password-file", password, "--check-login")
			if status != 5 || strings.Contains(stdout, "logged in") {
				t.Errorf("exit status %d:\n%s", status, stdout)
			}
			wantAll(t, stderr, test.words)
		})
	}
}

// TestSendInPython: the lines of a message are no commands, whatever they say.
func TestSendInPython(t *testing.T) {
	server := &smtptest.Server{Character: smtptest.Character{StartTLS: smtptest.TLSNone}}
	status, stdout, stderr := send(t, serveCharacter(t, server), "Subject: commands\n\nQUIT\nVRFY ann\nDATA\n", "--transcript", "python",
		"--from", "author@me.example", "--to", "ann@mx.example", "--message", "-")
	if status != 0 {
		t.Fatal(stderr)
	}
	wantAll(t, stdout, "connect: ('127.0.0.1', ", "\\r\\nQUIT\\r\\nVRFY ann\\r\\nDATA\\r\\n.\\r\\n'\n", "\ndata: (354, 'End data with <CR><LF>.<CR><LF>')\n", "\ndata: (250, '2.0.0 Ok: queued as ")
	if n := strings.Count(stdout, "\ndata: "); n != 2 {
		t.Errorf("%d results of DATA:\n%s", n, stdout)
	}
	if got := server.Messages()[0].Data; !strings.HasSuffix(got, "\nSubject: commands\n\nQUIT\nVRFY ann\nDATA\n") {
		t.Errorf("taken: %q", got)
	}
}

// TestSendAsksForReports where the server can give them.
func TestSendAsksForReports(t *testing.T) {
	args := []string{"--from", "author@me.example", "--to", "ann@mx.example", "--body", "x", "--notify", "success,delay", "--return", "headers", "--envid", "test+1"}
	_, stdout, _ := send(t, serveCharacter(t, new(smtptest.Server)), "", args...)
	wantAll(t, stdout, " RET=HDRS ENVID=test+2B1\n", " C: RCPT TO:<ann@mx.example> NOTIFY=SUCCESS,DELAY")
	status, stdout, _ := send(t, serveCharacter(t, &smtptest.Server{Character: smtptest.Character{Without: []string{"DSN"}}}), "", args...)
	if status != 0 || strings.Contains(stdout, "RCPT TO:<ann@mx.example> NOTIFY") {
		t.Errorf("exit status %d:\n%s", status, stdout)
	}
	wantAll(t, stdout, " *: not said, for the server does not offer it: RET=HDRS ")
}

// TestSendIsInterrupted while a server makes it wait.
func TestSendIsInterrupted(t *testing.T) {
	server := serveCharacter(t, &smtptest.Server{Character: smtptest.Character{Teaser: time.Minute}})
	ctx, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	stdout, stderr := &watcher{word: "220-", seen: interrupt}, new(bytes.Buffer)
	status := cli.Run(ctx, []string{"send", "--allow-private", "--resolver", "127.0.0.1:1", "--server", server,
		"--from", "author@me.example", "--to", "ann@mx.example", "--body", "x"}, nil, stdout, stderr)
	if status != 130 || stderr.Len() > 0 {
		t.Errorf("exit status %d: %s", status, stderr)
	}
}

// TestSendWaitsNoLongerThanItIsTold at a server that says nothing.
func TestSendWaitsNoLongerThanItIsTold(t *testing.T) {
	server := serveCharacter(t, &smtptest.Server{Character: smtptest.Character{Silence: time.Minute}})
	for _, limit := range []string{"--io-timeout", "--timeout"} {
		status, _, stderr := send(t, server, "", limit, "50ms", "--from", "author@me.example", "--to", "ann@mx.example", "--body", "x")
		if status != 7 {
			t.Errorf("%s: exit status %d", limit, status)
		}
		wantAll(t, stderr, "mxvet: connection lost: ", " at greeting: ", "nothing was heard before\n")
	}
}
