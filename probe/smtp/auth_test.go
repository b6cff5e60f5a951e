package smtp_test

import (
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/smtptest"
)

const (
	user     = "ann@mx.example"
	password = "correct horse battery"
	token    = "ya29.a-token-that-nobody-may-see"
)

// served is a client that has greeted a server and said EHLO or LHLO.
func served(t testing.TB, server *smtptest.Server, options *smtp.Options) *smtp.Client {
	t.Helper()
	end, other := smtptest.Pipe(nil, nil)
	var wait sync.WaitGroup
	wait.Go(func() { server.Serve(other) })
	t.Cleanup(func() { end.Close(); wait.Wait() })
	client := smtp.NewClient(end, options)
	if _, err := client.Greet(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Hello(t.Context(), "me.example"); err != nil {
		t.Fatal(err)
	}
	return client
}

// secure is served, and STARTTLS went through.
func secure(t testing.TB, server *smtptest.Server, options *smtp.Options, config *tls.Config) *smtp.Client {
	t.Helper()
	client := served(t, server, options)
	if reply, err := client.StartTLS(t.Context(), config); err != nil || reply.Code != 220 {
		t.Fatalf("STARTTLS: %d, %v", reply.Code, err)
	}
	if _, err := client.Hello(t.Context(), "me.example"); err != nil {
		t.Fatal(err)
	}
	return client
}

func credentials(good bool) smtp.Credentials {
	if good {
		return smtp.Credentials{User: user, Password: password, Token: token}
	}
	return smtp.Credentials{User: user, Password: password + "!", Token: token + "!"}
}

// guarded is a server that knows one user.
func guarded() *smtptest.Server {
	return &smtptest.Server{Character: smtptest.Character{
		Auth: smtp.Mechanisms(), AuthTLS: smtp.Mechanisms(),
		Users: map[string]string{user: password}, Tokens: map[string]string{user: token},
	}}
}

// record keeps a conversation in both ways there are.
func record(options smtp.Options) (*smtp.Options, *strings.Builder) {
	said := &strings.Builder{}
	options.Transcript = &smtp.Transcript{}
	options.Trace = func(entry smtp.Entry) { said.WriteString(entry.Text + "\n") }
	return &options, said
}

// wantNoSecrets looks for the secrets, and for base64 that holds them, in
// whatever of it their place among other octets makes.
func wantNoSecrets(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{password, token} {
		for shift := range 3 {
			encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + secret))
			if strings.Contains(text, encoded[4:len(encoded)-4]) {
				t.Errorf("%q stands in base64 in:\n%s", secret, text)
			}
		}
		if strings.Contains(text, secret) {
			t.Errorf("%q stands in:\n%s", secret, text)
		}
	}
}

func TestLogins(t *testing.T) {
	for _, name := range smtp.Mechanisms() {
		if name == "EXTERNAL" {
			continue
		}
		for _, test := range []struct {
			name string
			good bool
			code int
		}{{"right", true, 235}, {"wrong", false, 535}} {
			t.Run(name+" "+test.name, func(t *testing.T) {
				options, said := record(smtp.Options{})
				client := secure(t, guarded(), options, trusting())
				reply, err := client.Auth(t.Context(), smtp.NewMechanism(strings.ToLower(name), credentials(test.good)))
				wantReply(t, reply, err, test.code)
				reply, err = client.Noop(t.Context())
				wantReply(t, reply, err, 250)
				var kept strings.Builder
				options.Transcript.WriteTo(&kept)
				if !strings.Contains(kept.String(), "AUTH "+name) || !strings.Contains(kept.String(), "[redacted]") {
					t.Errorf("the login is not in the transcript:\n%s", kept.String())
				}
				wantNoSecrets(t, kept.String()+said.String())
			})
		}
	}
}

