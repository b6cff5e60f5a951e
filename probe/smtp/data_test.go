package smtp_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/smtptest"
)

const toDATA = `
	S: 220 mx
	C: EHLO me.example
	S: 250 mx
	C: MAIL FROM:<>
	S: 250 ok
	C: RCPT TO:<a@mx.example>
	S: 250 ok
	C: DATA
`

// addressed has a recipient, so that DATA is next.
func addressed(t testing.TB, client *smtp.Client) *smtp.Client {
	t.Helper()
	if reply, err := client.Mail(t.Context(), ""); err != nil || reply.Code != 250 {
		t.Fatal(reply, err)
	}
	if reply, err := client.Rcpt(t.Context(), "a@mx.example"); err != nil || reply.Code != 250 {
		t.Fatal(reply, err)
	}
	return client
}

// taker is a server that hands the octets of one message, the dot that ends it
// included, to where they go.
func taker(t testing.TB, conn net.Conn, end net.Conn, octets io.Writer) *smtp.Client {
	t.Helper()
	var wait sync.WaitGroup
	wait.Go(func() {
		defer end.Close()
		io.WriteString(end, "220 mx\r\n")
		take(end, octets)
	})
	t.Cleanup(func() { conn.Close(); wait.Wait() })
	client := smtp.NewClient(conn, nil)
	if _, err := client.Greet(t.Context()); err != nil {
		t.Fatal(err)
	}
	return addressed(t, client)
}

// take answers commands until DATA, and after it all up to CRLF.CRLF.
func take(end net.Conn, octets io.Writer) {
	buffer, line := make([]byte, 64<<10), ""
	for !strings.HasPrefix(line, "DATA") {
		n, err := end.Read(buffer)
		if err != nil {
			return
		}
		line = string(buffer[:n])
		code := "250"
		if strings.HasPrefix(line, "DATA") {
			code = "354"
		}
		io.WriteString(end, code+" ok\r\n")
	}
	tail := "\r\n"
	for {
		n, err := end.Read(buffer)
		if err != nil {
			return
		}
		octets.Write(buffer[:n])
		tail += string(buffer[max(0, n-5):n])
		if tail = tail[max(0, len(tail)-5):]; tail == "\r\n.\r\n" {
			break
		}
	}
	io.WriteString(end, "250 taken\r\n")
}

func TestWhatGoesOverTheWire(t *testing.T) {
	line998 := strings.Repeat("x", 998)
	for _, test := range []struct{ name, message, want string }{
		{"nothing", "", ""},
		{"CRLF", "A: b\r\n\r\nc\r\n", "A: b\r\n\r\nc\r\n"},
		{"bare LF", "A: b\n\nc\n", "A: b\r\n\r\nc\r\n"},
		{"bare CR", "A: b\r\rc\r", "A: b\r\n\r\nc\r\n"},
		{"both, mixed up", "a\r\r\nb\n\rc", "a\r\n\r\nb\r\n\r\nc\r\n"},
		{"no end", "a", "a\r\n"},
		{"an end of CR alone", "a\r", "a\r\n"},
		{"lines of dots", ".\n..\n...\n. \n a.\n", "..\r\n...\r\n....\r\n.. \r\n a.\r\n"},
		{"a dot alone at the end", "a\n.", "a\r\n..\r\n"},
		{"an end smuggled in with LF", "a\n.\nMAIL FROM:<>\n", "a\r\n..\r\nMAIL FROM:<>\r\n"},
		{"an end smuggled in with CR", "a\r.\rMAIL FROM:<>\r", "a\r\n..\r\nMAIL FROM:<>\r\n"},
		{"octets of Latin-1, NUL among them", "caf\xe9\x00\xff\n", "caf\xe9\x00\xff\r\n"},
		{"UTF-8", "Gr\u00fc\u00dfe \u4f60\u597d\n", "Gr\u00fc\u00dfe \u4f60\u597d\r\n"},
		{"998 octets", line998 + "\n." + line998 + "\n", line998 + "\r\n.." + line998 + "\r\n"},
	} {
		for how, reader := range map[string]io.Reader{
			"whole":        strings.NewReader(test.message),
			"by the octet": iotest.OneByteReader(strings.NewReader(test.message)),
			"with its end": iotest.DataErrReader(strings.NewReader(test.message)),
		} {
			t.Run(test.name+" "+how, func(t *testing.T) {
				var got bytes.Buffer
				conn, end := smtptest.Pipe(nil, nil)
				replies, err := taker(t, conn, end, &got).Data(t.Context(), reader)
				if diff := cmp.Diff([]smtp.Reply{{Code: 250, Lines: []string{"taken"}}}, replies); diff != "" || err != nil {
					t.Fatalf("%v, -want +got:\n%s", err, diff)
				}
				if diff := cmp.Diff(test.want+".\r\n", got.String()); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
				size, body, err := smtp.Measure(strings.NewReader(test.message))
				wantBody := smtp.SevenBit
				if strings.ContainsFunc(test.message, func(r rune) bool { return r >= 0x80 }) {
					wantBody = smtp.EightBitMIME
				}
				if size != int64(len(test.want)-dots(test.want)) || body != wantBody || err != nil {
					t.Errorf("measured %d, %s, %v; want %d, %s", size, body, err, len(test.want)-dots(test.want), wantBody)
				}
			})
		}
	}
}

