package smtptest

import (
	"net"
	"os"
	"sync"
	"time"
)

// lagged is a server's connection on which everything is heard one round trip
// after it was sent, and the client's end after half of one. Chunks sent close
// together lag together: the delay is the line's, not the server's.
type lagged struct {
	net.Conn
	rtt    time.Duration
	chunks chan chunk
	closed chan struct{}
	once   sync.Once
	rest   []byte
	err    error
	until  time.Time // read deadline; set and read by the server's one goroutine
}

type chunk struct {
	data []byte
	due  time.Time
	err  error
}

// lag starts the goroutine that reads ahead; it ends when the connection does.
func lag(conn net.Conn, rtt time.Duration) *lagged {
	l := &lagged{Conn: conn, rtt: rtt, chunks: make(chan chunk, 16), closed: make(chan struct{})}
	go l.pump()
	return l
}

func (l *lagged) pump() {
	for {
		p := make([]byte, 4096)
		n, err := l.Conn.Read(p)
		wait := l.rtt
		if n == 0 {
			wait /= 2 // nobody waits for an answer: the way there is all of it
		}
		select {
		case l.chunks <- chunk{data: p[:n], due: time.Now().Add(wait), err: err}:
		case <-l.closed:
			return
		}
		if err != nil {
			return
		}
	}
}

func (l *lagged) Read(p []byte) (int, error) {
	if len(l.rest) == 0 && l.err == nil {
		if err := l.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	if n == 0 {
		return 0, l.err
	}
	return n, nil
}

func (l *lagged) next() error {
	timer := time.NewTimer(time.Until(l.until))
	defer timer.Stop()
	select {
	case c := <-l.chunks:
		time.Sleep(time.Until(c.due))
		l.rest, l.err = c.data, c.err
		return nil
	case <-timer.C:
		return os.ErrDeadlineExceeded
	}
}

// SetReadDeadline is called before every Read, so that there always is one.
func (l *lagged) SetReadDeadline(t time.Time) error {
	l.until = t
	return nil
}

func (l *lagged) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Conn.Close()
}
