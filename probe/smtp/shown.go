package smtp

import (
	"bytes"
	"fmt"
)

// maxShown bounds how much of a message stands in transcript and trace, in octets.
const maxShown = 16 << 10

// tell records the lines of a message as they are sent.
func (b *blocks) tell(octets []byte) {
	if !b.client.record.on() {
		return
	}
	for len(octets) > 0 && b.show > 0 {
		line, _, ended := bytes.Cut(octets[:min(len(octets), b.show)], []byte("\n"))
		took := len(line)
		if ended {
			took++
		}
		b.line = append(b.line, line...)
		b.show -= took
		octets = octets[took:]
		if ended {
			b.flush()
		}
	}
	b.hidden += len(octets)
}

func (b *blocks) flush() {
	b.client.record.said(string(bytes.TrimSuffix(b.line, []byte("\r"))))
	b.line = b.line[:0]
}

// shown ends the message's part of the transcript, so that the dot behind it is shown.
func (b *blocks) shown() {
	if len(b.line) > 0 {
		b.flush()
	}
	if b.hidden > 0 {
		b.client.record.record(Noted, fmt.Sprintf("%d octets more of the message, not shown", b.hidden))
	}
	b.show = len(".\r\n")
}
