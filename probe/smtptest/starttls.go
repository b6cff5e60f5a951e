package smtptest

func (c *conversation) startTLS(rest string) {
	switch {
	case rest != "":
		c.fail("501 5.5.4 Syntax: STARTTLS")
		return
	case c.secure:
		c.fail("554 5.5.1 Error: TLS already active")
		return
	case !c.offers("STARTTLS"):
		c.fail("502 5.5.1 Error: command not implemented")
		return
	case c.server.StartTLS == TLSRefused:
		c.fail("454 4.7.0 TLS not available due to local problem")
		return
	}
	c.answer("220 2.0.0 Ready to start TLS")
	c.wire.out.Flush()
	switch c.server.StartTLS {
	case TLSBroken:
		// The client's hello is read, or a socket would be reset by closing
		// over it and the text below be lost.
		c.wire.in.Peek(1)
		c.wire.in.Discard(c.wire.in.Buffered())
		c.say("500 5.5.2 Error: this is no handshake")
		c.over = true
	case TLSHangUp:
		c.over = true
	default:
		c.over = !c.handshake()
	}
}
