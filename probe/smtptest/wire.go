package smtptest

import (
	"bufio"
	"errors"
	"io"
	"net"
	"strings"
	"time"
)

// ahead is how many octets a server reads ahead. Over net.Pipe, whose Write
// waits for its reader, a group of commands longer than this and a client that
// does not read meanwhile would wait for each other; a Pipe of this package and
// a socket have buffers of their own.
const ahead = 32 << 10

// idle is how long a server waits for its client, RFC 5321 s4.5.3.2.7.
const idle = 5 * time.Minute

// wire is a server's end of a connection: lines in, replies out. Replies are
// held until the server has to wait for input, so that a pipelined group is
// answered in one write (RFC 2920 s3.2).
type wire struct {
	net.Conn
	in       *bufio.Reader
	out      *bufio.Writer
	patience time.Duration // how long Read waits
	lineEnd  LineEnd
}

// errBareLF is a line that ended without CR, where that is not borne.
var errBareLF = errors.New("bare LF")

func newWire(conn net.Conn, is Character) *wire {
	w := &wire{Conn: conn, patience: idle, lineEnd: is.LineEnd}
	w.in = bufio.NewReaderSize(w, ahead)
	w.out = bufio.NewWriterSize(splitter{conn, is.Split}, 4096)
	return w
}

// Read sends what is held, then waits for input.
func (w *wire) Read(p []byte) (int, error) {
	if err := w.out.Flush(); err != nil {
		return 0, err
	}
	w.SetReadDeadline(time.Now().Add(w.patience))
	return w.Conn.Read(p)
}

// line reads one line without its end, LF or CRLF as the character has it. One
// longer than the buffer is read to its end and reported as bufio.ErrBufferFull.
func (w *wire) line() (string, error) {
	line, err := w.in.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		for err == bufio.ErrBufferFull {
			_, err = w.in.ReadSlice('\n')
		}
		if err == nil {
			err = bufio.ErrBufferFull
		}
		return "", err
	}
	if err != nil {
		return "", err
	}
	text, carriage := strings.CutSuffix(string(line[:len(line)-1]), "\r")
	switch {
	case !carriage && w.lineEnd == LFRefused:
		return "", errBareLF
	case !carriage && w.lineEnd == LFIgnored:
		rest, err := w.line()
		return text + "\n" + rest, err
	}
	return text, nil
}

// pause sends what is held and waits. It reports whether the client spoke
// meanwhile, and returns early when the client is gone.
func (w *wire) pause(wait time.Duration) (spoke bool) {
	if wait <= 0 {
		return false
	}
	start := time.Now()
	w.out.Flush()
	w.patience = wait
	_, err := w.in.Peek(1)
	w.patience = idle
	if err != nil {
		return false
	}
	time.Sleep(wait - time.Since(start))
	return true
}

// splitter writes every octet alone where asked to.
type splitter struct {
	io.Writer
	split bool
}

func (s splitter) Write(p []byte) (int, error) {
	if !s.split {
		return s.Writer.Write(p)
	}
	for i := range p {
		if n, err := s.Writer.Write(p[i : i+1]); err != nil {
			return i + n, err
		}
	}
	return len(p), nil
}