// dots counts the doubled ones.
func dots(wire string) int { return strings.Count("\n"+wire, "\n.") }

// What a server undoes is the message again, whatever it was and however it
// came, and its end stands nowhere but at its end.
func checkRoundTrip(t testing.TB, message []byte, reader io.Reader) {
	var got bytes.Buffer
	conn, end := smtptest.Pipe(nil, nil)
	defer conn.Close()
	done := make(chan struct{})
	go func() { defer close(done); defer end.Close(); io.WriteString(end, "220 mx\r\n"); take(end, &got) }()
	client := smtp.NewClient(conn, nil)
	if _, err := client.Greet(context.Background()); err != nil {
		t.Fatal(err)
	}
	if replies, err := client.Data(context.Background(), reader); err != nil || replies[0].Code != 250 {
		t.Fatal(replies, err)
	}
	<-done
	wire := got.String()
	if left := strings.NewReplacer("\r\n", "").Replace(wire); strings.ContainsAny(left, "\r\n") {
		t.Fatalf("a CR or LF alone in %q", wire)
	}
	body, ended := strings.CutSuffix("\r\n"+wire, "\r\n.\r\n")
	if !ended || strings.Contains(body+"\r\n", "\r\n.\r\n") {
		t.Fatalf("the end is not at the end of %q", wire)
	}
	body = strings.TrimPrefix(strings.ReplaceAll(body, "\r\n.", "\r\n")+"\r\n", "\r\n")
	want := regexp.MustCompile(`\r\n|\r|\n`).ReplaceAllString(string(message), "\r\n")
	if want != "" && !strings.HasSuffix(want, "\r\n") {
		want += "\r\n"
	}
	if diff := cmp.Diff(want, body); diff != "" {
		t.Fatalf("-want +got:\n%s", diff)
	}
}

func FuzzDotStuffing(f *testing.F) {
	for _, seed := range []string{"", ".", "\n.", "\r.\r", "a\r\n.\r\nb", "..\n\r\r\n.", "\r", "\n\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		checkRoundTrip(t, message, bytes.NewReader(message))
		checkRoundTrip(t, message, iotest.HalfReader(bytes.NewReader(message)))
	})
}

func TestDotStuffingUndone(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		message := []byte(rapid.StringOfN(rapid.SampledFrom([]rune("a.\r\n")), 0, 40, -1).Draw(r, "message"))
		checkRoundTrip(t, message, iotest.OneByteReader(bytes.NewReader(message)))
	})
}

// lines makes a message of lines without keeping it.
type lines struct {
	left int
	line string
	rest string
}

