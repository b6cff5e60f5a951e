package smtptest

import (
	"encoding/base64"
	"slices"
	"strings"
)

// auth holds the exchange of RFC 4954 for PLAIN (RFC 4616) and LOGIN.
func (c *conversation) auth(rest string) {
	mechanism, initial, _ := strings.Cut(rest, " ")
	mechanism = strings.ToUpper(mechanism)
	switch {
	case c.user != "":
		c.fail("503 5.5.1 Error: already authenticated")
	case !slices.Contains(c.mechanisms(), mechanism) && !c.secure && slices.Contains(c.server.AuthTLS, mechanism):
		c.fail("538 5.7.11 Encryption required for requested authentication mechanism")
	case !slices.Contains(c.mechanisms(), mechanism) || mechanism != "PLAIN" && mechanism != "LOGIN":
		c.fail("504 5.5.4 Unrecognized authentication type")
	default:
		c.logIn(mechanism, initial)
	}
}

func (c *conversation) logIn(mechanism, initial string) {
	var user, password string
	var ok bool
	if mechanism == "PLAIN" {
		var secret string
		secret, ok = c.secret(initial, "")
		if parts := strings.Split(secret, "\x00"); len(parts) == 3 {
			user, password = parts[1], parts[2]
		}
	} else {
		if user, ok = c.secret(initial, "Username:"); ok {
			password, ok = c.secret("", "Password:")
		}
	}
	want, known := c.server.Users[user]
	switch {
	case !ok:
		c.fail("501 5.5.2 Error: authentication cancelled or not base64")
	case !known || want != password:
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
		c.say("334 " + base64.StdEncoding.EncodeToString([]byte(prompt)))
		line, err := c.wire.line()
		if err != nil || line == "*" {
			return "", false
		}
		initial = line
	}
	secret, err := base64.StdEncoding.DecodeString(initial)
	return string(secret), err == nil
}
