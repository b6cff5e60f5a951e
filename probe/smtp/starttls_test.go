package smtp_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/smtptest"
)

// trusting asks for mx.example and believes anything.
func trusting() *tls.Config { return &tls.Config{ServerName: "mx.example", InsecureSkipVerify: true} }

func TestStartTLS(t *testing.T) {
	client := opened(t, `
		S: 220 mx.example
		C: EHLO me.example
		S: 250-mx.example
		S: 250-PIPELINING
		S: 250 STARTTLS
		C: STARTTLS
		S: 220 go ahead
		TLS: mx.example
		C: EHLO me.example
		S: 250-mx.example
		S: 250 REQUIRETLS
		C: QUIT
		S: 221 bye
	`, nil)
	if _, ok := client.TLSState(); ok {
		t.Error("encrypted before STARTTLS")
	}
	got, err := client.StartTLS(t.Context(), trusting())
	wantReply(t, got, err, 220)
	if client.Extensions() != nil || client.Verb() != "" {
		t.Errorf("remembers %s %v", client.Verb(), client.Extensions())
	}
	if state, ok := client.TLSState(); !ok || state.Version != tls.VersionTLS13 {
		t.Errorf("state %v %v", state.Version, ok)
	}
	if client.Injected() != nil {
		t.Errorf("injected %q", client.Injected())
	}
	got, err = client.Hello(t.Context(), "me.example")
	wantReply(t, got, err, 250)
	if !client.Extensions().Has(smtp.ExtRequireTLS) || client.Extensions().Has(smtp.ExtPipelining) {
		t.Errorf("extensions %v", client.Extensions())
	}
	if _, err := client.StartTLS(t.Context(), trusting()); !errors.Is(err, smtp.ErrState) {
		t.Errorf("TLS in TLS: %v", err)
	}
	got, err = client.Quit(t.Context())
	wantReply(t, got, err, 221)
}

func TestStartTLSRefused(t *testing.T) {
	for _, reply := range []string{"454 not now", "502 no", "501 no parameters", "250 ok, but 250 is not 220"} {
		t.Run(reply, func(t *testing.T) {
			client := greeted(t, "S: 220 mx\nC: STARTTLS\nS: "+reply+"\nC: NOOP\nS: 250 ok", nil)
			if got, err := client.StartTLS(t.Context(), trusting()); err != nil || got.Code == 220 {
				t.Fatal(got, err)
			}
			got, err := client.Noop(t.Context())
			wantReply(t, got, err, 250)
		})
	}
}

func TestInjectedBehindThe220(t *testing.T) {
	client := greeted(t, `
		S: 220 mx
		C: STARTTLS
		S< 220 go ahead\r\n250 injected\r\n
		TLS: mx.example
		C: NOOP
		S: 250 the real one
	`, nil)
	got, err := client.StartTLS(t.Context(), trusting())
	wantReply(t, got, err, 220)
	if text := string(client.Injected()); text != "250 injected\r\n" {
		t.Errorf("injected %q", text)
	}
	got, err = client.Noop(t.Context())
	if wantReply(t, got, err, 250); got.Text() != "the real one" {
		t.Errorf("got %q: the injected reply was believed", got.Text())
	}
}

// A server that gave up before the ClientHello is broken, not attacked.
func TestAlertBehindThe220(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := deaf(t, []string{"220 mx\r\n", "220 go\r\n\x15\x03\x03\x00\x02\x02\x28"}, false)
		_, err := client.StartTLS(t.Context(), trusting())
		wantBroken(t, client, err, smtp.TLS, smtp.TLSFailed)
		if !strings.Contains(err.Error(), "handshake failure") {
			t.Errorf("%v, want the alert's own words", err)
		}
		if client.Injected() != nil {
			t.Errorf("injected %q", client.Injected())
		}
	})
}

func TestHandshakesThatFail(t *testing.T) {
	for _, test := range []struct {
		name    string
		answers []string // to the ClientHello, after which the server is silent
		hangup  bool
		cause   smtp.Cause
	}{
		{"the server hangs up", nil, true, smtp.Hangup},
		{"the server is silent", nil, false, smtp.Timeout},
		{"the server speaks SMTP", []string{"454 no certificate today\r\n"}, false, smtp.TLSFailed},
		{"the server sends an alert", []string{"\x15\x03\x03\x00\x02\x02\x28"}, false, smtp.TLSFailed},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := deaf(t, append([]string{"220 mx\r\n", "220 go\r\n"}, test.answers...), test.hangup)
				_, err := client.StartTLS(t.Context(), trusting())
				wantBroken(t, client, err, smtp.TLS, test.cause)
				if _, ok := errors.AsType[*smtp.TLSError](err); !ok {
					t.Errorf("no *TLSError in %v", err)
				}
				if test.hangup && !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Errorf("got %v, want io.ErrUnexpectedEOF", err)
				}
			})
		})
	}
}

// deaf is a greeted client of a server that sends the first text at once, each
// further one after a read, and then hangs up or is silent. It does not care
// what it reads.
func deaf(t *testing.T, texts []string, hangup bool) *smtp.Client {
	near, far := smtptest.Pipe(nil, nil)
	var wait sync.WaitGroup
	wait.Go(func() {
		rest := make([]byte, 4096)
		for i, text := range texts {
			if i > 0 {
				far.Read(rest)
			}
			io.WriteString(far, text)
		}
		far.Read(rest)
		for !hangup {
			if _, err := far.Read(rest); err != nil {
				break
			}
		}
		far.Close()
	})
	t.Cleanup(func() {
		near.Close()
		wait.Wait()
	})
	client := smtp.NewClient(near, nil)
	if _, err := client.Greet(t.Context()); err != nil {
		t.Fatal(err)
	}
	return client
}

func TestUntrustedCertificate(t *testing.T) {
	client := greeted(t, "S: 220 mx\nC: STARTTLS\nS: 220 go\nTLS! mx.example", nil)
	_, err := client.StartTLS(t.Context(), &tls.Config{ServerName: "mx.example", RootCAs: x509.NewCertPool()})
	wantBroken(t, client, err, smtp.TLS, smtp.TLSFailed)
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok {
		t.Errorf("got %v, want the verification's error inside", err)
	}
}

func TestImplicitTLS(t *testing.T) {
	client := smtp.NewClient(smtptest.Dialogue(t, "TLS: mx.example\nS: 220 mx.example\nC: NOOP\nS: 250 ok"), nil)
	if err := client.ImplicitTLS(t.Context(), trusting()); err != nil {
		t.Fatal(err)
	}
	got, err := client.Greet(t.Context())
	wantReply(t, got, err, 220)
	got, err = client.Noop(t.Context())
	wantReply(t, got, err, 250)
	if err := client.ImplicitTLS(t.Context(), trusting()); !errors.Is(err, smtp.ErrState) {
		t.Errorf("after the greeting: %v, want ErrState", err)
	}
}

func TestNoConfigIsNotSent(t *testing.T) {
	client := greeted(t, "S: 220 mx", nil)
	if _, err := client.StartTLS(t.Context(), nil); !errors.Is(err, smtp.ErrConfig) {
		t.Errorf("got %v, want ErrConfig", err)
	}
}