func TestLoginsInClearText(t *testing.T) {
	for _, name := range []string{"PLAIN", "LOGIN", "OAUTHBEARER", "XOAUTH2"} {
		server := guarded()
		client := served(t, server, nil)
		_, err := client.Auth(t.Context(), smtp.NewMechanism(name, credentials(true)))
		if _, whole := errors.AsType[*smtp.NotSentError](err); !whole || !errors.Is(err, smtp.ErrPlaintext) {
			t.Errorf("%s: got %v, want ErrPlaintext, not sent", name, err)
		}
		if n := server.Stats().Commands["AUTH"]; n != 0 {
			t.Errorf("%s: the server heard %d AUTH, want none", name, n)
		}
		client = served(t, server, &smtp.Options{PlaintextAuth: true})
		reply, err := client.Auth(t.Context(), smtp.NewMechanism(name, credentials(true)))
		wantReply(t, reply, err, 235)
	}
	for _, name := range []string{"CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"} {
		reply, err := served(t, guarded(), nil).Auth(t.Context(), smtp.NewMechanism(name, credentials(true)))
		wantReply(t, reply, err, 235)
	}
}

func TestBoundLoginsNeedTLS(t *testing.T) {
	client := served(t, guarded(), nil)
	_, err := client.Auth(t.Context(), smtp.SCRAMSHA256Plus(user, password))
	if _, whole := errors.AsType[*smtp.NotSentError](err); !whole {
		t.Fatalf("got %v, want not sent", err)
	}
	reply, err := client.Noop(t.Context())
	wantReply(t, reply, err, 250)
}

// TLS 1.3 is bound by tls-exporter, TLS 1.2 by tls-server-end-point; a man in
// the middle with a certificate of his own has another connection.
func TestChannelBindings(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		config := trusting()
		config.MaxVersion = version
		client := secure(t, guarded(), nil, config)
		reply, err := client.Auth(t.Context(), smtp.SCRAMSHA256Plus(user, password))
		wantReply(t, reply, err, 235)
	}
}

func TestLoginThroughAManInTheMiddle(t *testing.T) {
	server := guarded()
	inner := secure(t, server, nil, trusting())
	relay := &relayed{inner: smtp.SCRAMSHA256Plus(user, password)}
	// The mechanism sees the connection to the man in the middle, the server his.
	outer := secure(t, guarded(), nil, trusting())
	state, _ := outer.TLSState()
	relay.state = &state
	reply, err := inner.Auth(t.Context(), relay)
	wantReply(t, reply, err, 535)
}

// relayed is a mechanism that is told of another connection.
type relayed struct {
	inner smtp.Mechanism
	state *tls.ConnectionState
}

func (r *relayed) Name() string { return r.inner.Name() }
func (r *relayed) Start(server smtp.ServerInfo) ([]byte, error) {
	server.TLS = r.state
	return r.inner.Start(server)
}
func (r *relayed) Next(challenge []byte) ([]byte, error) { return r.inner.Next(challenge) }

func TestBindingTakenOutOfTheOffer(t *testing.T) {
	server := guarded()
	server.Replies = map[string]string{"EHLO": "250-mx.example\n250-STARTTLS\n250 AUTH SCRAM-SHA-256"}
	client := secure(t, server, nil, trusting())
	reply, err := client.Auth(t.Context(), smtp.SCRAMSHA256(user, password))
	wantReply(t, reply, err, 535)

	honest := guarded()
	honest.AuthTLS = []string{"SCRAM-SHA-256"}
	client = secure(t, honest, nil, trusting())
	reply, err = client.Auth(t.Context(), smtp.SCRAMSHA256(user, password))
	wantReply(t, reply, err, 235)
}

func TestServerWithoutProof(t *testing.T) {
	server := guarded()
	server.Unproven = true
	client := secure(t, server, nil, trusting())
	reply, err := client.Auth(t.Context(), smtp.SCRAMSHA1(user, password))
	if broken, ok := errors.AsType[*smtp.AuthError](err); !ok || broken.Err != smtp.ErrUnproven || reply.Code != 235 {
		t.Fatalf("got %d, %v, want a 235 that is not believed", reply.Code, err)
	}
}

func TestScramErrorBeforeThe535(t *testing.T) {
	server := guarded()
	server.ScramErrors = true
	client := secure(t, server, nil, trusting())
	reply, err := client.Auth(t.Context(), smtp.SCRAMSHA256(user, "wrong"))
	wantReply(t, reply, err, 535)
}

