package resolver

import (
	"context"
	"math/rand/v2"
)

// poolSize is how many sockets are open to a server at most. Each question
// takes one by chance, which adds to what a forger must guess.
const poolSize = 8

// pool holds the UDP sockets open to one server.
type pool struct {
	resolver *Resolver
	address  string
	places   [poolSize]place
}

// place holds one socket. Its lock is a channel of one, so that whoever waits
// for another's dialling can give up.
type place struct {
	lock   chan struct{}
	socket *socket
}

func newPool(r *Resolver, address string) pool {
	p := pool{resolver: r, address: address}
	for i := range p.places {
		p.places[i].lock = make(chan struct{}, 1)
	}
	return p
}

// admit gives a question its place on an open socket, and opens one where there
// is none or it has retired.
func (p *pool) admit(ctx context.Context, wire []byte) (ticket, error) {
	at := &p.places[rand.IntN(poolSize)]
	select {
	case at.lock <- struct{}{}:
		defer func() { <-at.lock }()
	case <-ctx.Done():
		return ticket{}, context.Cause(ctx)
	}
	if at.socket != nil {
		if t, ok := at.socket.admit(wire); ok {
			return t, nil
		}
	}
	t, err := p.open(ctx, wire)
	at.socket = t.socket
	return t, err
}

// open dials, gives the question the first place on the new socket, and reads
// from it until it retires or the resolver is closed.
func (p *pool) open(ctx context.Context, wire []byte) (ticket, error) {
	conn, err := p.resolver.config.Dial(ctx, "udp", p.address)
	if err != nil {
		return ticket{}, err
	}
	s := newSocket(conn)
	t, _ := s.admit(wire) // before anything is read, so that it cannot have failed
	stop := context.AfterFunc(p.resolver.life, func() { _ = conn.Close() })
	p.resolver.running.Go(func() {
		defer stop()
		s.read()
	})
	return t, nil
}
