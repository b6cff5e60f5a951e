package resolver

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"
)

// cut answers truncated.
func cut(_ string, query *dns.Msg) []*dns.Msg {
	out := reply(query, dns.RcodeSuccess)
	out.Truncated = true
	return []*dns.Msg{out}
}

// overTCP answers truncated over UDP, and by handle over TCP.
func overTCP(handle handler) handler {
	return func(network string, query *dns.Msg) []*dns.Msg {
		if network == "udp" {
			return cut(network, query)
		}
		return handle(network, query)
	}
}

// short answers truncated over UDP and in full over TCP.
func short(network string, query *dns.Msg) []*dns.Msg { return overTCP(found)(network, query) }

// strays are messages that look like the reply and are not.
func strays(query *dns.Msg) []*dns.Msg {
	lie := func(change func(*dns.Msg)) *dns.Msg {
		out := reply(query, dns.RcodeSuccess, "example.com. 60 IN MX 6 evil.example.")
		change(out)
		return out
	}
	return []*dns.Msg{
		lie(func(m *dns.Msg) { m.Id++ }),
		lie(func(m *dns.Msg) { m.Question[0].Name = "example.net." }),
		lie(func(m *dns.Msg) { m.Question[0].Name = "example.co." }),
		lie(func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeA }),
		lie(func(m *dns.Msg) { m.Question[0].Qclass = dns.ClassCHAOS }),
		lie(func(m *dns.Msg) { m.Question = nil }),
		lie(func(m *dns.Msg) { m.Question = append(m.Question, m.Question[0]) }),
		lie(func(m *dns.Msg) { m.Response = false }),
		lie(func(m *dns.Msg) { m.Opcode = dns.OpcodeNotify }),
	}
}

func TestStraysAreDropped(t *testing.T) {
	tests := map[string]handler{
		"udp": func(network string, query *dns.Msg) []*dns.Msg {
			return append(strays(query), found(network, query)...)
		},
		"tcp": overTCP(func(network string, query *dns.Msg) []*dns.Msg {
			return append(strays(query), found(network, query)...)
		}),
		"udp, twice the reply": func(network string, query *dns.Msg) []*dns.Msg {
			return append(found(network, query), found(network, query)...)
		},
	}
	for name, handle := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &double{servers: map[string]handler{one: handle}}
				answer := lookup(t, d.resolver(t, Config{}, one), "example.com", MX)
				if answer.Status != NoError || answer.Exchanges()[0].Name != "" {
					t.Errorf("%+v", answer)
				}
			})
		})
	}
}

// Strays alone do not make an answer, however many there are.
func TestOnlyStrays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &double{servers: map[string]handler{one: func(_ string, query *dns.Msg) []*dns.Msg { return strays(query) }}}
		if answer := lookup(t, d.resolver(t, Config{}, one), "example.com", MX); answer.Status != Timeout {
			t.Errorf("%+v", answer)
		}
	})
}

func TestTruncated(t *testing.T) {
	tests := map[string]struct {
		handle handler
		status Status
		detail string
		tcp    int
	}{
		"fetched over TCP":          {short, NoError, "", 1},
		"a reply of 64 KiB":         {large, NoError, "", 1},
		"NXDOMAIN over TCP":         {overTCP(say(dns.RcodeNameError, "", soa)), NXDomain, "example.com does not exist", 1},
		"truncated over TCP too":    {overTCP(cut), ServFail, "192.0.2.1:53: a malformed reply: truncated over TCP", 1},
		"TCP stays silent":          {overTCP(silent), Timeout, "192.0.2.1:53: truncated over UDP, then over TCP: no reply in 3s", 2},
		"UDP reply cut in a record": {cutInRecord, NoError, "", 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &double{servers: map[string]handler{one: tt.handle}}
				answer := lookup(t, d.resolver(t, Config{}, one), "example.com", MX)
				if answer.Status != tt.status || answer.Detail != tt.detail || d.dials["tcp"] != tt.tcp {
					t.Errorf("%s (%s), %d TCP dials; want %s (%s), %d", answer.Status, answer.Detail, d.dials["tcp"], tt.status, tt.detail, tt.tcp)
				}
			})
		})
	}
}

