package smtptest

import (
	"cmp"
	"strconv"
	"strings"
	"sync"
)

// Message is a message a server took.
type Message struct {
	From string
	To   []string
	Data string // lines end in LF; stuffed dots are taken out; cut after 1 MiB
}

const (
	messagesKept = 64
	messageKept  = 1 << 20
)

type mailbag struct {
	mu       sync.Mutex
	messages []Message
}

func (m *mailbag) put(message Message) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.messages) < messagesKept {
		m.messages = append(m.messages, message)
	}
}

func (m *mailbag) copy() []Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Message(nil), m.messages...)
}

func (c *conversation) data(rest string) {
	switch {
	case rest != "":
		c.fail("501 5.5.4 Syntax: DATA")
		return
	case !c.message.open:
		c.fail("503 5.5.1 Error: need MAIL command")
		return
	case len(c.message.to) == 0:
		c.fail("554 5.5.1 Error: no valid recipients")
		return
	}
	c.answer("354 End data with <CR><LF>.<CR><LF>")
	var text strings.Builder
	heard := 0
	for {
		line, err := c.wire.line()
		if err != nil {
			c.over = true
			return
		}
		if line == "." {
			break
		}
		heard += len(line) + 2
		if drop := c.server.DropData; drop > 0 && heard > drop {
			c.hangUp()
			return
		}
		if text.Len() < messageKept {
			text.WriteString(strings.TrimPrefix(line, "."))
			text.WriteByte('\n')
		}
	}
	c.take(text.String())
}

// bdat takes one chunk (RFC 3030 s2).
func (c *conversation) bdat(rest string) {
	length, last, _ := strings.Cut(rest, " ")
	n, err := strconv.ParseUint(length, 10, 31)
	switch {
	case !c.offers("CHUNKING"):
		c.fail("502 5.5.1 Error: command not implemented")
		return
	case err != nil:
		c.fail("501 5.5.4 Syntax: BDAT count [LAST]")
		c.over = true // where the chunk ends is unknown
		return
	}
	for range n {
		octet, err := c.wire.in.ReadByte()
		if err != nil {
			c.over = true
			return
		}
		if len(c.message.chunks) < messageKept {
			c.message.chunks = append(c.message.chunks, octet)
		}
	}
	switch {
	case !c.message.open || len(c.message.to) == 0:
		c.fail("503 5.5.1 Error: no valid recipients")
	case strings.EqualFold(last, "LAST"):
		c.take(strings.ReplaceAll(string(c.message.chunks), "\r\n", "\n"))
	default:
		c.answer("250 2.0.0 Ok: " + length + " bytes")
	}
}

func (c *conversation) take(text string) {
	taken := c.message
	c.message = message{}
	if instead, has := c.server.Replies["."]; has {
		c.answer(instead)
		c.over = c.over || strings.HasPrefix(instead, "421")
		return
	}
	c.server.mailbag.put(Message{From: taken.from, To: taken.to, Data: text})
	c.server.counter.count(func(stats *Stats) { stats.Messages++ })
	if !c.server.LMTP {
		c.answer("250 2.0.0 Ok: queued as 4BQr2T0x1z")
		return
	}
	for _, recipient := range taken.to {
		c.answer(cmp.Or(c.server.mailbox(recipient).Dot, "250 2.0.0 <"+recipient+"> Saved"))
	}
}

// hangUp ends the conversation with the character's last words, if it has any.
func (c *conversation) hangUp() {
	c.over = true
	if c.server.HangUp != "" {
		c.say(c.server.HangUp)
	}
}
