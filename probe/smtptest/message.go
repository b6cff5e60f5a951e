package smtptest

import (
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
	for {
		line, err := c.wire.line()
		if err != nil {
			c.over = true
			return
		}
		if line == "." {
			break
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
	c.server.mailbag.put(Message{From: c.message.from, To: c.message.to, Data: text})
	c.server.counter.count(func(stats *Stats) { stats.Messages++ })
	c.message = message{}
	c.answer("250 2.0.0 Ok: queued as 4BQr2T0x1z")
}
