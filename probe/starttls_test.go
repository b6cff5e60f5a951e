package probe_test

import (
	"context"
	"net"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/smtptest"
	"github.com/mxvet/mxvet/probe/tlsinfo"
)

const offersTLS = `
	S: 220 mx.example ESMTP
	C: EHLO me.example
	S: 250-mx.example in clear
	S: 250-STARTTLS
	S: 250 AUTH LOGIN
	C: STARTTLS
`

func TestStartTLS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		session := mustOpen(t, script(t, offersTLS+`
			S: 220 go
			W: 2s
			TLS: mx.example
			C: EHLO me.example
			S: 250-mx.example in secret
			S: 250-AUTH PLAIN
			S: 250 AUTH=LOGIN plain
			C: MAIL FROM:<>
			S: 250 ok
			C: RCPT TO:<ann@mx.example>
			S: 250 ok
		`))
		got := session.Server()
		plain := &probe.Hello{Verb: "EHLO", Hello: "mx.example in clear", Auth: []string{"LOGIN"},
			Extensions: smtp.Extensions{{Keyword: "STARTTLS", Params: []string{}}, {Keyword: "AUTH", Params: []string{"LOGIN"}}}}
		if diff := cmp.Diff(plain, got.Plain); diff != "" {
			t.Errorf("plain, -want +got:\n%s", diff)
		}
		encrypted := &probe.Hello{Verb: "EHLO", Hello: "mx.example in secret", Auth: []string{"PLAIN", "LOGIN"},
			Extensions: smtp.Extensions{{Keyword: "AUTH", Params: []string{"PLAIN"}}, {Keyword: "AUTH=", Params: []string{"LOGIN", "plain"}}}}
		if diff := cmp.Diff(encrypted, got.Encrypted); diff != "" {
			t.Errorf("encrypted, -want +got:\n%s", diff)
		}
		if got.StartTLS != probe.Yes || got.TLSWhy != "" || got.Injected != "" || *got.Timings.StartTLS != 2000 {
			t.Errorf("starttls %q (%s), injected %q, %d ms", got.StartTLS, got.TLSWhy, got.Injected, *got.Timings.StartTLS)
		}
		wantTLS(t, got, tlsinfo.PKIX{Status: tlsinfo.SelfSigned, Reason: "self-signed"})
		outcomes, err := session.Ask(t.Context(), asked(t, "ann@mx.example"))
		if err != nil || !outcomes[0].TLS {
			t.Errorf("asked inside TLS: %v, %+v", err, outcomes)
		}
	})
}

func wantTLS(t *testing.T, got probe.Server, want tlsinfo.PKIX) {
	t.Helper()
	if got.TLS == nil {
		t.Fatalf("no facts about TLS: %s", got.TLSWhy)
	}
	if got.TLS.Version != "TLSv1.3" || got.TLS.Group != "X25519MLKEM768" || len(got.TLS.Certificates) != 1 || got.TLS.Certificates[0].Subject != "CN=mx.example" || got.TLS.SNI != "mx.example" {
		t.Errorf("got %+v", got.TLS)
	}
	if diff := cmp.Diff(want, got.TLS.PKIX); diff != "" {
		t.Errorf("pkix, -want +got:\n%s", diff)
	}
}

func TestABadCertificateIsAFactAndNotAFailure(t *testing.T) {
	for _, test := range []struct {
		name, certificate, tlsName string
		want                       tlsinfo.PKIX
	}{
		{"expired yesterday", "mx.example expired", "", tlsinfo.PKIX{Status: tlsinfo.Expired, Reason: "expired on 1999-12-31; self-signed"}},
		{"for another name", "mx.example", "mail.example.", tlsinfo.PKIX{Status: tlsinfo.SelfSigned, Reason: "self-signed; not for mail.example. but for mx.example"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				plan := script(t, offersTLS+"S: 220 go\nTLS: "+test.certificate+"\nC: EHLO me.example\nS: 250 mx.example")
				plan.TLSName = test.tlsName
				got := mustOpen(t, plan).Server()
				if got.StartTLS != probe.Yes || got.TLS == nil {
					t.Fatalf("starttls %q (%s)", got.StartTLS, got.TLSWhy)
				}
				if diff := cmp.Diff(test.want, got.TLS.PKIX); diff != "" {
					t.Errorf("pkix, -want +got:\n%s", diff)
				}
			})
		})
	}
}

func TestACertificateThatThePlansRootsVouchFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca, err := smtptest.NewCA("The Authority")
		if err != nil {
			t.Fatal(err)
		}
		certificate := smtptest.Certificate(t, smtptest.CertificateOptions{CA: ca})
		near, far := smtptest.Pipe(nil, nil)
		s := &smtptest.Server{TLS: configFor(certificate)}
		go s.Serve(far)
		plan := planFor(func(context.Context, string, string) (net.Conn, error) { return near, nil })
		plan.Roots = ca.Pool()
		session := mustOpen(t, plan)
		defer session.Close()
		if got := session.Server().TLS.PKIX; got.Status != tlsinfo.Valid || got.Reason != "" {
			t.Errorf("got %+v, want valid", got)
		}
	})
}

func TestStartTLSThatComesToNothing(t *testing.T) {
	for _, test := range []struct {
		name, script string
		answer       probe.Answer
		why          string
	}{
		{"refused: the session goes on in clear", offersTLS + "S: 454 4.7.0 TLS not available",
			probe.Inconclusive, "offered, then refused: 4.7.0 TLS not available"},
		{"only 220 counts", offersTLS + "S: 250 ok", probe.Inconclusive, "offered, then refused: ok"},
		{"not offered", "S: 220 mx.example\nC: EHLO me.example\nS: 250 mx.example", probe.No, "not offered"},
		{"HELO offers nothing", "S: 220 mx.example\nC: EHLO me.example\nS: 500 what?\nC: HELO me.example\nS: 250 mx.example", probe.No, "not offered"},
	} {
		t.Run(test.name, func(t *testing.T) {
			session := mustOpen(t, script(t, test.script+`
				C: MAIL FROM:<>
				S: 250 ok
				C: RCPT TO:<ann@mx.example>
				S: 250 ok
			`))
			got := session.Server()
			if got.StartTLS != test.answer || got.TLSWhy != test.why || got.TLS != nil || got.Encrypted != nil || got.Timings.StartTLS != nil {
				t.Errorf("starttls %q (%s), want %q (%s); tls %v, encrypted %v", got.StartTLS, got.TLSWhy, test.answer, test.why, got.TLS, got.Encrypted)
			}
			outcomes, err := session.Ask(t.Context(), asked(t, "ann@mx.example"))
			if err != nil || outcomes[0].TLS || outcomes[0].Code != 250 {
				t.Errorf("asked in clear: %v, %+v", err, outcomes)
			}
		})
	}
}

func TestHandshakesThatFail(t *testing.T) {
	for _, test := range []struct {
		name      string
		character smtptest.Character
		want      string
	}{
		{"220, then words", smtptest.Character{StartTLS: smtptest.TLSBroken}, "tls tls network_error"},
		{"220, then gone", smtptest.Character{StartTLS: smtptest.TLSHangUp}, "tls hangup network_error"},
	} {
		t.Run(test.name, func(t *testing.T) {
			plan := server(t, test.character)
			failed := mustFail(t, plan)
			wantFailure(t, failed, test.want)
			got := failed.Server
			if got.StartTLS != probe.Inconclusive || got.TLSWhy == "" || got.TLS != nil || got.Plain == nil || got.Encrypted != nil {
				t.Errorf("starttls %q (%s), tls %v, plain %v, encrypted %v", got.StartTLS, got.TLSWhy, got.TLS, got.Plain, got.Encrypted)
			}
			plan.Security = probe.Clear
			session := mustOpen(t, plan)
			defer session.Close()
			outcomes, err := session.Ask(t.Context(), asked(t, "ann@mx.example"))
			if err != nil {
				t.Fatal(err)
			}
			wantOutcomes(t, outcomes, "rcpt 250 2.1.5 mailbox_exists")
			if got := session.Server(); got.StartTLS != probe.Yes || got.TLSWhy != "offered, and not used in this session" || got.TLS != nil {
				t.Errorf("in clear: starttls %q (%s), tls %v", got.StartTLS, got.TLSWhy, got.TLS)
			}
		})
	}
}

