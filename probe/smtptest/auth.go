package smtptest

import (
	"encoding/base64"
	"slices"
	"strings"
)

// login is how a mechanism talks: it returns the user's name, or why not. A
// login that was refused is no error: its user is empty.
type login func(c *conversation, initial string) (user string, ok bool)

// mechanism returns what a SASL mechanism does; nil for one the server does not know.
func mechanism(name string) login {
	switch name {
	case "PLAIN":
		return (*conversation).plain
	case "LOGIN":
		return (*conversation).loginByPrompts
	case "CRAM-MD5":
		return (*conversation).cramMD5
	case "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS":
		return func(c *conversation, initial string) (string, bool) { return c.scram(name, initial) }
	case "OAUTHBEARER":
		return (*conversation).oauthBearer
	case "XOAUTH2":
		return (*conversation).xoauth2
	case "EXTERNAL":
		return (*conversation).external
	case "NTLM":
		return (*conversation).ntlm
	}
	return nil
}

// auth holds the exchange of RFC 4954.
func (c *conversation) auth(rest string) {
	name, initial, _ := strings.Cut(rest, " ")
	name = strings.ToUpper(name)
	known := mechanism(name)
	switch {
	case c.user != "":
		c.fail("503 5.5.1 Error: already authenticated")
	case !slices.Contains(c.mechanisms(), name) && !c.secure && slices.Contains(c.server.AuthTLS, name):
		c.fail("538 5.7.11 Encryption required for requested authentication mechanism")
	case !slices.Contains(c.mechanisms(), name) || known == nil:
		c.fail("504 5.5.4 Unrecognized authentication type")
	default:
		c.logIn(known, initial)
	}
}

func (c *conversation) logIn(known login, initial string) {
	user, ok := known(c, initial)
	switch {
	case !ok:
		c.fail("501 5.5.2 Error: authentication cancelled or not base64")
	case user == "":
		c.fail("535 5.7.8 Error: authentication failed")
	default:
		c.user = user
		c.answer("235 2.7.0 Authentication successful")
	}
}

// secret decodes the initial response, or asks for one where there is none.
func (c *conversation) secret(initial, prompt string) (string, bool) {
	switch initial {
	case "=":
		return "", true
	case "":
		return c.challenge(prompt)
	}
	secret, err := base64.StdEncoding.DecodeString(initial)
	return string(secret), err == nil
}

// challenge asks and waits for the answer; not ok where the client gives up.
func (c *conversation) challenge(text string) (string, bool) {
	c.say("334 " + base64.StdEncoding.EncodeToString([]byte(text)))
	line, err := c.wire.line()
	if err != nil || line == "*" {
		return "", false
	}
	answer, err := base64.StdEncoding.DecodeString(line)
	return string(answer), err == nil
}
