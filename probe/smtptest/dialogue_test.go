package smtptest

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder is a test that may fail without failing the real one.
type recorder struct {
	testing.TB
	errors   []string
	cleanups []func()
}

func (r *recorder) Helper()                   {}
func (r *recorder) Cleanup(f func())          { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Errorf(f string, a ...any) { r.errors = append(r.errors, fmt.Sprintf(f, a...)) }
func (r *recorder) finish() {
	for _, f := range r.cleanups {
		f()
	}
}

func say(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
}

func hear(t *testing.T, reader *bufio.Reader, want string) {
	t.Helper()
	got, err := reader.ReadString('\n')
	if got != want {
		t.Fatalf("got %q (%v), want %q", got, err, want)
	}
}

func TestDialoguePlaysItsScript(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := Dialogue(t, `
			# postscreen makes early talkers show themselves
			S: 220-mx.example ESMTP
			W: 6s
			S< 220 mx.example\r\n
			C~ EHLO \S+
			S: 250 PIPELINING
			C: MAIL FROM:<>
			C| RCPT TO:<a@b.example>
			S: 250 2.1.0 Ok
			S: 550 5.1.1 unknown
			C: STARTTLS
			S: 220 2.0.0 Ready
			TLS: mx.example
			C: QUIT
			S: 221 2.0.0 Bye
			X:
		`)
		start, reader := time.Now(), bufio.NewReader(conn)
		hear(t, reader, "220-mx.example ESMTP\r\n")
		hear(t, reader, "220 mx.example\r\n")
		if waited := time.Since(start); waited != 6*time.Second {
			t.Errorf("the greeting took %v, want 6s", waited)
		}
		say(t, conn, "EHLO me.example\r\n")
		hear(t, reader, "250 PIPELINING\r\n")
		say(t, conn, "MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\n")
		hear(t, reader, "250 2.1.0 Ok\r\n")
		hear(t, reader, "550 5.1.1 unknown\r\n")
		say(t, conn, "STARTTLS\r\n")
		hear(t, reader, "220 2.0.0 Ready\r\n")
		inside := tls.Client(conn, &tls.Config{ServerName: "mx.example", InsecureSkipVerify: true})
		say(t, inside, "QUIT\r\n")
		reader = bufio.NewReader(inside)
		hear(t, reader, "221 2.0.0 Bye\r\n")
		if err := inside.ConnectionState().PeerCertificates[0].VerifyHostname("mx.example"); err != nil {
			t.Error(err)
		}
		if rest, err := io.ReadAll(conn); err != nil {
			t.Errorf("after X: got %q, %v, want the end", rest, err)
		}
	})
}

func TestDialogueFindsFault(t *testing.T) {
	for _, test := range []struct{ name, script, say, want string }{
		{"another line than wanted", "C: EHLO a", "HELO a\r\n", `line 1: wanted "C: EHLO a", got "HELO a"`},
		{"expression covers the whole line", "\nC~ EHLO", "EHLO a\r\n", `line 2: wanted "C~ EHLO", got "EHLO a"`},
		{"bare LF does not end a line", "C: A\nC: B", "A\nB\r\n", `line 1: wanted "C: A", got "A\nB"`},
		{"line left unplayed", "C: A\nC: B", "A\r\n", `line 2: wanted "C: B", got the end: EOF`},
		{"line without its end", "C: A", "A", `line 1: wanted "C: A", got "A" without CRLF: EOF`},
		{"more than the script knows", "C: A", "A\r\nB\r\n", `after the script's end: the client says "B"`},
		{"alone where a group was wanted", "C: A\nC| B", "A\r\n+B\r\n", `line 2: wanted "C| B" in one write with the line before, it came alone`},
		{"handshake went wrong", "C: A\nTLS:", "A\r\n", `line 2: TLS handshake: EOF`},
	} {
		t.Run(test.name, func(t *testing.T) {
			fake := &recorder{TB: t}
			conn := Dialogue(fake, test.script)
			for part := range strings.SplitSeq(test.say, "+") {
				say(t, conn, part)
			}
			fake.finish()
			if diff := cmp.Diff([]string{"smtptest: " + test.want}, fake.errors); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDialogueEndsInTheMiddleOfAWait(t *testing.T) {
	fake := &recorder{TB: t}
	Dialogue(fake, "S: 220-wait\nW: 1h")
	fake.finish()
	if fake.errors != nil {
		t.Errorf("got %q, want no fault", fake.errors)
	}
}

func TestDialogueRefusedHandshake(t *testing.T) {
	conn := Dialogue(t, "TLS! mx.example expired")
	err := tls.Client(conn, &tls.Config{ServerName: "mx.example"}).Handshake()
	if err == nil {
		t.Error("an expired self-signed certificate was trusted")
	}
}

func TestScriptFaults(t *testing.T) {
	for _, test := range []struct{ name, script, want string }{
		{"unknown verb", "\nQ: no", `smtptest: script line 2: "Q: no" begins with none of S: S< C: C~ C| W: X: TLS: TLS!`},
		{"line behind the end", "X:\nS: 220", "smtptest: script line 2: stands behind the end, X:"},
		{"wait without unit", "W: 6", `smtptest: script line 1: time: missing unit in duration "6"`},
		{"escape unknown to Go", `S< \q`, "smtptest: script line 1: invalid syntax"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := parseScript(test.script)
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}