func TestSessionsThatEndAtStartTLS(t *testing.T) {
	for _, test := range []struct {
		name, script, want string
		answer             probe.Answer
	}{
		{"421 to STARTTLS", offersTLS + "S: 421 4.3.2 shutting down\nX:", "starttls 421 4.3.2 system_error", probe.Inconclusive},
		{"closes at STARTTLS", offersTLS + "X:", "starttls hangup network_error", probe.Inconclusive},
		{"no answer to STARTTLS", offersTLS + "W: 1h", "starttls timeout network_error", probe.Inconclusive},
		{"refuses inside TLS", offersTLS + "S: 220 go\nTLS: mx.example\nC: EHLO me.example\nS: 554 5.7.1 Client host [198.51.100.1] blocked using dnsbl.example\nC: QUIT\nS: 221 bye\nX:",
			"hello 554 5.7.1 blocked_client", probe.Yes},
		{"closes inside TLS", offersTLS + "S: 220 go\nTLS: mx.example\nC: EHLO me.example\nX:", "hello hangup network_error", probe.Yes},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				failed := mustFail(t, script(t, test.script))
				wantFailure(t, failed, test.want)
				got := failed.Server
				if got.StartTLS != test.answer || (got.TLSWhy == "") != (test.answer == probe.Yes) || got.Plain == nil || got.Encrypted != nil {
					t.Errorf("starttls %q (%s), plain %v, encrypted %v", got.StartTLS, got.TLSWhy, got.Plain, got.Encrypted)
				}
				if inside := test.answer == probe.Yes; failed.Outcome.TLS != inside || (got.TLS != nil) != inside {
					t.Errorf("said inside TLS: %v, facts %v; want %v", failed.Outcome.TLS, got.TLS, inside)
				}
			})
		})
	}
}

func TestWordsBehindThe220AreKeptFromTheSession(t *testing.T) {
	session := mustOpen(t, script(t, offersTLS+`
		S< 220 go\r\n250-evil.example\r\n250 AUTH PLAIN \xff\r\n
		TLS: mx.example
		C: EHLO me.example
		S: 250 mx.example
	`))
	got := session.Server()
	if want := "250-evil.example\r\n250 AUTH PLAIN \uFFFD\r\n"; got.Injected != want {
		t.Errorf("injected %q, want %q", got.Injected, want)
	}
	if len(got.Encrypted.Auth) != 0 || got.Encrypted.Hello != "mx.example" {
		t.Errorf("the session believes them: %+v", got.Encrypted)
	}
}

func TestTLSFromTheFirstOctet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plan := server(t, smtptest.Character{StartTLS: implicit, AuthTLS: []string{"PLAIN"}})
		plan.Security = probe.Implicit
		session := mustOpen(t, plan)
		defer session.Close()
		got := session.Server()
		if got.Plain != nil || got.Encrypted == nil || got.StartTLS != probe.No || got.TLSWhy != "TLS from the first octet" || got.Timings.StartTLS == nil {
			t.Fatalf("plain %v, encrypted %v, starttls %q (%s)", got.Plain, got.Encrypted, got.StartTLS, got.TLSWhy)
		}
		if diff := cmp.Diff([]string{"PLAIN"}, got.Encrypted.Auth); diff != "" {
			t.Errorf("auth, -want +got:\n%s", diff)
		}
		wantTLS(t, got, tlsinfo.PKIX{Status: tlsinfo.SelfSigned, Reason: "self-signed"})
		outcomes, err := session.Ask(t.Context(), asked(t, "ann@mx.example"))
		if err != nil || !outcomes[0].TLS {
			t.Errorf("asked: %v, %+v", err, outcomes)
		}
	})
}

func TestAPlainServerOnAnImplicitTLSPort(t *testing.T) {
	plan := server(t, smtptest.Character{})
	plan.Security = probe.Implicit
	failed := mustFail(t, plan)
	wantFailure(t, failed, "tls tls network_error")
	if got := failed.Server; got.StartTLS != probe.Inconclusive || got.TLSWhy == "" || got.Greeting != nil || got.Plain != nil {
		t.Errorf("got %+v", got)
	}
}