func TestExternal(t *testing.T) {
	mine := smtptest.Certificate(t, smtptest.CertificateOptions{Names: []string{user}})
	server := guarded()
	server.TLS = &tls.Config{Certificates: []tls.Certificate{smtptest.Certificate(t, smtptest.CertificateOptions{})}, ClientAuth: tls.RequestClientCert}
	shown := trusting()
	shown.Certificates = []tls.Certificate{mine}
	for _, test := range []struct {
		name     string
		config   *tls.Config
		identity string
		code     int
	}{
		{"as the certificate says", shown, "", 235},
		{"as the certificate says, in words", shown, user, 235},
		{"as somebody else", shown, "bob", 535},
		{"no certificate", trusting(), "", 535},
	} {
		t.Run(test.name, func(t *testing.T) {
			client := secure(t, server, nil, test.config)
			reply, err := client.Auth(t.Context(), smtp.External(test.identity))
			wantReply(t, reply, err, test.code)
		})
	}
}

func TestCredentialsPrintWithoutSecrets(t *testing.T) {
	text := fmt.Sprintf("%v %+v %s", credentials(true), credentials(true), credentials(true))
	wantNoSecrets(t, text)
	if !strings.Contains(text, user) {
		t.Errorf("%q does not name the user", text)
	}
}

func TestPasswordsBeyondSASLprep(t *testing.T) {
	const modern = "p\U0001F600ss"
	client := opened(t, "S: 220 mx\nC: EHLO me.example\nS: 250 mx\nC~ AUTH SCRAM-SHA-1 .+\nS: 535 no", nil)
	reply, err := client.Auth(t.Context(), smtp.SCRAMSHA1(user, modern))
	wantReply(t, reply, err, 535)
}

// said is a mechanism of fixed answers.
type said struct {
	initial []byte
	answers [][]byte
}

func (s *said) Name() string                          { return "X-TEST" }
func (s *said) Start(smtp.ServerInfo) ([]byte, error) { return s.initial, nil }
func (s *said) Next(challenge []byte) ([]byte, error) {
	if len(s.answers) == 0 {
		return nil, errors.New("nothing left to say")
	}
	answer := s.answers[0]
	s.answers = s.answers[1:]
	return answer, nil
}