func (l *lines) Read(into []byte) (int, error) {
	if l.rest == "" {
		if l.left == 0 {
			return 0, io.EOF
		}
		l.left, l.rest = l.left-1, l.line
	}
	n := copy(into, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

func TestTwentyFiveMegabytes(t *testing.T) {
	const count = 25_000_000 / 1000
	line := "." + strings.Repeat("0123456789", 99) + "1234567" // 998 octets
	got, want := sha256.New(), sha256.New()
	for range count {
		io.WriteString(want, "."+line+"\r\n")
	}
	io.WriteString(want, ".\r\n")
	conn, end := net.Pipe() // which copies nothing, so that what is allocated is the client's
	client := taker(t, conn, end, got)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := client.Data(t.Context(), &lines{left: count, line: line + "\n"}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if !bytes.Equal(got.Sum(nil), want.Sum(nil)) {
		t.Error("another message came than was sent")
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
		t.Errorf("%d octets were allocated for it", used)
	}
}

func BenchmarkTwentyFiveMegabytes(b *testing.B) {
	line := strings.Repeat("0123456789", 99) + "12345678\n"
	b.SetBytes(25_000 * 999)
	for b.Loop() {
		conn, end := net.Pipe()
		client := taker(b, conn, end, io.Discard)
		if _, err := client.Data(b.Context(), &lines{left: 25_000, line: line}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestDATARefused(t *testing.T) {
	for _, code := range []int{421, 451, 503, 554} {
		client := addressed(t, opened(t, toDATA+fmt.Sprintf("S: %d no", code), nil))
		replies, err := client.Data(t.Context(), strings.NewReader("a"))
		if err != nil || len(replies) != 1 || replies[0].Code != code {
			t.Errorf("%d: got %v, %v", code, replies, err)
		}
	}
	client := addressed(t, opened(t, toDATA+"S: 250 queued", nil))
	_, err := client.Data(t.Context(), strings.NewReader("a"))
	wantBroken(t, client, err, smtp.Data, smtp.Protocol)
}

func TestAfterAMessageTheConversationGoesOn(t *testing.T) {
	client := addressed(t, opened(t, toDATA+"S: 354 go\nC: a\nC: .\nS: 554 5.7.1 spam\nC: NOOP\nS: 250 ok", nil))
	replies, err := client.Data(t.Context(), strings.NewReader("a"))
	if err != nil || len(replies) != 1 || replies[0].Code != 554 {
		t.Fatal(replies, err)
	}
	reply, err := client.Noop(t.Context())
	wantReply(t, reply, err, 250)
}

func TestMessagesThatCannotBeRead(t *testing.T) {
	lost := errors.New("the disk is gone")
	client := addressed(t, opened(t, toDATA+"S: 354 go", nil))
	_, err := client.Data(t.Context(), io.MultiReader(strings.NewReader("a\nb\n"), iotest.ErrReader(lost)))
	if broken := wantBroken(t, client, err, smtp.Data, smtp.Unread); !errors.Is(broken, lost) {
		t.Errorf("%v does not hold its cause", err)
	}
}

// A server may die while it is told a message; what it says last is what counts.
func TestServersThatDieInTheMessage(t *testing.T) {
	for _, test := range []struct {
		name, words string
		tls         bool
		cause       smtp.Cause
		partial     string
	}{
		{"without a word", "", false, smtp.Hangup, ""},
		{"without a word, inside TLS", "", true, smtp.Hangup, ""},
		{"with 421", "421 4.3.2 shutting down", false, smtp.Closing, ""},
		{"with 421, inside TLS", "421 4.3.2 shutting down", true, smtp.Closing, ""},
		{"with 552", "552 5.3.4 too big", false, smtp.Hangup, "552 5.3.4 too big"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := &smtptest.Server{Character: smtptest.Character{DropData: 200_000, HangUp: test.words}}
			var client *smtp.Client
			if test.tls {
				client = secure(t, server, nil, trusting())
			} else {
				client = served(t, server, nil)
			}
			_, err := addressed(t, client).Data(t.Context(), &lines{left: 100_000, line: "some words\n"})
			broken := wantBroken(t, client, err, smtp.Data, test.cause)
			if broken.Partial != test.partial {
				t.Errorf("got the last words %q, want %q", broken.Partial, test.partial)
			}
			if test.words != "" && !strings.Contains(err.Error(), test.words[4:]) {
				t.Errorf("%v does not quote %q", err, test.words)
			}
			if n := len(server.Messages()); n != 0 {
				t.Errorf("%d messages were taken", n)
			}
		})
	}
	t.Run("after the dot", func(t *testing.T) {
		client := addressed(t, opened(t, toDATA+"S: 354 go\nC: a\nC: .\nX:", nil))
		_, err := client.Data(t.Context(), strings.NewReader("a"))
		wantBroken(t, client, err, smtp.Data, smtp.Hangup)
	})
}

func TestTimersOfAMessage(t *testing.T) {
	for _, test := range []struct {
		name, script string
		options      smtp.Options
		context      time.Duration
		after        time.Duration // when it is given up; 0 for a message that is taken
	}{
		{"DATA answered after 1m59s", "W: 1m59s\nS: 354 go\nC: a\nC: .\nS: 250 ok", smtp.Options{}, 0, 0},
		{"DATA not answered", "W: 1h", smtp.Options{}, 0, 2 * time.Minute},
		{"DATA not answered to the impatient", "W: 1h", smtp.Options{IOTimeout: 10 * time.Second}, 0, 10 * time.Second},
		{"a filter that reads for 9m59s", "S: 354 go\nC: a\nC: .\nW: 9m59s\nS: 250 ok", smtp.Options{IOTimeout: 10 * time.Second}, 0, 0},
		{"a filter that reads for ever", "S: 354 go\nC: a\nC: .\nW: 1h", smtp.Options{}, 0, 10 * time.Minute},
		{"the context's own time", "S: 354 go\nC: a\nC: .\nW: 1h", smtp.Options{}, time.Minute, time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := addressed(t, opened(t, toDATA+test.script, &test.options))
				ctx := t.Context()
				if test.context > 0 {
					short, cancel := context.WithTimeout(ctx, test.context)
					defer cancel()
					ctx = short
				}
				start := time.Now()
				_, err := client.Data(ctx, strings.NewReader("a"))
				if test.after == 0 {
					if err != nil {
						t.Fatal(err)
					}
					return
				}
				wantBroken(t, client, err, smtp.Data, smtp.Timeout)
				if took := time.Since(start); took != test.after {
					t.Errorf("given up after %v, want %v", took, test.after)
				}
			})
		})
	}
}

func TestAServerThatStopsReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, end := smtptest.Pipe(nil, nil)
		defer end.Close()
		io.WriteString(end, "220 mx\r\n")
		client := smtp.NewClient(conn, nil)
		if _, err := client.Greet(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Second, func() { io.WriteString(end, "354 go\r\n") })
		start := time.Now()
		_, err := client.Data(t.Context(), &lines{left: 1_000_000, line: "words\n"})
		wantBroken(t, client, err, smtp.Data, smtp.Timeout)
		if took := time.Since(start); took != time.Second+3*time.Minute {
			t.Errorf("given up after %v, want 3 minutes behind the 354", took)
		}
	})
}

