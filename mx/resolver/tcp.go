package resolver

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"io"
	"net"
)

// overTCP asks on a connection of its own. Each message stands behind its
// length in two octets (RFC 1035 s4.2.2), which bounds it to 64 KiB.
func (r *Resolver) overTCP(ctx context.Context, s *server, q question, message []byte) ([]byte, error) {
	ctx, cancel := r.try(ctx)
	defer cancel()
	conn, err := r.config.Dial(ctx, "tcp", s.address)
	if err != nil {
		return nil, because(ctx, err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()

	r.queries.Add(1)
	reply, err := converse(conn, q.wire, message)
	return reply, because(ctx, err)
}

// converse sends message under a fresh identifier and reads until its reply
// comes.
func converse(conn net.Conn, wire, message []byte) ([]byte, error) {
	out := binary.BigEndian.AppendUint16(nil, uint16(len(message)))
	out = append(out, message...)
	_, _ = rand.Read(out[2:4]) // crypto/rand never fails
	id := identifier(out[2:])
	if _, err := conn.Write(out); err != nil {
		return nil, err
	}
	for {
		var length [2]byte
		if _, err := io.ReadFull(conn, length[:]); err != nil {
			return nil, err
		}
		reply := make([]byte, binary.BigEndian.Uint16(length[:]))
		if _, err := io.ReadFull(conn, reply); err != nil {
			return nil, err
		}
		if matches(reply, id, wire) {
			return reply, nil
		}
	}
}

// because puts the reason for which ctx ended in the place of the error that
// its end led to.
func because(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