func TestTheExchange(t *testing.T) {
	long := strings.Repeat("t", 1500)
	longest := base64.StdEncoding.EncodeToString(make([]byte, 9210)) // 12280 octets
	for _, test := range []struct {
		name, script string
		mechanism    smtp.Mechanism
		code         int
		broken       bool // by us
	}{
		{"an initial response", "C: AUTH PLAIN AGFubgBwdw==\nS: 235 ok", smtp.Plain("ann", "pw"), 235, false},
		{"an empty initial response", "C: AUTH EXTERNAL =\nS: 235 ok", smtp.External(""), 235, false},
		{"none", "C: AUTH LOGIN\nS: 334 VXNlciBOYW1lAA==\nC: YW5u\nS: 334 UGFzc3dvcmQA\nC: cHc=\nS: 235 ok", smtp.Login("ann", "pw"), 235, false},
		{"one too long for a command", "C: AUTH XOAUTH2\nS: 334 \nC~ dXNlcj1hbm4.+\nS: 235 ok", smtp.XOAUTH2("ann", long), 235, false},
		{"one that just fits", "C~ AUTH X-TEST .{496}\nS: 235 ok", &said{initial: make([]byte, 372)}, 235, false},
		{"one that just does not", "C: AUTH X-TEST\nS: 334\nC~ .{500}\nS: 235 ok", &said{initial: make([]byte, 373)}, 235, false},
		{"an empty response", "C: AUTH X-TEST\nS: 334 \nC: \nS: 235 ok", &said{answers: [][]byte{{}}}, 235, false},
		{"the longest challenge and response", "C: AUTH X-TEST\nS: 334 " + longest + "\nC: " + longest + "\nS: 235 ok",
			&said{answers: [][]byte{make([]byte, 9210)}}, 235, false},
		{"a response too long", "C: AUTH X-TEST\nS: 334 \nC: *\nS: 501 cancelled", &said{answers: [][]byte{make([]byte, 9220)}}, 501, true},
		{"a challenge too long", "C: AUTH X-TEST\nS: 334 " + longest + longest + "\nC: *\nS: 501 cancelled", &said{answers: [][]byte{{}}}, 501, true},
		{"no base64", "C: AUTH CRAM-MD5\nS: 334 %%%\nC: *\nS: 501 cancelled", smtp.CRAMMD5("ann", "pw"), 501, true},
		{"a question too many", "C: AUTH LOGIN\nS: 334\nC: YW5u\nS: 334\nC: cHc=\nS: 334\nC: *\nS: 501 cancelled", smtp.Login("ann", "pw"), 501, true},
		{"PLAIN asked again", "C: AUTH PLAIN AGFubgBwdw==\nS: 334 YQ==\nC: *\nS: 501 cancelled", smtp.Plain("ann", "pw"), 501, true},
		{"CRAM-MD5 asked again", "C: AUTH CRAM-MD5\nS: 334 YQ==\nC~ YW5u.+\nS: 334 YQ==\nC: *\nS: 501 cancelled", smtp.CRAMMD5("ann", "pw"), 501, true},
		{"OAUTHBEARER told why", "C~ AUTH OAUTHBEARER .+\nS: 334 e30=\nC: AQ==\nS: 535 no", smtp.OAuthBearer("ann", "t"), 535, false},
		{"XOAUTH2 told why", "C~ AUTH XOAUTH2 .+\nS: 334 e30=\nC: \nS: 535 no", smtp.XOAUTH2("ann", "t"), 535, false},
		{"XOAUTH2 told why twice", "C~ AUTH XOAUTH2 .+\nS: 334 e30=\nC: \nS: 334 e30=\nC: *\nS: 501 no", smtp.XOAUTH2("ann", "t"), 501, true},
		{"SCRAM with work for a year", "C~ AUTH SCRAM-SHA-1 .+\nS: 334 " + base64.StdEncoding.EncodeToString([]byte("r=x,s=YQ==,i=2000000000")) +
			"\nC: *\nS: 501 no", smtp.SCRAMSHA1("ann", "pw"), 501, true},
		{"an unknown mechanism", "C: AUTH CRAM-MD5\nS: 504 5.5.4 what?", smtp.CRAMMD5("ann", "pw"), 504, false},
		{"too weak", "C~ AUTH PLAIN .+\nS: 534 5.7.9 too weak", smtp.Plain("ann", "pw"), 534, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			client := opened(t, "S: 220 mx\nC: EHLO me.example\nS: 250 mx\n"+test.script+"\nC: NOOP\nS: 250 ok", &smtp.Options{PlaintextAuth: true})
			reply, err := client.Auth(t.Context(), test.mechanism)
			if _, broken := errors.AsType[*smtp.AuthError](err); broken != test.broken || !broken && err != nil || reply.Code != test.code {
				t.Fatalf("got %d, %v, want %d, broken off %v", reply.Code, err, test.code, test.broken)
			}
			if test.broken && !strings.Contains(err.Error(), "login with "+test.mechanism.Name()) {
				t.Errorf("%q does not name the mechanism", err)
			}
			reply, err = client.Noop(t.Context())
			wantReply(t, reply, err, 250)
		})
	}
}

// The response is base64, which may spell a command.
func TestAResponseIsNoCommand(t *testing.T) {
	spelled, _ := base64.StdEncoding.DecodeString("EHLO")
	client := opened(t, "S: 220 mx\nC: EHLO me.example\nS: 250-mx\nS: 250 SIZE\nC: AUTH X-TEST\nS: 334\nC: EHLO\nS: 235 ok", nil)
	reply, err := client.Auth(t.Context(), &said{answers: [][]byte{spelled}})
	wantReply(t, reply, err, 235)
	if _, ok := client.Extension(smtp.ExtSize); !ok {
		t.Errorf("the 235 was taken for a reply to EHLO: %v", client.Extensions())
	}
}

