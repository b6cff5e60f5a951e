package smtptest

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"sync"
	"time"
)

// Server is one reactive mail server of a given character. It answers any
// number of conversations at a time, over sockets, net.Pipe or a Pipe. Its
// fields are not changed once it serves.
type Server struct {
	Character
	TLS   *tls.Config       // for STARTTLS and ServeTLS; nil makes a self-signed certificate for Name at the first handshake
	Asked func(path string) // is told of each recipient that is decided on, as it was written; called from many goroutines; may be nil

	counter   counter
	clients   clients
	greylist  greylist
	mailbag   mailbag
	makeTLS   sync.Once
	madeTLS   *tls.Config
	madeError error
}

// Serve holds one conversation to its end and closes the connection. It
// returns when the client is gone, has said QUIT, has been silent for five
// minutes, or has been hung up on.
func (s *Server) Serve(conn net.Conn) { s.serve(conn, false) }

// ServeTLS is Serve with TLS from the first octet, as on port 465 (RFC 8314 s3.3).
func (s *Server) ServeTLS(conn net.Conn) { s.serve(conn, true) }

// Stats returns the counts so far.
func (s *Server) Stats() Stats { return s.counter.copy() }

// Messages returns the messages taken so far, oldest first; the first 64 only.
func (s *Server) Messages() []Message { return s.mailbag.copy() }

func (s *Server) serve(conn net.Conn, implicit bool) {
	if s.RTT > 0 {
		conn = lag(conn, s.RTT)
		// Who hangs up and calls again is heard in that order.
		time.Sleep(s.RTT)
	}
	c := &conversation{server: s, wire: newWire(conn, s.Character), client: conn.RemoteAddr()}
	s.counter.begin()
	c.crowded = s.clients.enter(c.client) > s.ClientLimit && s.ClientLimit > 0
	defer func() {
		c.wire.out.Flush()
		c.wire.Close()
		conn.Close()
		s.clients.leave(c.client)
		s.counter.end(c.rcpts)
	}()
	if implicit && !c.handshake() {
		return
	}
	c.greet()
	for !c.over {
		line, err := c.wire.line()
		if !c.heard(line, err) {
			return
		}
	}
}

// config returns the TLS configuration, made at the first call where none was given.
func (s *Server) config() (*tls.Config, error) {
	if s.TLS != nil {
		return s.TLS, nil
	}
	s.makeTLS.Do(func() {
		made, err := NewCertificate(CertificateOptions{Names: []string{s.name()}})
		s.madeTLS, s.madeError = &tls.Config{Certificates: []tls.Certificate{made}}, err
	})
	return s.madeTLS, s.madeError
}

// leaf is the certificate that clients are shown.
func (s *Server) leaf() ([]*x509.Certificate, error) {
	config, err := s.config()
	if err != nil || len(config.Certificates) == 0 {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(config.Certificates[0].Certificate[0])
	return []*x509.Certificate{leaf}, err
}

func (s *Server) name() string {
	if s.Name == "" {
		return "mx.example"
	}
	return s.Name
}

// greylist remembers when each recipient was first tried.
type greylist struct {
	mu    sync.Mutex
	first map[string]time.Time
}

// wait returns how long a recipient must still wait: 0 once it may pass.
func (g *greylist) wait(recipient string, delay time.Duration) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	first, known := g.first[recipient]
	if !known {
		if g.first == nil {
			g.first = map[string]time.Time{}
		}
		first, g.first[recipient] = now, now
	}
	return max(0, delay-now.Sub(first))
}
