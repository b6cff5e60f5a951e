package smtp

import (
	"bufio"
	"bytes"
	"io"
)

const blockSize = 32 << 10 // octets of a message in memory

// dotter writes a message as DATA wants it: lines end in CRLF, and one that
// begins with a dot gets another (RFC 5321 s4.5.2). Line ends are CRLF, LF and
// CR: to let a CR or LF alone through is forbidden (s2.3.8), and would let a
// message end where its sender does not, which is how mail is smuggled.
type dotter struct {
	out    *bufio.Writer
	inside bool // a line has begun
	cr     bool // a CR was the last octet: a LF now belongs to it
	dots   int64
}

func newDotter(w io.Writer) *dotter { return &dotter{out: bufio.NewWriterSize(w, blockSize)} }

func (d *dotter) Write(message []byte) (int, error) {
	var err error
	for rest := message; len(rest) > 0 && err == nil; {
		if d.cr && rest[0] == '\n' {
			d.cr, rest = false, rest[1:]
			continue
		}
		d.cr = false
		if !d.inside && rest[0] == '.' {
			d.out.WriteByte('.')
			d.dots++
		}
		end := bytes.IndexAny(rest, "\r\n")
		if end < 0 {
			d.inside = true
			_, err = d.out.Write(rest)
			break
		}
		d.out.Write(rest[:end])
		_, err = d.out.WriteString("\r\n")
		d.inside, d.cr = false, rest[end] == '\r'
		rest = rest[end+1:]
	}
	if err != nil {
		return 0, err
	}
	return len(message), nil
}

// line ends the line that the message did not end.
func (d *dotter) line() error {
	if d.inside {
		d.inside = false
		d.out.WriteString("\r\n")
	}
	return d.out.Flush()
}