// large answers in about 65 000 octets.
func large(network string, query *dns.Msg) []*dns.Msg {
	out := short(network, query)[0]
	for network == "tcp" && out.Len() < 65_000 {
		out.Extra = append(out.Extra, record("pad.example. 60 IN TXT "+strings.Repeat("x", 250)))
	}
	return []*dns.Msg{out}
}

// cutInRecord announces a record over UDP that then has no place.
func cutInRecord(network string, query *dns.Msg) []*dns.Msg {
	out := short(network, query)[0]
	if network == "udp" {
		out.Answer = []dns.RR{&dns.RFC3597{
			Hdr: dns.RR_Header{Name: "example.com.", Rrtype: dns.TypeMX, Class: dns.ClassINET}, Rdata: "00"}}
	}
	return []*dns.Msg{out}
}

// Questions of a run share a handful of sockets.
func TestSocketsAreReused(t *testing.T) {
	d := &double{servers: map[string]handler{one: say(dns.RcodeSuccess)}}
	r := d.resolver(t, Config{}, one)
	for i := range 200 {
		lookup(t, r, fmt.Sprintf("%d.example", i), MX)
	}
	if n := d.dials["udp"]; n > poolSize {
		t.Errorf("%d sockets for 200 queries, want at most %d", n, poolSize)
	}
}

// A socket is replaced after its 256 queries, and closed with its last reply.
func TestSocketsAreReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &double{servers: map[string]handler{one: say(dns.RcodeSuccess)}}
		r := d.resolver(t, Config{}, one)
		const queries = 3 * poolSize * socketLife
		for i := range queries {
			lookup(t, r, fmt.Sprintf("%d.example", i), MX)
		}
		if n := d.dials["udp"]; n < queries/socketLife || n > queries/socketLife+poolSize {
			t.Errorf("%d sockets for %d queries, want about %d", n, queries, queries/socketLife)
		}
		synctest.Wait()
		if d.open > poolSize {
			t.Errorf("%d sockets left open, want at most %d", d.open, poolSize)
		}
	})
}

// After a time-out the next try has a socket of its own: the old one may be
// bound to an address that this machine has lost.
func TestSocketRetiresAfterSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &double{servers: map[string]handler{one: silent}}
		lookup(t, d.resolver(t, Config{Tries: 20}, one), "example.com", MX)
		if n := d.dials["udp"]; n != 20 {
			t.Errorf("%d sockets for 20 tries, want 20", n)
		}
	})
}

// Replies that come in another order find their questions.
func TestRepliesOutOfOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const together = 8 * poolSize
		var held []*dns.Msg
		inOrder := make(chan struct{}, 1)
		d := &double{servers: map[string]handler{one: func(_ string, query *dns.Msg) []*dns.Msg {
			inOrder <- struct{}{}
			defer func() { <-inOrder }()
			name := query.Question[0].Name
			held = append(held, reply(query, dns.RcodeSuccess, name+" 60 IN MX 1 mx."+name))
			if len(held) < 2 || held[0].Id == held[1].Id {
				return nil
			}
			out := []*dns.Msg{held[1], held[0]}
			held = nil
			return out
		}}}
		r := d.resolver(t, Config{Timeout: time.Second, Tries: 50}, one)
		answers := make(chan error, together)
		for i := range together {
			go func() {
				name := fmt.Sprintf("%d.example", i)
				answer, err := r.Lookup(t.Context(), name, MX)
				if err == nil && answer.Status == NoError && answer.Exchanges()[0].Name != "mx."+name {
					err = fmt.Errorf("%s has the answer of %s", name, answer.Exchanges()[0].Name)
				}
				answers <- err
			}()
		}
		for range together {
			if err := <-answers; err != nil {
				t.Error(err)
			}
		}
	})
}
