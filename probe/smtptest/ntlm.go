package smtptest

// ntlm answers a type 1 message with the server's type 2, and lets nobody in
// ([MS-SMTPNTLM]).
func (c *conversation) ntlm(initial string) (string, bool) {
	if _, ok := c.secret(initial, ""); !ok {
		return "", false
	}
	_, ok := c.challenge(string(c.server.NTLM))
	return "", ok
}
