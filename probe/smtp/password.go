package smtp

import (
	netsmtp "net/smtp"

	"github.com/emersion/go-sasl"
)

// Plain is PLAIN (RFC 4616): user and password in one go.
func Plain(user, password string) Mechanism {
	return &saslMechanism{name: "PLAIN", client: sasl.NewPlainClient("", user, password)}
}

// Login is LOGIN, which no RFC describes: the server asks for the name, then
// for the password. Some servers take no initial response, so there is none.
func Login(user, password string) Mechanism {
	return &loginMechanism{answers: []string{user, password}}
}

// CRAMMD5 is CRAM-MD5 (RFC 2195): the password keys a hash of the challenge.
func CRAMMD5(user, password string) Mechanism {
	return &cramMD5{auth: netsmtp.CRAMMD5Auth(user, password)}
}

// External is EXTERNAL (RFC 4422 appendix A): the server knows the client
// already, by its TLS certificate. The identity is who to act as; empty for
// whoever the certificate says.
func External(identity string) Mechanism {
	return &saslMechanism{name: "EXTERNAL", client: sasl.NewExternalClient(identity)}
}

// saslMechanism is a mechanism of go-sasl.
type saslMechanism struct {
	name   string
	client sasl.Client
}

func (m *saslMechanism) Name() string { return m.name }

func (m *saslMechanism) Start(ServerInfo) ([]byte, error) {
	_, initial, err := m.client.Start()
	return initial, err
}

func (m *saslMechanism) Next(challenge []byte) ([]byte, error) { return m.client.Next(challenge) }

// loginMechanism answers in order: what the prompts say differs from server to server
// ("Username:", "User Name\x00").
type loginMechanism struct{ answers []string }

func (m *loginMechanism) Name() string                     { return "LOGIN" }
func (m *loginMechanism) Start(ServerInfo) ([]byte, error) { return nil, nil }

func (m *loginMechanism) Next([]byte) ([]byte, error) {
	if len(m.answers) == 0 {
		return nil, sasl.ErrUnexpectedServerChallenge
	}
	answer := m.answers[0]
	m.answers = m.answers[1:]
	return []byte(answer), nil
}

// cramMD5 is net/smtp's.
type cramMD5 struct {
	auth     netsmtp.Auth
	answered bool
}

func (m *cramMD5) Name() string                     { return "CRAM-MD5" }
func (m *cramMD5) Start(ServerInfo) ([]byte, error) { return nil, nil }

func (m *cramMD5) Next(challenge []byte) ([]byte, error) {
	if m.answered {
		return nil, sasl.ErrUnexpectedServerChallenge
	}
	m.answered = true
	return m.auth.Next(challenge, true)
}
