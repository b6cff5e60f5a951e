package resolver

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// handler is how a server of the double answers: its replies in order, none
// for silence.
type handler func(network string, query *dns.Msg) []*dns.Msg

// double is a network of DNS servers behind a Dial, without sockets.
type double struct {
	servers map[string]handler // by ip:port; whoever is missing refuses connections
	mu      sync.Mutex
	dials   map[string]int // by network
	open    int            // connections that nobody has closed
	heard   []*dns.Msg
}

var errConnectionRefused = errors.New("connection refused")

func (d *double) dial(_ context.Context, network, address string) (net.Conn, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dials == nil {
		d.dials = make(map[string]int)
	}
	d.dials[network]++
	handle, ok := d.servers[address]
	if !ok {
		return nil, errConnectionRefused
	}
	d.open++
	near, far := net.Pipe()
	go d.serve(far, network, handle)
	return near, nil
}

func (d *double) serve(conn net.Conn, network string, handle handler) {
	defer d.hangUp(conn)
	for {
		query, err := hear(conn, network)
		if err != nil {
			return
		}
		d.mu.Lock()
		d.heard = append(d.heard, query)
		d.mu.Unlock()
		for _, reply := range handle(network, query) {
			if err := tell(conn, network, reply); err != nil {
				return
			}
		}
	}
}

func (d *double) hangUp(conn net.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open--
	_ = conn.Close()
}

func hear(conn net.Conn, network string) (*dns.Msg, error) {
	buffer := make([]byte, 1<<16)
	n, err := 0, error(nil)
	if network == "tcp" {
		if _, err := io.ReadFull(conn, buffer[:2]); err != nil {
			return nil, err
		}
		n, err = io.ReadFull(conn, buffer[:binary.BigEndian.Uint16(buffer)])
	} else {
		n, err = conn.Read(buffer)
	}
	if err != nil {
		return nil, err
	}
	query := new(dns.Msg)
	return query, query.Unpack(buffer[:n])
}

func tell(conn net.Conn, network string, reply *dns.Msg) error {
	message, err := reply.Pack()
	if err != nil {
		return err
	}
	if network == "tcp" {
		message = append(binary.BigEndian.AppendUint16(nil, uint16(len(message))), message...)
	}
	_, err = conn.Write(message)
	return err
}

// say answers every query with a response code and records in zone-file form;
// those after an empty string stand in the authority section.
func say(rcode int, lines ...string) handler {
	return func(_ string, query *dns.Msg) []*dns.Msg {
		return []*dns.Msg{reply(query, rcode, lines...)}
	}
}

func reply(query *dns.Msg, rcode int, lines ...string) *dns.Msg {
	out := new(dns.Msg).SetRcode(query, rcode)
	out.RecursionAvailable = true
	section := &out.Answer
	for _, line := range lines {
		if line == "" {
			section = &out.Ns
			continue
		}
		*section = append(*section, record(line))
	}
	return out
}

func record(line string) dns.RR {
	out, err := dns.NewRR(line)
	if err != nil {
		panic(err)
	}
	return out
}

func silent(string, *dns.Msg) []*dns.Msg { return nil }

// resolver returns one that asks the double's servers in the order given.
func (d *double) resolver(t testing.TB, config Config, servers ...string) *Resolver {
	t.Helper()
	config.Dial = d.dial
	for _, server := range servers {
		config.Servers = append(config.Servers, netip.MustParseAddrPort(server))
	}
	r, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func lookup(t testing.TB, r *Resolver, name string, kind Type) Answer {
	t.Helper()
	answer, err := r.Lookup(t.Context(), name, kind)
	if err != nil {
		t.Fatalf("Lookup(%s, %s): %v", name, kind, err)
	}
	return answer
}

// told is an Answer as tests write it.
type told struct {
	Status  Status
	Records []string
	Aliases []string
	Keep    time.Duration // from now; exact, as a bubble's clock stands still
	Server  string
	Detail  string
}

func tellOf(answer Answer) told {
	out := told{
		Status: answer.Status, Aliases: answer.Aliases, Keep: time.Until(answer.Expires),
		Server: answer.Server, Detail: answer.Detail,
	}
	for _, record := range answer.Records {
		out.Records = append(out.Records, record.String())
	}
	return out
}