func TestServersThatRepeatTheSecret(t *testing.T) {
	whole := base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + password))
	for _, test := range []struct{ name, echo, want string }{
		{"in a 500", "500 5.5.2 unknown: AUTH PLAIN " + whole + " twice: " + whole, "5.5.2 unknown: AUTH PLAIN [redacted] twice: [redacted]"},
		{"cut short", "500 5.5.2 unknown: AUTH PLAIN " + whole[:40], "5.5.2 unknown: AUTH PLAIN [redacted]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			options, said := record(smtp.Options{PlaintextAuth: true})
			client := opened(t, "S: 220 mx\nC: EHLO me.example\nS: 250 mx\nC: AUTH PLAIN "+whole+"\nS: "+test.echo+"\nC: NOOP\nS: "+test.echo, options)
			reply, err := client.Auth(t.Context(), smtp.Plain(user, password))
			wantReply(t, reply, err, 500)
			later, err := client.Noop(t.Context())
			wantReply(t, later, err, 500)
			if diff := cmp.Diff([]string{test.want, test.want}, []string{reply.Text(), later.Text()}); diff != "" {
				t.Error(diff)
			}
			wantNoSecrets(t, said.String())
			if strings.Contains(said.String(), whole[:24]) {
				t.Errorf("base64 in:\n%s", said.String())
			}
		})
	}
}

func TestLoginsThatBreak(t *testing.T) {
	for _, test := range []struct {
		name, script string
		cause        smtp.Cause
	}{
		{"hang-up in the middle", "C: AUTH CRAM-MD5\nX:", smtp.Hangup},
		{"no reply", "C: AUTH CRAM-MD5\nS: hello", smtp.Protocol},
	} {
		t.Run(test.name, func(t *testing.T) {
			client := opened(t, "S: 220 mx\nC: EHLO me.example\nS: 250 mx\n"+test.script, nil)
			_, err := client.Auth(t.Context(), smtp.CRAMMD5("ann", "pw"))
			wantBroken(t, client, err, smtp.Auth, test.cause)
		})
	}
	t.Run("421", func(t *testing.T) {
		client := opened(t, "S: 220 mx\nC: EHLO me.example\nS: 250 mx\nC: AUTH CRAM-MD5\nS: 421 later\nX:", nil)
		reply, err := client.Auth(t.Context(), smtp.CRAMMD5("ann", "pw"))
		wantReply(t, reply, err, 421)
		_, err = client.Noop(t.Context())
		wantBroken(t, client, err, smtp.Auth, smtp.Closing)
	})
}

func TestStrongest(t *testing.T) {
	all := smtp.Mechanisms()
	certificate := smtp.Credentials{External: true}
	for _, test := range []struct {
		name        string
		offered     []string
		credentials smtp.Credentials
		want        string
	}{
		{"all offered, a password", all, smtp.Credentials{User: user, Password: password}, "SCRAM-SHA-256-PLUS"},
		{"all offered, a token", all, smtp.Credentials{User: user, Token: token}, "OAUTHBEARER"},
		{"all offered, a certificate", all, certificate, "EXTERNAL"},
		{"all offered, a name alone", all, smtp.Credentials{User: user}, ""},
		{"all offered, nothing", all, smtp.Credentials{}, ""},
		{"Postfix with Dovecot", []string{"PLAIN", "login", "cram-md5"}, smtp.Credentials{User: user, Password: password}, "CRAM-MD5"},
		{"Gmail", []string{"LOGIN", "PLAIN", "XOAUTH2", "PLAIN-CLIENTTOKEN", "OAUTHBEARER", "XOAUTH"}, smtp.Credentials{User: user, Token: token}, "OAUTHBEARER"},
		{"Microsoft", []string{"LOGIN", "XOAUTH2"}, smtp.Credentials{User: user, Token: token}, "XOAUTH2"},
		{"Exchange inside", []string{"GSSAPI", "NTLM"}, smtp.Credentials{User: user, Password: password}, ""},
		{"EXTERNAL offered, no certificate", []string{"EXTERNAL", "LOGIN"}, smtp.Credentials{User: user, Password: password}, "LOGIN"},
	} {
		got := ""
		if mechanism := smtp.Strongest(test.offered, test.credentials); mechanism != nil {
			got = mechanism.Name()
		}
		if got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
	for _, name := range all {
		mechanism := smtp.NewMechanism(name, credentials(true))
		if mechanism == nil || mechanism.Name() != name {
			t.Errorf("%s: NewMechanism made %v", name, mechanism)
		}
		want := slices.Contains([]string{"PLAIN", "LOGIN", "OAUTHBEARER", "XOAUTH2"}, name)
		if got := smtp.Plaintext(name); got != want {
			t.Errorf("%s shows its secret: got %v, want %v", name, got, want)
		}
	}
	if smtp.NewMechanism("NTLM", credentials(true)) != nil {
		t.Error("NTLM is not known")
	}
}
