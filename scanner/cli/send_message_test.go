package cli

import (
	"bytes"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/mx/address"
)

func letterTo(t *testing.T, addresses ...string) *letter {
	t.Helper()
	l := &letter{sender: true, at: time.Date(2026, 11, 23, 10, 0, 0, 0, time.FixedZone("", 3600)), host: "me.example"}
	for i, text := range append([]string{"author@me.example"}, addresses...) {
		parsed, err := address.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			l.from = parsed
		} else {
			l.to = append(l.to, parsed)
		}
	}
	return l
}

func composed(t *testing.T, l *letter) *mail.Message {
	t.Helper()
	text, err := l.compose()
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		if !bytes.HasSuffix(line, []byte("\r\n")) || len(line) > 1000 {
			t.Errorf("a line of %d octets, %q at its end", len(line), line[max(0, len(line)-2):])
		}
	}
	message, err := mail.ReadMessage(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	return message
}

func TestCompose(t *testing.T) {
	for name, test := range map[string]struct {
		subject, body  string
		kind, encoding string
	}{
		"words":                      {"Simple test message", "This is the body.", "text/plain; charset=us-ascii", "7bit"},
		"several lines":              {"s", "one\ntwo\r\n.\n\n", "text/plain; charset=us-ascii", "7bit"},
		"nothing":                    {"", "", "text/plain; charset=us-ascii", "7bit"},
		"not ASCII":                  {"Grüße, 世界", "Schöne Grüße", "text/plain; charset=utf-8", "quoted-printable"},
		"a line longer than allowed": {"s", strings.Repeat("long ", 400), "text/plain; charset=utf-8", "quoted-printable"},
		"a long subject":             {strings.Repeat("Grüße und noch viel mehr. ", 20), "x", "text/plain; charset=us-ascii", "7bit"},
		"a header in the subject":    {"harmless\r\nBcc: everybody@example.org\r\n\r\nbody", "x", "text/plain; charset=us-ascii", "7bit"},
		"a control character":        {"s", "\x1b[31mred", "text/plain; charset=utf-8", "quoted-printable"},
	} {
		t.Run(name, func(t *testing.T) {
			l := letterTo(t, "ann@mx.example", "ben@mx.example")
			l.subject, l.body = test.subject, test.body
			message := composed(t, l)
			subject, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
			if err != nil || subject != test.subject {
				t.Errorf("subject %q (%v)", subject, err)
			}
			_, has := message.Header["Subject"]
			if has != (test.subject != "") || message.Header.Get("Bcc") != "" {
				t.Errorf("header %v", message.Header)
			}
			got := [...]string{message.Header.Get("From"), message.Header.Get("To"), message.Header.Get("Date"), message.Header.Get("Content-Type"), message.Header.Get("Content-Transfer-Encoding")}
			want := [...]string{"author@me.example", "ann@mx.example, ben@mx.example", "Mon, 23 Nov 2026 10:00:00 +0100", test.kind, test.encoding}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("want - got +:\n%s", diff)
			}
			body := message.Body
			if test.encoding == "quoted-printable" {
				body = quotedprintable.NewReader(body)
			}
			text, err := io.ReadAll(body)
			if want := strings.ReplaceAll(strings.TrimSuffix(test.body, "\n"), "\r\n", "\n"); err != nil || strings.TrimSuffix(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n") != want {
				t.Errorf("body %q (%v), want %q", text, err, want)
			}
		})
	}
}

func TestComplete(t *testing.T) {
	const from, to, date = "From: author@me.example\r\n", "To: ann@mx.example\r\n", "Date: Mon, 23 Nov 2026 10:00:00 +0100\r\n"
	for name, test := range map[string]struct{ given, added string }{
		"all there, in any case":           {"from: a\nTO: b\nDate : c\nmessage-id: <d>\n\nFrom: body\n", ""},
		"no date":                          {"From: a\r\nTo: b\r\nMessage-ID: <d>\r\n\r\nbody", date},
		"fields of the body do not count":  {"Date: a\nMessage-ID: <d>\nTo: b\n\nFrom: me\n", from},
		"nor do folded lines":              {"Date: a\nMessage-ID: <d>\nFrom: b\n To: c\n\nx\n", to},
		"a body alone":                     {"This is the body.\n", from + to + date + "ID\r\n\r\n"},
		"an empty header":                  {"\nThis is the body.\n", from + to + date + "ID\r\n"},
		"an indented body":                 {"  one\n\nDate: two\n", from + to + date + "ID\r\n\r\n"},
		"nothing":                          {"", from + to + date + "ID\r\n\r\n"},
		"a header without a body":          {"Subject: x\nDate: y\nFrom: z\nMessage-ID: <d>\n", to},
		"no blank line before the body":    {"To: a\nFrom: b\nMessage-ID: <d>\nHello Ann,\nDate: tomorrow\n", date},
		"eight bits, NUL and bare CR stay": {"Date: a\nMessage-ID: <d>\nTo: b\nFrom: c\nSubject: \xff\x00\r\n\n\xfe\rx", ""},
	} {
		t.Run(name, func(t *testing.T) {
			l := letterTo(t, "ann@mx.example")
			got, found := strings.CutSuffix(string(l.complete([]byte(test.given))), test.given)
			if !found {
				t.Fatalf("changed: %q", got)
			}
			got = regexp.MustCompile(`Message-ID: <20261123090000\.\w{16}@me\.example>`).ReplaceAllString(got, "ID")
			if got != test.added {
				t.Errorf("added %q, want %q", got, test.added)
			}
		})
	}
}

func TestAttachmentsOfEveryKind(t *testing.T) {
	for name, want := range map[string]string{
		"a.pdf":     "application/pdf",
		"a.eml":     "application/octet-stream", // message/rfc822 may not be base64
		"nameless":  "text/html; charset=utf-8",
		"other.bin": "application/octet-stream",
	} {
		data := []byte("<html></html>")
		if name == "other.bin" {
			data = []byte{0, 1, 2}
		}
		if got := kindOf(attachment{name, data}); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
