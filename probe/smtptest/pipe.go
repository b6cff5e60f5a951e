package smtptest

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// window is how many octets one direction of a Pipe holds before Write waits,
// as a socket's buffers do.
const window = 64 << 10

// Pipe returns the two ends of a connection in memory that behaves as a TCP
// socket does where net.Pipe does not: Write returns before the other end has
// read, so that a server may speak while its client does (an unsolicited 421)
// without either waiting for the other for ever. What was written before Close
// is still read, then comes io.EOF; writing to an end that is gone fails with
// syscall.EPIPE. One Read never joins the octets of two Writes. Deadlines work,
// inside a testing/synctest bubble too. The ends name the addresses given,
// which may be nil for a made-up pair.
func Pipe(client, server net.Addr) (net.Conn, net.Conn) {
	if client == nil {
		client = &net.TCPAddr{IP: net.IPv4(198, 51, 100, 1).To4(), Port: 50000}
	}
	if server == nil {
		server = &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1).To4(), Port: 25}
	}
	up, down := newStream(), newStream()
	return &end{in: down, out: up, local: client, remote: server},
		&end{in: up, out: down, local: server, remote: client}
}

// end is one end of a Pipe.
type end struct {
	in, out       *stream
	local, remote net.Addr
}

func (e *end) Read(p []byte) (int, error) {
	n, err := e.in.read(p)
	return n, e.wrap("read", err)
}

func (e *end) Write(p []byte) (int, error) {
	n, err := e.out.write(p)
	return n, e.wrap("write", err)
}

func (e *end) Close() error {
	e.in.close(false)
	e.out.close(true)
	return nil
}

// CloseWrite tells the other end that nothing more comes, as a TCP FIN does.
func (e *end) CloseWrite() error {
	e.out.close(true)
	return nil
}

func (e *end) LocalAddr() net.Addr  { return e.local }
func (e *end) RemoteAddr() net.Addr { return e.remote }

func (e *end) SetDeadline(t time.Time) error {
	e.in.reader.setDeadline(e.in, t)
	e.out.writer.setDeadline(e.out, t)
	return nil
}

func (e *end) SetReadDeadline(t time.Time) error {
	e.in.reader.setDeadline(e.in, t)
	return nil
}

func (e *end) SetWriteDeadline(t time.Time) error {
	e.out.writer.setDeadline(e.out, t)
	return nil
}

// wrap gives an error the form that the net package gives it; io.EOF stays bare.
func (e *end) wrap(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: "tcp", Source: e.local, Addr: e.remote, Err: err}
}

// stream is one direction of a Pipe.
type stream struct {
	mu             sync.Mutex
	changed        sync.Cond
	chunks         [][]byte // one for each Write not yet read to its end
	size           int      // octets in chunks
	reader, writer side
}

// side is what a stream knows of one of its two users.
type side struct {
	gone  bool
	late  bool // its deadline has passed
	timer *time.Timer
}

func newStream() *stream {
	s := &stream{}
	s.changed.L = &s.mu
	return s
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.reader.gone:
			return 0, net.ErrClosed
		case s.reader.late:
			return 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case len(s.chunks) > 0:
			return s.take(p), nil
		case s.writer.gone:
			return 0, io.EOF
		}
		s.changed.Wait()
	}
}

// take copies from the first chunk only.
func (s *stream) take(p []byte) int {
	n := copy(p, s.chunks[0])
	s.chunks[0] = s.chunks[0][n:]
	if len(s.chunks[0]) == 0 {
		s.chunks[0] = nil
		s.chunks = s.chunks[1:]
	}
	s.size -= n
	s.changed.Broadcast()
	return n
}

func (s *stream) write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	written := 0
	for {
		switch {
		case s.writer.gone:
			return written, net.ErrClosed
		case s.reader.gone:
			return written, syscall.EPIPE
		case s.writer.late:
			return written, os.ErrDeadlineExceeded
		case written == len(p):
			return written, nil
		case s.size < window:
			n := min(len(p)-written, window-s.size)
			s.chunks = append(s.chunks, append([]byte(nil), p[written:written+n]...))
			s.size += n
			written += n
			s.changed.Broadcast()
			continue
		}
		s.changed.Wait()
	}
}

// close marks one side as gone; what the writer left stays to be read.
func (s *stream) close(writing bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	who := &s.reader
	if writing {
		who = &s.writer
	}
	who.gone = true
	if who.timer != nil {
		who.timer.Stop()
	}
	s.changed.Broadcast()
}

func (d *side) setDeadline(s *stream, t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	d.late = false
	if wait := time.Until(t); !t.IsZero() && !d.gone {
		if wait <= 0 {
			d.late = true
		} else {
			d.arm(s, wait)
		}
	}
	s.changed.Broadcast()
}

// arm starts the timer; one that a later deadline replaced in the moment it
// fired is told by its no longer being the side's.
func (d *side) arm(s *stream, wait time.Duration) {
	var mine *time.Timer
	mine = time.AfterFunc(wait, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if d.timer == mine {
			d.late = true
			s.changed.Broadcast()
		}
	})
	d.timer = mine
}
