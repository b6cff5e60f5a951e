package tlsinfo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"
)

// DefaultLimit is how many connections a sweep makes at most. A server of today
// costs some 30 to 40, one that takes whatever there is, as Postfix does unless
// it is told otherwise, 120.
const DefaultLimit = 150

// Sweeper finds out what a server would agree to: it says one ClientHello on a
// connection, reads what the server chooses, hangs up, and offers the rest on
// the next one, until nothing is left that the server takes.
//
// The hellos are written octet by octet, for crypto/tls can do neither SSLv3 nor
// export, anonymous or NULL suites, and offers no list of its own. At most 64
// suites stand in one: servers drop longer ones. Only Dial must be set.
type Sweeper struct {
	// Dial makes a connection on which the server waits for a ClientHello. An
	// error ends the sweep, with its words as the reason.
	Dial func(context.Context) (net.Conn, error)
	Name string // for SNI; none where it is empty or an IP address

	Pause   time.Duration               // between two connections; 1 s where 0
	Wait    func(context.Context) error // waits instead of Pause; may be nil
	Timeout time.Duration               // for an answer; 10 s where 0
	Limit   int                         // connections at most; DefaultLimit where 0
}

// Sweep asks for all versions, suites and groups. It never fails: where it could
// not go on, what was learned is there, and the reason.
func (s *Sweeper) Sweep(ctx context.Context) *Sweep {
	w := &sweeping{Sweeper: *s, name: sni(s.Name), found: &Sweep{At: time.Now()}, taken: map[uint16][]uint16{}}
	w.all(ctx)
	return w.found
}

// sweeping is one sweep going on.
type sweeping struct {
	Sweeper
	name   string // for SNI, until it is refused
	found  *Sweep
	taken  map[uint16][]uint16 // suites by version, in the order chosen
	shares bool                // the server wants keys in a hello of TLS 1.3
}

// ended is why a sweep cannot go on at all, as opposed to a hello that got no answer.
type ended struct{ error }

func (e ended) Unwrap() error { return e.error }

// ask says one hello on a connection of its own. A server that hangs up is asked
// once more: it may be refusing the hello, or us. One that does not know the name
// is not told it again.
func (w *sweeping) ask(ctx context.Context, h hello, further bool) (answer, error) {
	h.name = w.name
	got, err := w.once(ctx, h, further)
	switch {
	case err != nil && !isEnded(err):
		got, err = w.once(ctx, h, further)
	case err == nil && got.alert == unrecognizedName && w.name != "":
		w.name = ""
		return w.ask(ctx, h, further)
	}
	if hungUp(err) {
		return answer{alert: closedInstead}, nil
	}
	return got, err
}

// closedInstead stands for an alert where a server closed, twice, at a hello.
const closedInstead = 256

func (w *sweeping) once(ctx context.Context, h hello, further bool) (answer, error) {
	if limit := cmp.Or(w.Limit, DefaultLimit); w.found.Connections >= limit {
		return answer{}, ended{fmt.Errorf("it ended after %d connections", limit)}
	}
	if w.found.Connections > 0 {
		if err := w.Rest(ctx); err != nil {
			return answer{}, ended{err}
		}
	}
	w.found.Connections++
	conn, err := w.Dial(ctx)
	if err != nil {
		return answer{}, ended{err}
	}
	defer conn.Close()
	limit := cmp.Or(w.Timeout, 10*time.Second)
	conn.SetDeadline(time.Now().Add(limit))
	defer context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })()
	got, err := talk(conn, &h, further)
	switch {
	case ctx.Err() != nil:
		return answer{}, ended{context.Cause(ctx)}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return answer{}, fmt.Errorf("no answer within %v", limit)
	}
	return got, err
}

// talk says the hello, and goodbye: a close_notify, so that it looks less like a
// fault in the server's log.
func talk(conn net.Conn, h *hello, further bool) (answer, error) {
	if _, err := conn.Write(h.record()); err != nil {
		return answer{}, err
	}
	got, err := readAnswer(conn, further)
	if err == nil && !got.refused() {
		conn.Write([]byte{21, 3, byte(min(h.version, tls12) & 0xff), 0, 2, 1, 0})
	}
	return got, err
}

// Rest waits as between two connections.
func (s *Sweeper) Rest(ctx context.Context) error {
	if s.Wait != nil {
		return s.Wait(ctx)
	}
	timer := time.NewTimer(cmp.Or(s.Pause, time.Second))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func isEnded(err error) bool {
	_, ok := errors.AsType[ended](err)
	return ok
}

func hungUp(err error) bool {
	return !isEnded(err) && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE))
}

// sni is a name as the handshake carries it: without the root's dot, and none
// for an address.
func sni(name string) string {
	name = strings.TrimSuffix(name, ".")
	if _, err := netip.ParseAddr(name); err == nil {
		return ""
	}
	return name
}
