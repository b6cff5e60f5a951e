//go:build unix

package scanner_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// realMessage is a message with all fields that one has to have.
func realMessage(id, body string) string {
	return fmt.Sprintf("From: Author <author@probe.test>\nTo: undisclosed-recipients:;\nDate: Mon, 23 Nov 2026 10:00:00 +0000\nMessage-ID: <%s@probe.test>\nX-Folded: one\n\ttwo   three \nsubject:   Simple test message\n\n%s", id, body)
}

// realMessages are messages that come through whole or not at all, by
// what is special about them.
func realMessages() map[string]string {
	dots := "\n.\n..\n...\n.leading\n. \n.\r\n\n.\n"
	octets := make([]byte, 0, 256)
	for c := range 256 {
		if c != '\r' && c != '\n' && c != 0 { // Postfix takes NUL out
			octets = append(octets, byte(c))
		}
	}
	line := strings.Repeat("0123456789", 99) + "12345678"
	return map[string]string{
		"words":                        realMessage("words", "This is the body.\n"),
		"lines that end in CRLF":       strings.ReplaceAll(realMessage("crlf", "This is\n\nthe body.\n"), "\n", "\r\n"),
		"lines that end in either way": realMessage("either", "one\r\ntwo\nthree\r\n\r\nfour\n"),
		"eight bits in UTF-8":          realMessage("utf8", "Grüße, 世界\n"),
		"eight bits of every kind":     realMessage("octets", string(octets)+"\n"),
		"lines of dots":                realMessage("dots", dots),
		"a dot at the end":             realMessage("dot", "."),
		"lines of 998 octets":          realMessage("long", line+"\n."+line[1:]+"\n"+strings.Repeat("é", 499)+"\n"),
		"no body":                      realMessage("none", ""),
		"no end of the last line":      realMessage("open", "This is the body."),
		"a header in UTF-8":            strings.Replace(realMessage("header", "x\n"), "Author <", "Grüße <", 1),
		"what looks like commands":     realMessage("commands", "QUIT\nDATA\nRSET\n.QUIT\nFrom here\n>From there\n"),
	}
}

// realLines is a message as Unix keeps it: every line ends in LF, the last too.
func realLines(message string) string {
	message = strings.ReplaceAll(message, "\r\n", "\n")
	if !strings.HasSuffix(message, "\n") {
		message += "\n"
	}
	return message
}

// realID is how a message is found again.
func realID(message string) string {
	_, rest, _ := strings.Cut(message, "Message-ID: ")
	id, _, _ := strings.Cut(rest, ">")
	return id + ">"
}

