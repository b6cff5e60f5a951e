package resolver

import (
	"context"
	"crypto/rand"
	"net"
	"sync"
)

// socketLife is after how many queries a socket is replaced, so that its source
// port does not stay the same for long (RFC 5452 s9.2).
const socketLife = 256

// socket is a connected UDP socket on which many questions wait at once, told
// apart by identifier. One goroutine reads from it.
type socket struct {
	conn net.Conn
	dead chan struct{} // closed when nothing will be read any more; err says why

	mu      sync.Mutex
	err     error
	left    int // queries until it retires
	waiting map[uint16]ticket
}

// ticket is one question's place on a socket.
type ticket struct {
	socket *socket
	id     uint16
	wire   []byte      // the question
	reply  chan []byte // takes one message
}

func newSocket(conn net.Conn) *socket {
	return &socket{conn: conn, dead: make(chan struct{}), left: socketLife, waiting: make(map[uint16]ticket)}
}

// admit gives a question a place under an identifier that nobody can guess. It
// reports false when the socket has retired.
func (s *socket) admit(wire []byte) (ticket, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left == 0 || s.err != nil {
		return ticket{}, false
	}
	s.left--
	t := ticket{socket: s, id: s.freeID(), wire: wire, reply: make(chan []byte, 1)}
	s.waiting[t.id] = t
	return t, true
}

func (s *socket) freeID() uint16 {
	for {
		var octets [2]byte
		_, _ = rand.Read(octets[:]) // crypto/rand never fails
		id := identifier(octets[:])
		if _, taken := s.waiting[id]; !taken {
			return id
		}
	}
}

// read hands replies to those who wait for them until the socket is closed.
func (s *socket) read() {
	buffer := make([]byte, 1<<16) // no datagram is larger
	for {
		n, err := s.conn.Read(buffer)
		if err != nil {
			s.fail(err)
			return
		}
		s.deliver(buffer[:n])
	}
}

// deliver passes message on if it replies to a question that waits. A second
// reply to the same question is dropped like any stray.
func (s *socket) deliver(message []byte) {
	if len(message) < headerLen {
		return
	}
	s.mu.Lock()
	t, ok := s.waiting[identifier(message)]
	s.mu.Unlock()
	if !ok || !matches(message, t.id, t.wire) {
		return
	}
	select {
	case t.reply <- append([]byte(nil), message...):
	default:
	}
}

func (s *socket) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
		close(s.dead)
		_ = s.conn.Close()
	}
}

// send asks, and waits for the reply until ctx ends. message is changed.
func (t ticket) send(ctx context.Context, message []byte) ([]byte, error) {
	message[0], message[1] = byte(t.id>>8), byte(t.id)
	if deadline, ok := ctx.Deadline(); ok {
		_ = t.socket.conn.SetWriteDeadline(deadline)
	}
	if _, err := t.socket.conn.Write(message); err != nil {
		return nil, because(ctx, err)
	}
	select {
	case reply := <-t.reply:
		return reply, nil
	case <-t.socket.dead:
		return nil, because(ctx, t.socket.err)
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// leave gives the place up. A socket whose question got no reply retires:
// after a change of network its source address leads nowhere. The last one to
// leave a retired socket closes it.
func (t ticket) leave(answered bool) {
	s := t.socket
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.waiting, t.id)
	if !answered {
		s.left = 0
	}
	if s.left == 0 && len(s.waiting) == 0 {
		_ = s.conn.Close()
	}
}

// overUDP asks on one of the server's sockets.
func (r *Resolver) overUDP(ctx context.Context, s *server, q question, message []byte) ([]byte, error) {
	ctx, cancel := r.try(ctx)
	defer cancel()
	t, err := s.sockets.admit(ctx, q.wire)
	if err != nil {
		return nil, because(ctx, err)
	}
	r.queries.Add(1)
	reply, err := t.send(ctx, append([]byte(nil), message...))
	t.leave(err == nil)
	return reply, err
}
