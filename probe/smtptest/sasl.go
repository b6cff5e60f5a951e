package smtptest

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/xdg-go/scram"
)

// iterations is the least that RFC 7677 s4 allows.
const iterations = 4096

// known returns the user's name where the password is the right one.
func (c *conversation) known(user, password string) string {
	if want, is := c.server.Users[user]; is && want == password {
		return user
	}
	return ""
}

// plain is PLAIN (RFC 4616).
func (c *conversation) plain(initial string) (string, bool) {
	secret, ok := c.secret(initial, "")
	parts := strings.Split(secret, "\x00")
	if !ok || len(parts) != 3 {
		return "", ok
	}
	return c.known(parts[1], parts[2]), true
}

func (c *conversation) loginByPrompts(initial string) (string, bool) {
	user, ok := c.secret(initial, "Username:")
	if !ok {
		return "", false
	}
	password, ok := c.challenge("Password:")
	return c.known(user, password), ok
}

// cramMD5 is CRAM-MD5 (RFC 2195).
func (c *conversation) cramMD5(string) (string, bool) {
	challenge := fmt.Sprintf("<%d.1896@%s>", deadline().UnixNano(), c.server.name())
	answer, ok := c.challenge(challenge)
	user, digest, _ := strings.Cut(answer, " ")
	password, known := c.server.Users[user]
	sum := hmac.New(md5.New, []byte(password))
	sum.Write([]byte(challenge))
	if !known || digest != hex.EncodeToString(sum.Sum(nil)) {
		return "", ok
	}
	return user, ok
}

// scram is SCRAM (RFC 5802), bound to the TLS connection where the name ends in -PLUS.
func (c *conversation) scram(name, initial string) (string, bool) {
	first, ok := c.secret(initial, "")
	if !ok {
		return "", false
	}
	talk, err := c.scramTalk(name, first)
	if err != nil {
		return "", true
	}
	answer, err := talk.Step(first)
	for err == nil && !talk.Done() {
		var response string
		if response, ok = c.challenge(answer); !ok {
			return "", false
		}
		answer, err = talk.Step(response)
	}
	if err != nil || !talk.Valid() {
		if c.server.ScramErrors {
			c.challenge("e=invalid-proof")
		}
		return "", true
	}
	if c.server.Unproven {
		return talk.Username(), true
	}
	_, ok = c.challenge(answer) // its signature, which the client answers with nothing
	return talk.Username(), ok
}

func (c *conversation) scramTalk(name, first string) (*scram.ServerConversation, error) {
	hash := scram.SHA256
	if strings.HasPrefix(name, "SCRAM-SHA-1") {
		hash = scram.SHA1
	}
	server, err := hash.NewServer(func(user string) (scram.StoredCredentials, error) {
		password, known := c.server.Users[user]
		if !known {
			return scram.StoredCredentials{}, fmt.Errorf("smtptest: no user %q", user)
		}
		client, err := hash.NewClient(user, password, "")
		if err != nil {
			return scram.StoredCredentials{}, err
		}
		return client.GetStoredCredentialsWithError(scram.KeyFactors{Salt: "a pinch of salt", Iters: iterations})
	})
	if err != nil {
		return nil, err
	}
	binding, err := c.binding(first)
	switch {
	case strings.HasSuffix(name, "-PLUS") && err != nil:
		return nil, err
	case strings.HasSuffix(name, "-PLUS"):
		return server.NewConversationWithChannelBindingRequired(binding), nil
	case c.offersMechanism(name + "-PLUS"):
		return server.NewConversationWithChannelBinding(binding), nil // "y" is a downgrade
	}
	return server.NewConversation(), nil
}

// binding is what the client's first message names, as the server sees it:
// tls-exporter (RFC 9266) or tls-server-end-point (RFC 5929).
func (c *conversation) binding(first string) (scram.ChannelBinding, error) {
	conn, ok := c.wire.Conn.(*tls.Conn)
	if !ok {
		return scram.ChannelBinding{}, fmt.Errorf("smtptest: no TLS to bind to")
	}
	state := conn.ConnectionState()
	if strings.HasPrefix(first, "p=tls-server-end-point,") {
		leaf, err := c.server.leaf()
		if err != nil {
			return scram.ChannelBinding{}, err
		}
		state.PeerCertificates = leaf // ours, which is the client's peer
		return scram.NewTLSServerEndpointBinding(&state)
	}
	return scram.NewTLSExporterBinding(&state)
}

// external is EXTERNAL (RFC 4422 appendix A): the name in the client's
// certificate, whoever signed it.
func (c *conversation) external(initial string) (string, bool) {
	identity, ok := c.secret(initial, "")
	conn, secure := c.wire.Conn.(*tls.Conn)
	if !ok || !secure || len(conn.ConnectionState().PeerCertificates) == 0 {
		return "", ok
	}
	name := conn.ConnectionState().PeerCertificates[0].Subject.CommonName
	if identity != "" && identity != name {
		return "", true
	}
	return name, true
}