func TestRealSendMessages(t *testing.T) {
	t.Parallel()
	at := startPostOffice(t)
	for name, message := range realMessages() {
		for place, to := range map[string]struct {
			addr    netip.AddrPort
			maildir string
			args    []string
		}{
			"Postfix":      {at.plain, filepath.Join(at.mail, "ann"), nil},
			"Dovecot LMTP": {at.dovecot.lmtp, filepath.Join(at.dovecot.mail, "ann@s.test"), []string{"--lmtp"}},
		} {
			t.Run(name+" by "+place, func(t *testing.T) {
				args := append(to.args, "--from", "author@probe.test", "--to", "ann@s.test", "--message", "-", "-q")
				got := realRunCommand(t, []byte(message), realSending(to.addr, args...)...)
				if got.status != 0 || got.stderr != "" {
					t.Fatalf("exit status %d: %s", got.status, got.stderr)
				}
				delivered := realUntraced(t, realDelivered(t, to.maildir, realID(message)))
				if diff := cmp.Diff(realLines(message), string(delivered)); diff != "" {
					t.Errorf("given - delivered +:\n%s", diff)
				}
			})
		}
	}
	t.Run("25 MB", func(t *testing.T) {
		body := strings.Repeat(strings.Repeat("All work and no play makes Jack a dull boy. ", 2)+"\n.\n", 25<<20/90)
		message := realMessage("big", body)
		path := realFile(t, filepath.Join(realDir(t), "big.eml"), message)
		got := realRunCommand(t, nil, realSending(at.plain, "--from", "author@probe.test", "--to", "ann@s.test", "--message", path, "--format", "json")...)
		if got.status != 0 {
			t.Fatal(got.stderr)
		}
		delivered := realUntraced(t, realDelivered(t, filepath.Join(at.mail, "ann"), "<big@probe.test>"))
		if len(message) < 25<<20 || !bytes.Equal(delivered, []byte(message)) {
			t.Errorf("%d octets given, %d delivered", len(message), len(delivered))
		}
		var row struct{ Size int }
		if err := json.Unmarshal([]byte(got.stdout), &row); err != nil || row.Size != len(message)+strings.Count(message, "\n") {
			t.Errorf("size %d (%v), of %d octets in %d lines", row.Size, err, len(message), strings.Count(message, "\n"))
		}
	})
	t.Run("more than the server takes", func(t *testing.T) {
		path := realFile(t, filepath.Join(realDir(t), "big.eml"), realMessage("huge", strings.Repeat("x\n", 31<<20)))
		got := realRunCommand(t, nil, realSending(at.plain, "--from", "author@probe.test", "--to", "ann@s.test", "--message", path)...)
		realFailed(t, got, 4, "the sender <author@probe.test> is refused: 552 5.3.4 Message size exceeds fixed limit")
	})
	t.Run("UTF-8 addresses", func(t *testing.T) {
		got := realRunCommand(t, nil, realSending(at.plain, "--from", "grüße@probe.test", "--to", "jörg@s.test", "--subject", "Grüße", "--body", "Schöne Grüße")...)
		if got.status != 0 || !strings.Contains(got.stdout, " SMTPUTF8\n") {
			t.Fatalf("exit status %d:\n%s%s", got.status, got.stdout, got.stderr)
		}
		read, err := mail.ReadMessage(bytes.NewReader(realDelivered(t, filepath.Join(at.mail, "joerg"), "From: grüße@probe.test\nTo: jörg@s.test\n")))
		if err != nil {
			t.Fatal(err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject"))
		if err != nil || subject != "Grüße" {
			t.Errorf("subject %q: %v", subject, err)
		}
	})
	t.Run("the fields that are missing, and nothing else", func(t *testing.T) {
		given := "subject: half a message\nFROM: Someone Else <else@probe.test>\nX-Mark: half\n\nThis is the body.\n"
		got := realRunCommand(t, []byte(given), realSending(at.plain, "--from", "author@probe.test", "--to", "ann@s.test", "--to", "ben@s.test", "--message", "-")...)
		if got.status != 0 {
			t.Fatal(got.stderr)
		}
		delivered := string(realUntraced(t, realDelivered(t, filepath.Join(at.mail, "ben"), "X-Mark: half")))
		added, found := strings.CutSuffix(delivered, given)
		if !found {
			t.Fatalf("delivered:\n%s", delivered)
		}
		read, err := mail.ReadMessage(strings.NewReader(added + "\n"))
		if err != nil {
			t.Fatal(err)
		}
		when, err := read.Header.Date()
		if err != nil || time.Since(when) > time.Minute {
			t.Errorf("date %v (%v)", when, err)
		}
		if names := slices.Sorted(func(yield func(string) bool) {
			for name := range read.Header {
				if !yield(name) {
					return
				}
			}
		}); !slices.Equal(names, []string{"Date", "Message-Id", "To"}) || read.Header.Get("To") != "ann@s.test, ben@s.test" {
			t.Errorf("added:\n%s", added)
		}
	})
	t.Run("attachments", func(t *testing.T) {
		dir, octets := realDir(t), bytes.Repeat([]byte{0, 1, 2, '\r', '\n', '.', 0xff}, 1000)
		binary, text := realFile(t, filepath.Join(dir, "naïve report.bin"), string(octets)), realFile(t, filepath.Join(dir, "note.txt"), "a note\n")
		got := realRunCommand(t, nil, realSending(at.plain, "--from", "author@probe.test", "--to", "ann@s.test", "--subject", "attached", "--body", "see below", "--attach", binary, "--attach", text)...)
		if got.status != 0 {
			t.Fatal(got.stderr)
		}
		read, err := mail.ReadMessage(bytes.NewReader(realDelivered(t, filepath.Join(at.mail, "ann"), "Subject: attached")))
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"": "see below\r\n", "naïve report.bin": string(octets), "note.txt": "a note\n"}
		if diff := cmp.Diff(want, partsOf(t, read)); diff != "" {
			t.Errorf("parts, want - got +:\n%s", diff)
		}
	})
}

// partsOf are the contents of a message's parts, decoded, by their file names.
// Lines of text end in CRLF there.
func partsOf(t *testing.T, message *mail.Message) map[string]string {
	t.Helper()
	kind, params, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/mixed" {
		t.Fatalf("%q: %v", kind, err)
	}
	parts, out := multipart.NewReader(message.Body, params["boundary"]), make(map[string]string)
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		if part.Header.Get("Content-Transfer-Encoding") == "base64" {
			if text, err = base64.StdEncoding.DecodeString(strings.ReplaceAll(string(text), "\n", "")); err != nil {
				t.Fatal(err)
			}
		} else {
			text = []byte(strings.ReplaceAll(string(text), "\n", "\r\n"))
		}
		out[part.FileName()] = string(text)
	}
}

