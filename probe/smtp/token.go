package smtp

import "github.com/emersion/go-sasl"

// OAuthBearer is OAUTHBEARER (RFC 7628): an OAuth 2.0 access token.
func OAuthBearer(user, token string) Mechanism {
	return &bearer{name: "OAUTHBEARER", user: user, token: token}
}

// XOAUTH2 is what Google and Microsoft had before OAUTHBEARER; no RFC describes it.
func XOAUTH2(user, token string) Mechanism {
	return &bearer{name: "XOAUTH2", user: user, token: token}
}

// bearer shows a token. A challenge is the server's reason, in JSON, why it
// will not do; it wants one empty answer before its 535: 0x01 (RFC 7628
// s3.2.3), or nothing at all for XOAUTH2.
type bearer struct {
	name, user, token string
	refused           bool
}

func (m *bearer) Name() string { return m.name }

func (m *bearer) Start(ServerInfo) ([]byte, error) {
	if m.name == "XOAUTH2" {
		return []byte("user=" + m.user + "\x01auth=Bearer " + m.token + "\x01\x01"), nil
	}
	_, initial, err := sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: m.user, Token: m.token}).Start()
	return initial, err
}

func (m *bearer) Next([]byte) ([]byte, error) {
	if m.refused {
		return nil, sasl.ErrUnexpectedServerChallenge
	}
	m.refused = true
	if m.name == "XOAUTH2" {
		return []byte{}, nil
	}
	return []byte{1}, nil
}
