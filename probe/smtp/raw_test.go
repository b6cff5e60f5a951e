package smtp_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mxvet/mxvet/probe/smtp"
)

const greets = "S: 220 mx.example\nC: EHLO me.example\nS: 250-mx.example\nS: 250 STARTTLS\n"

func TestSayAndNext(t *testing.T) {
	var said []string
	client := opened(t, greets+`
		C: NOOP
		C| NOOP
		S: 250 one
		S: 421 two
		X:`, &smtp.Options{Trace: func(entry smtp.Entry) {
		if entry.From == smtp.ClientSaid {
			said = append(said, entry.Text)
		}
	}})
	if err := client.Say(t.Context(), smtp.Hello, "NOOP\r\nNOOP\r\n"); err != nil {
		t.Fatal(err)
	}
	if len(said) != 3 || said[1] != "NOOP" || said[2] != "NOOP" {
		t.Errorf("the trace has %q", said)
	}
	for _, code := range []int{250, 421} {
		got, err := client.Next(t.Context(), smtp.Hello)
		wantReply(t, got, err, code)
	}
	_, err := client.Next(t.Context(), smtp.Hello)
	wantBroken(t, client, err, smtp.Hello, smtp.Closing)
}

func TestHears(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := opened(t, greets+`
			C~ NOOP\n
			W: 7s
			S: 250 at last
			X:`, nil)
		if err := client.Say(t.Context(), smtp.Hello, "NOOP\n\r\n"); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		for _, test := range []struct {
			limit, after time.Duration
			want         bool
		}{{5 * time.Second, 5 * time.Second, false}, {5 * time.Second, 7 * time.Second, true}, {5 * time.Second, 7 * time.Second, true}} {
			got, err := client.Hears(t.Context(), smtp.Hello, test.limit)
			if got != test.want || err != nil || time.Since(start) != test.after {
				t.Errorf("after %v: %v, %v; want %v after %v", time.Since(start), got, err, test.want, test.after)
			}
		}
		got, err := client.Next(t.Context(), smtp.Hello)
		wantReply(t, got, err, 250)
		_, err = client.Hears(t.Context(), smtp.Hello, time.Second)
		if broken := wantBroken(t, client, err, smtp.Hello, smtp.Hangup); !errors.Is(broken, io.ErrUnexpectedEOF) {
			t.Errorf("it ends with %v", broken)
		}
	})
}

func TestHearsIsEndedByTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := opened(t, greets+"W: 1h", nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := client.Hears(ctx, smtp.Hello, time.Minute)
		wantBroken(t, client, err, smtp.Hello, smtp.Timeout)
	})
}

func TestSecureIsStartTLSWithoutItsCommand(t *testing.T) {
	client := opened(t, greets+`
		C: STARTTLS
		C| NOOP
		S< 220 go\r\n250 too early\r\n
		TLS: mx.example
		C: EHLO me.example
		S: 250 mx.example`, nil)
	if err := client.Say(t.Context(), smtp.StartTLS, "STARTTLS\r\nNOOP\r\n"); err != nil {
		t.Fatal(err)
	}
	got, err := client.Next(t.Context(), smtp.StartTLS)
	wantReply(t, got, err, 220)
	if err := client.Secure(t.Context(), nil); !errors.Is(err, smtp.ErrConfig) {
		t.Errorf("without a configuration: %v", err)
	}
	if err := client.Secure(t.Context(), trusting()); err != nil {
		t.Fatal(err)
	}
	if string(client.Injected()) != "250 too early\r\n" {
		t.Errorf("injected %q", client.Injected())
	}
	got, err = client.Hello(t.Context(), "me.example")
	wantReply(t, got, err, 250)
	if err := client.Secure(t.Context(), trusting()); !errors.Is(err, smtp.ErrState) {
		t.Errorf("TLS in TLS: %v", err)
	}
}

func TestHandOver(t *testing.T) {
	client := opened(t, greets+`
		C: STARTTLS
		S: 454 4.7.0 not now
		C: STARTTLS
		S: 220 go
		C: whatever
		S: goes`, nil)
	got, conn, err := client.HandOver(t.Context())
	if wantReply(t, got, err, 454); conn != nil || client.Err() != nil {
		t.Fatalf("a refusal hands %v over, %v", conn, client.Err())
	}
	got, conn, err = client.HandOver(t.Context())
	if wantReply(t, got, err, 220); conn == nil {
		t.Fatal("nothing is handed over")
	}
	defer conn.Close()
	_, err = client.Noop(t.Context())
	wantBroken(t, client, err, smtp.TLS, smtp.Closed)
	io.WriteString(conn, "whatever\r\n")
	answer := make([]byte, 6)
	if _, err := io.ReadFull(conn, answer); err != nil || string(answer) != "goes\r\n" {
		t.Errorf("the connection says %q, %v", answer, err)
	}
}