func TestRealSendLMTP(t *testing.T) {
	t.Parallel()
	dovecot := startDovecot(t)
	got := realRunCommand(t, nil, realSending(dovecot.lmtp, "--lmtp", "--from", "author@probe.test", "--to", "ann@s.test", "--to", "nobody@s.test", "--to", "ben@s.test", "--subject", "to both", "--body", "x")...)
	realFailed(t, got, 4, "the recipient <nobody@s.test> is refused: 550 5.1.1 <nobody@s.test> User doesn't exist: nobody@s.test")
	for _, want := range []string{" C: LHLO client.probe.test\n", "\naccepted for ann@s.test: 250 2.0.0 <ann@s.test> ", "\naccepted for ben@s.test: 250 2.0.0 <ben@s.test> "} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("no %q in\n%s", want, got.stdout)
		}
	}
	for _, user := range []string{"ann@s.test", "ben@s.test"} {
		realUntraced(t, realDelivered(t, filepath.Join(dovecot.mail, user), "Subject: to both"))
	}
}

// aiosmtpdKeeper writes what it is sent to a file, as it came.
const aiosmtpdKeeper = `
import asyncio, sys
from aiosmtpd.smtp import SMTP

class Keeper:
    async def handle_DATA(self, server, session, envelope):
        with open(sys.argv[3], 'wb') as file:
            file.write(envelope.original_content)
        return '250 kept'

async def serve():
    smtp = lambda: SMTP(Keeper(), hostname='mx.f.test', data_size_limit=60000000, enable_SMTPUTF8=True)
    server = await asyncio.get_running_loop().create_server(smtp, sys.argv[1], int(sys.argv[2]))
    await server.serve_forever()

asyncio.run(serve())
`

func TestRealSendToAiosmtpd(t *testing.T) {
	t.Parallel()
	python := realProgram(t, "/usr/bin/python3", "python3")
	if err := exec.Command(python, "-c", "import aiosmtpd").Run(); err != nil {
		realMissing(t, "not found: aiosmtpd, for "+python)
	}
	addr, dir := realPort(t, "127.0.53.38"), realDir(t)
	kept := filepath.Join(dir, "kept")
	realStart(t, python, realFile(t, filepath.Join(dir, "serve.py"), aiosmtpdKeeper), addr.Addr().String(), fmt.Sprint(addr.Port()), kept)
	realOpen(t, addr)
	for name, message := range realMessages() {
		t.Run(name, func(t *testing.T) {
			got := realRunCommand(t, []byte(message), realSending(addr, "--from", "author@probe.test", "--to", "ann@f.test", "--message", "-", "-q")...)
			if got.status != 0 || got.stdout != "accepted for ann@f.test: 250 kept\n" {
				t.Fatalf("exit status %d: %s%s", got.status, got.stdout, got.stderr)
			}
			delivered, err := os.ReadFile(kept)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.ReplaceAll(realLines(message), "\n", "\r\n"), string(delivered)); diff != "" {
				t.Errorf("given - received +:\n%s", diff)
			}
		})
	}
}