func TestTheMessageInTheTranscript(t *testing.T) {
	options, said := record(smtp.Options{})
	client := addressed(t, opened(t, toDATA+"S: 354 go\nC: Subject: a\nC: \nC: ..\nC: b\nC: .\nS: 250 ok", options))
	if _, err := client.Data(t.Context(), strings.NewReader("Subject: a\n\n.\nb")); err != nil {
		t.Fatal(err)
	}
	_, message, _ := strings.Cut(said.String(), "354 go\n")
	if diff := cmp.Diff("Subject: a\n\n..\nb\n.\n250 ok\n", message); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}

	options, said = record(smtp.Options{})
	client = addressed(t, served(t, &smtptest.Server{}, options))
	if _, err := client.Data(t.Context(), &lines{left: 10_000, line: "12345678\n"}); err != nil {
		t.Fatal(err)
	}
	_, message, _ = strings.Cut(said.String(), ".<CR><LF>\n")
	want := fmt.Sprintf("%d octets more of the message, not shown\n.\n250 ", 10*10_000-16<<10)
	if size := len(message); size > 16<<10 || !strings.Contains(message, want) {
		t.Errorf("%d octets of a long message are shown, ending in %q, want %q", size, message[max(0, size-120):], want)
	}
}

func TestLMTPAnswersForEach(t *testing.T) {
	const start = `
		S: 220 mx LMTP
		C: LHLO me.example
		S: 250 mx
		C: MAIL FROM:<>
		S: 250 ok
		C: RCPT TO:<a@mx.example>
		S: 250 ok
		C: RCPT TO:<b@mx.example>
		S: 550 no
		C: RCPT TO:<c@mx.example>
		S: 250 ok
		C: DATA
	`
	for _, test := range []struct {
		name, script string
		codes        []int
		cause        smtp.Cause // empty for a conversation that is whole
	}{
		{"one full", "S: 354 go\nC: a\nC: .\nS: 250 ok\nS: 452 4.2.2 full\nC: NOOP\nS: 250 ok", []int{250, 452}, ""},
		{"DATA refused", "S: 503 no\nC: NOOP\nS: 250 ok", []int{503}, ""},
		{"hang-up between them", "S: 354 go\nC: a\nC: .\nS: 250 ok\nX:", []int{250}, smtp.Hangup},
		{"421 for the first", "S: 354 go\nC: a\nC: .\nS: 421 later\nX:", []int{421}, smtp.Closing},
	} {
		t.Run(test.name, func(t *testing.T) {
			client := opened(t, start+test.script, &smtp.Options{LMTP: true})
			client.Mail(t.Context(), "")
			for _, who := range []string{"a", "b", "c"} {
				client.Rcpt(t.Context(), who+"@mx.example")
			}
			replies, err := client.Data(t.Context(), strings.NewReader("a"))
			if diff := cmp.Diff(test.codes, codes(replies)); diff != "" {
				t.Errorf("%v, -want +got:\n%s", err, diff)
			}
			if test.cause != "" {
				wantBroken(t, client, err, smtp.Data, test.cause)
				return
			}
			reply, err := client.Noop(t.Context())
			wantReply(t, reply, err, 250)
		})
	}
}
