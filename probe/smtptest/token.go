package smtptest

import "strings"

// oauthBearer is OAUTHBEARER (RFC 7628): "n,a=user,^Aauth=Bearer token^A^A".
func (c *conversation) oauthBearer(initial string) (string, bool) {
	text, ok := c.secret(initial, "")
	head, rest, _ := strings.Cut(text, "\x01")
	fields := strings.Split(head, ",")
	if !ok || len(fields) != 3 {
		return "", ok
	}
	return c.bearer(strings.TrimPrefix(fields[1], "a="), rest, "\x01")
}

// xoauth2 is Google's: "user=ann^Aauth=Bearer token^A^A".
func (c *conversation) xoauth2(initial string) (string, bool) {
	text, ok := c.secret(initial, "")
	if !ok {
		return "", false
	}
	head, rest, _ := strings.Cut(text, "\x01")
	return c.bearer(strings.TrimPrefix(head, "user="), rest, "")
}

// bearer looks at the token. A wrong one is answered with the reason, in JSON,
// and the client's answer to that, which must be the one its mechanism wants.
func (c *conversation) bearer(user, rest, farewell string) (string, bool) {
	token, complete := strings.CutSuffix(strings.TrimPrefix(rest, "auth=Bearer "), "\x01\x01")
	if want, known := c.server.Tokens[user]; known && complete && token == want {
		return user, true
	}
	answer, ok := c.challenge(`{"status":"invalid_token","schemes":"bearer","scope":"mail"}`)
	return "", ok && answer == farewell
}
