package resolver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"

	"github.com/miekg/dns"
)

// server is one recursive server and the sockets open to it.
type server struct {
	address string // ip:port
	trusted bool   // its AD bit counts
	sockets pool
}

func (r *Resolver) newServer(address netip.AddrPort) *server {
	return &server{
		address: address.String(),
		trusted: r.config.TrustAD || address.Addr().Unmap().IsLoopback(),
		sockets: newPool(r, address.String()),
	}
}

// errNonsense marks a reply that fits the question and cannot be read.
var errNonsense = errors.New("a malformed reply")

// ask puts q to one server and reads what it says. walked is the CNAME chain
// that led to q.
func (r *Resolver) ask(ctx context.Context, s *server, q question, walked chain) finding {
	found := r.askOnce(ctx, s, q, walked)
	found.Trusted = s.trusted
	if found.Status != Timeout {
		found.Server = s.address
	}
	if !found.Status.Final() && !found.more {
		r.config.Logger.LogAttrs(ctx, slog.LevelDebug, "dns server did not answer",
			slog.String("server", s.address), slog.String("name", q.name), slog.String("type", string(q.kind)),
			slog.String("status", string(found.Status)), slog.String("detail", found.Detail))
	}
	return found
}

func (r *Resolver) askOnce(ctx context.Context, s *server, q question, walked chain) finding {
	reply, err := r.exchange(ctx, s, q)
	switch {
	case errors.Is(err, errNonsense):
		return failure(ServFail, walked, fmt.Sprintf("%s: %v", s.address, err))
	case err != nil:
		return failure(Timeout, walked, fmt.Sprintf("%s: %v", s.address, err))
	}
	found := read(reply, q, walked)
	found.Secure = reply.AuthenticatedData && s.trusted && found.Status != ServFail && found.Status != Refused
	return found
}

// exchange fetches the reply to q. Servers from before EDNS answer it with
// FORMERR or NOTIMP (RFC 6891 s7) and hear the question once more without it.
func (r *Resolver) exchange(ctx context.Context, s *server, q question) (*dns.Msg, error) {
	reply, err := r.fetch(ctx, s, q, true)
	if err == nil && (reply.Rcode == dns.RcodeFormatError || reply.Rcode == dns.RcodeNotImplemented) {
		return r.fetch(ctx, s, q, false)
	}
	return reply, err
}

// fetch sends one form of the query over UDP, and over TCP if the reply did
// not fit.
func (r *Resolver) fetch(ctx context.Context, s *server, q question, edns bool) (*dns.Msg, error) {
	message, err := q.message(edns)
	if err != nil {
		return nil, err
	}
	octets, err := r.overUDP(ctx, s, q, message)
	if err == nil && truncated(octets) {
		octets, err = r.overTCP(ctx, s, q, message)
		if err != nil {
			return nil, fmt.Errorf("truncated over UDP, then over TCP: %w", err)
		}
	}
	if err != nil {
		return nil, err
	}
	reply := new(dns.Msg)
	if err := reply.Unpack(octets); err != nil {
		return nil, fmt.Errorf("%w: %w", errNonsense, err)
	}
	if reply.Truncated {
		return nil, fmt.Errorf("%w: truncated over TCP", errNonsense)
	}
	return reply, nil
}

// try bounds one try over one transport.
func (r *Resolver) try(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, r.config.Timeout, noReply(r.config.Timeout))
}
