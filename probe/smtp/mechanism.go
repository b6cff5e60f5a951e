package smtp

import (
	"crypto/tls"
	"slices"
)

// Mechanism is one SASL mechanism with the credentials of one user (RFC 4422):
// it makes what a client says. Auth encodes and sends it. One is good for one
// login, on one goroutine.
//
// A Mechanism that also has Proven() error is asked after a 235 whether the
// server has proven that it knows the password too, as SCRAM's must.
type Mechanism interface {
	// Name is what stands behind AUTH, in upper case.
	Name() string
	// Start makes the initial response: nil where the server speaks first, and
	// empty but not nil for one that is there and empty.
	Start(server ServerInfo) (initial []byte, err error)
	// Next answers a challenge. An error makes Auth cancel the login.
	Next(challenge []byte) (response []byte, err error)
}

// ServerInfo is what a mechanism may know of the server.
type ServerInfo struct {
	TLS     *tls.ConnectionState // nil in clear text
	Offered []string             // the mechanisms offered, in upper case
}

// Credentials are what a user can log in with. What is empty is not there.
type Credentials struct {
	User     string
	Password string
	Token    string // an OAuth 2.0 access token (RFC 6750)
	External bool   // the TLS handshake showed a client certificate, or the like
}

// String shows the user and no secret.
func (c Credentials) String() string { return c.User + " " + redacted }

// NewMechanism makes a mechanism by its name, in any case; nil for one that is
// not known or that the credentials do not serve.
func NewMechanism(name string, credentials Credentials) Mechanism {
	name = upper(name)
	user, password, token := credentials.User, credentials.Password, credentials.Token
	switch {
	case name == "EXTERNAL":
		return External(user)
	case user == "":
		return nil
	case name == "OAUTHBEARER" && token != "":
		return OAuthBearer(user, token)
	case name == "XOAUTH2" && token != "":
		return XOAUTH2(user, token)
	case password == "":
		return nil
	}
	switch name {
	case "SCRAM-SHA-256-PLUS":
		return SCRAMSHA256Plus(user, password)
	case "SCRAM-SHA-1-PLUS":
		return SCRAMSHA1Plus(user, password)
	case "SCRAM-SHA-256":
		return SCRAMSHA256(user, password)
	case "SCRAM-SHA-1":
		return SCRAMSHA1(user, password)
	case "CRAM-MD5":
		return CRAMMD5(user, password)
	case "PLAIN":
		return Plain(user, password)
	case "LOGIN":
		return Login(user, password)
	}
	return nil
}

// Strongest makes the strongest mechanism among those offered that the
// credentials serve; nil where there is none. The order is that of Mechanisms.
func Strongest(offered []string, credentials Credentials) Mechanism {
	for _, name := range Mechanisms() {
		if name == "EXTERNAL" && !credentials.External {
			continue
		}
		if !slices.ContainsFunc(offered, func(one string) bool { return upper(one) == name }) {
			continue
		}
		if mechanism := NewMechanism(name, credentials); mechanism != nil {
			return mechanism
		}
	}
	return nil
}

// Mechanisms lists the names that NewMechanism knows, the strongest first: a
// key that never leaves its owner, then proofs bound to this very connection,
// proofs that are not, tokens that end, and passwords as they are.
func Mechanisms() []string {
	return []string{
		"EXTERNAL",
		"SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS",
		"SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5",
		"OAUTHBEARER", "XOAUTH2",
		"PLAIN", "LOGIN",
	}
}

// Plaintext reports whether a mechanism, by its name in upper case, shows the
// secret to whoever listens: those are not for clear text (RFC 4954 s4, RFC
// 6750 s5.2).
func Plaintext(name string) bool {
	switch name {
	case "PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER":
		return true
	}
	return false
}
