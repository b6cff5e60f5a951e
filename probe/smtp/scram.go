package smtp

import (
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	xdg "github.com/xdg-go/scram"
)

// maxIterations bounds the work that a server may ask for: a second or two of
// it. OWASP's advice stood at 1.3 million for SHA-1 in 2023.
const maxIterations = 4_000_000

// SCRAMSHA1 is SCRAM-SHA-1 (RFC 5802): both sides prove that they know the
// password, and none shows it.
func SCRAMSHA1(user, password string) Mechanism {
	return &scram{name: "SCRAM-SHA-1", hash: xdg.SHA1, user: user, password: password}
}

// SCRAMSHA256 is SCRAM-SHA-256 (RFC 7677).
func SCRAMSHA256(user, password string) Mechanism {
	return &scram{name: "SCRAM-SHA-256", hash: xdg.SHA256, user: user, password: password}
}

// SCRAMSHA1Plus is SCRAM-SHA-1-PLUS: the proof is good for this TLS connection
// only, which undoes a man in the middle whatever his certificate says. The
// binding is tls-exporter inside TLS 1.3 (RFC 9266) and tls-server-end-point
// inside older ones (RFC 5929 s4).
func SCRAMSHA1Plus(user, password string) Mechanism {
	return &scram{name: "SCRAM-SHA-1-PLUS", hash: xdg.SHA1, user: user, password: password, plus: true}
}

// SCRAMSHA256Plus is SCRAM-SHA-256-PLUS (RFC 7677), bound as SCRAMSHA1Plus is.
func SCRAMSHA256Plus(user, password string) Mechanism {
	return &scram{name: "SCRAM-SHA-256-PLUS", hash: xdg.SHA256, user: user, password: password, plus: true}
}

// scram is xdg-go/scram's.
type scram struct {
	name           string
	hash           xdg.HashGeneratorFcn
	user, password string
	plus           bool
	talk           *xdg.ClientConversation
	heard          int // challenges
}

func (m *scram) Name() string { return m.name }

func (m *scram) Start(server ServerInfo) ([]byte, error) {
	client, err := m.hash.NewClient(m.user, m.password, "")
	if err != nil {
		// SASLprep knows no character younger than 2002, emoji among them;
		// servers that do not prepare compare octets. Its error tells the password.
		if client, err = m.hash.NewClientUnprepped(m.user, m.password, ""); err != nil {
			return nil, errors.New("name or password are not fit for SCRAM")
		}
	}
	switch {
	case m.plus:
		binding, err := bind(server.TLS)
		if err != nil {
			return nil, err
		}
		m.talk = client.NewConversationWithChannelBinding(binding)
	case server.TLS != nil && slices.Contains(server.Offered, m.name) && !slices.Contains(server.Offered, m.name+"-PLUS"):
		// "y": we could, and you said you cannot. A server that did say so
		// learns that somebody in the middle took it out (RFC 5802 s6).
		m.talk = client.NewConversationAdvertisingChannelBinding()
	default:
		m.talk = client.NewConversation()
	}
	first, err := m.talk.Step("")
	return []byte(first), err
}

// bind names the TLS connection.
func bind(state *tls.ConnectionState) (xdg.ChannelBinding, error) {
	switch {
	case state == nil:
		return xdg.ChannelBinding{}, errors.New("there is no TLS to bind the login to")
	case state.Version >= tls.VersionTLS13:
		return xdg.NewTLSExporterBinding(state)
	}
	return xdg.NewTLSServerEndpointBinding(state)
}

func (m *scram) Next(challenge []byte) ([]byte, error) {
	text := string(challenge)
	m.heard++
	switch {
	case m.heard == 1:
		if err := bearable(text); err != nil {
			return nil, err
		}
	case m.heard == 2 && strings.HasPrefix(text, "e="):
		return []byte{}, nil // its 535 says so too (RFC 5802 s5.1)
	}
	answer, err := m.talk.Step(text)
	return []byte(answer), err
}

// bearable refuses a server that would keep us computing.
func bearable(first string) error {
	for field := range strings.SplitSeq(first, ",") {
		if count, ok := strings.CutPrefix(field, "i="); ok {
			if n, err := strconv.Atoi(count); err != nil || n > maxIterations {
				return fmt.Errorf("the server asks for %.20q iterations, more than %d", count, maxIterations)
			}
		}
	}
	return nil
}

// Proven wants the server's signature, which only who knows the password can make.
func (m *scram) Proven() error {
	if m.talk == nil || !m.talk.Valid() {
		return ErrUnproven
	}
	return nil
}
