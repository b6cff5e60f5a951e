package smtp

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
)

const (
	maxLine   = 4 << 10  // octets of a line that are kept, its end included; the buffer's size
	maxUnread = 64 << 10 // octets without LF that are read before giving up
	maxLines  = 128      // of one reply
	budget    = 64 << 10 // octets before the first MAIL, and for each group after it
	perReply  = 512      // octets more for each further command of a group (RFC 5321 s4.5.3.1.5)
)

// reader takes replies from a server that may send anything.
type reader struct {
	buffer *bufio.Reader
	left   int               // octets that may still be read
	keep   int               // octets of a line that are kept: maxLine but in a login
	hidden [][]byte          // how secrets begin that were said, see hide
	heard  func(line []byte) // told of each line, its end cut off; may be nil
}

// reply reads one reply: lines `NNN-text` and, last, `NNN text` or a bare `NNN`
// (RFC 5321 s4.2). When it fails, what was understood so far comes with the error.
func (r *reader) reply() (Reply, error) {
	var reply Reply
	for {
		line, odd, err := r.line()
		reply.Oddities |= odd
		if r.heard != nil && (err == nil || len(line) > 0) {
			r.heard(line)
		}
		if err != nil {
			if len(line) > 0 {
				reply.Lines = append(reply.Lines, string(line))
			}
			return reply, err
		}
		code, last, ok := parse(line)
		switch {
		case !ok:
			return reply, &ProtocolError{Problem: "not a reply", Line: string(line)}
		case len(reply.Lines) == maxLines:
			return reply, &ProtocolError{Problem: fmt.Sprintf("a reply of more than %d lines", maxLines)}
		case reply.Code != 0 && code != reply.Code:
			reply.Oddities |= MixedCodes
		}
		text := line[min(4, len(line)):]
		reply.Code = code
		reply.Lines = append(reply.Lines, string(text))
		if reply.Oddities |= oddText(text); last {
			return reply, nil
		}
	}
}

// parse takes a line's code apart. RFC 5321 s4.2 allows [2-5][0-5][0-9]; 1yz
// and 6yz are not SMTP, and an SSH or HTTP greeting has no code at all.
func parse(line []byte) (code int, last, ok bool) {
	if len(line) < 3 || line[0] < '2' || line[0] > '5' || line[1] < '0' || line[1] > '5' || line[2] < '0' || line[2] > '9' {
		return 0, false, false
	}
	code = int(line[0]-'0')*100 + int(line[1]-'0')*10 + int(line[2]-'0')
	if len(line) == 3 {
		return code, true, true
	}
	return code, line[3] == ' ', line[3] == ' ' || line[3] == '-'
}

// line reads one line and cuts its end off. The slice is good until the next
// read. With an error come the octets of a line without end, at most 4 KiB.
func (r *reader) line() ([]byte, Oddities, error) {
	line, err := r.buffer.ReadSlice('\n')
	total, odd := len(line), Oddities(0)
	if errors.Is(err, bufio.ErrBufferFull) {
		line, total, err = r.long(bytes.Clone(line))
		if len(line) < total {
			odd |= CutLine
		}
	}
	if len(r.hidden) > 0 {
		line = r.scrub(line)
	}
	r.left -= total
	switch {
	case err != nil:
		return line, odd, err
	case r.left < 0:
		return line, odd, &ProtocolError{Problem: "the server says too much"}
	case total > perReply:
		odd |= LongLine
	}
	line, ended := bytes.CutSuffix(line, []byte("\n"))
	line, carriage := bytes.CutSuffix(line, []byte("\r"))
	if ended && !carriage {
		odd |= BareLF
	}
	return line, odd, nil
}

// long reads on to the end of a line that the buffer is too small for, and
// keeps of it what may be kept. It counts all of it.
func (r *reader) long(line []byte) (kept []byte, read int, err error) {
	read = len(line)
	for {
		part, err := r.buffer.ReadSlice('\n')
		read += len(part)
		line = append(line, part[:min(len(part), max(0, r.keep-len(line)))]...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, read, err
		}
		if read >= maxUnread {
			return line, read, &ProtocolError{Problem: fmt.Sprintf("a line of more than %d octets", maxUnread)}
		}
	}
}

// whole reports whether a reply has already arrived to its last line, so that
// reading it cannot wait.
func (r *reader) whole() bool {
	waiting, _ := r.buffer.Peek(r.buffer.Buffered())
	for {
		line, rest, found := bytes.Cut(waiting, []byte("\n"))
		if !found {
			return false
		}
		if len(line) < 4 || line[3] != '-' {
			return true
		}
		waiting = rest
	}
}

// oddText looks for what a line of text should not hold.
func oddText(text []byte) Oddities {
	if len(text) == 0 {
		return NoText
	}
	var odd Oddities
	for _, c := range text {
		switch {
		case c >= 0x80:
			odd |= EightBit
		case c == '\r':
			odd |= BareCR
		case c < ' ' && c != '\t', c == 0x7f:
			odd |= Control
		}
	}
	return odd
}
