package resolver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"
)

// slow answers after a while.
func slow(after time.Duration, handle handler) handler {
	return func(network string, query *dns.Msg) []*dns.Msg {
		time.Sleep(after)
		return handle(network, query)
	}
}

func TestOneFlightForManyCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &double{servers: map[string]handler{one: slow(time.Second, found)}}
		r := d.resolver(t, Config{}, one)
		var callers sync.WaitGroup
		for i := range 100 {
			name := "example.com"
			if i%2 == 0 {
				name = "Example.COM."
			}
			callers.Go(func() {
				if answer := lookup(t, r, name, MX); answer.Status != NoError {
					t.Errorf("%+v", answer)
				}
			})
		}
		callers.Wait()
		if r.Queries() != 1 {
			t.Errorf("%d queries for 100 callers, want 1", r.Queries())
		}
	})
}

// A caller that gives up leaves the others their answer.
func TestCallerGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &double{servers: map[string]handler{one: slow(2*time.Second, found)}}
		r := d.resolver(t, Config{}, one)
		impatience := errors.New("impatient")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, impatience)
		defer cancel()

		var callers sync.WaitGroup
		callers.Go(func() {
			_, err := r.Lookup(ctx, "example.com", MX)
			if !errors.Is(err, impatience) {
				t.Errorf("got %v, want %v", err, impatience)
			}
		})
		synctest.Wait() // the impatient caller is the one that started the flight
		callers.Go(func() {
			if answer := lookup(t, r, "example.com", MX); answer.Status != NoError {
				t.Errorf("%+v", answer)
			}
		})
		callers.Wait()
		if r.Queries() != 1 {
			t.Errorf("%d queries, want 1", r.Queries())
		}
	})
}

func TestEndedContext(t *testing.T) {
	r := (&double{}).resolver(t, Config{}, one)
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	if _, err := r.Lookup(ctx, "example.com", MX); !errors.Is(err, stop) || r.Queries() != 0 {
		t.Errorf("got %v after %d queries, want %v after none", err, r.Queries(), stop)
	}
}

func TestCacheExpires(t *testing.T) {
	tests := map[string]struct {
		handle handler
		keep   time.Duration
		fresh  int64 // queries of one look-up
	}{
		"positive": {found, time.Minute, 1},
		"nxdomain": {say(dns.RcodeNameError, "", soa), time.Minute, 1},
		"no data":  {say(dns.RcodeSuccess, "", soa), time.Minute, 1},
		"servfail": {say(dns.RcodeServerFailure), 5 * time.Second, 1},
		"refused":  {say(dns.RcodeRefused), 5 * time.Second, 1},
		"silence":  {silent, 5 * time.Second, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := (&double{servers: map[string]handler{one: tt.handle}}).resolver(t, Config{}, one)
				first := lookup(t, r, "example.com", MX)
				time.Sleep(tt.keep - 1)
				if lookup(t, r, "EXAMPLE.com.", MX); r.Queries() != tt.fresh {
					t.Errorf("%d queries just before it expires, want %d", r.Queries(), tt.fresh)
				}
				time.Sleep(time.Nanosecond)
				again := lookup(t, r, "example.com", MX)
				if r.Queries() != 2*tt.fresh || again.Status != first.Status {
					t.Errorf("%s after %d queries once it has expired, want %s after %d", again.Status, r.Queries(), first.Status, 2*tt.fresh)
				}
			})
		})
	}
}

// Types are cached apart.
func TestCacheTellsTypesApart(t *testing.T) {
	r := (&double{servers: map[string]handler{one: say(dns.RcodeSuccess, "example.com. 60 IN A 192.0.2.7")}}).resolver(t, Config{}, one)
	if answer := lookup(t, r, "example.com", MX); answer.Status != NoData {
		t.Errorf("%+v", answer)
	}
	if answer := lookup(t, r, "example.com", A); answer.Status != NoError {
		t.Errorf("%+v", answer)
	}
}

func TestConcurrencyIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &double{servers: map[string]handler{one: silent}}
		r := d.resolver(t, Config{Concurrency: 4, Tries: 1}, one)
		start := time.Now()
		var callers sync.WaitGroup
		for i := range 12 {
			callers.Go(func() { lookup(t, r, fmt.Sprintf("%d.example", i), MX) })
		}
		synctest.Wait()
		if r.Queries() != 4 {
			t.Errorf("%d questions outstanding, want 4", r.Queries())
		}
		callers.Wait()
		if took := time.Since(start); took != 9*time.Second {
			t.Errorf("took %v, want three time-outs of 3 s", took)
		}
	})
}

// Close ends those that wait, and those that come later.
func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &double{servers: map[string]handler{one: silent}}
		r := d.resolver(t, Config{Concurrency: 1}, one)
		var callers sync.WaitGroup
		start := time.Now()
		for i := range 2 { // one on the wire, one waiting for its slot
			callers.Go(func() {
				answer := lookup(t, r, fmt.Sprintf("%d.example", i), MX)
				if answer.Status != Timeout || !strings.HasSuffix(answer.Detail, "the resolver is closed") {
					t.Errorf("%+v", answer)
				}
			})
		}
		synctest.Wait()
		_ = r.Close()
		callers.Wait()
		if answer := lookup(t, r, "2.example", MX); answer.Status != Timeout || time.Since(start) != 0 {
			t.Errorf("%+v after %v", answer, time.Since(start))
		}
	})
}

// Close returns only when nothing of the resolver runs any more.
func TestCloseWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := false
		r, err := New(Config{
			Servers: []netip.AddrPort{netip.MustParseAddrPort(one)}, Tries: 1,
			Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
				<-ctx.Done()
				time.Sleep(time.Second)
				ended = true
				return nil, ctx.Err()
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = r.Lookup(t.Context(), "example.com", MX) }()
		synctest.Wait()
		if _ = r.Close(); !ended {
			t.Error("Close returned while a flight was under way")
		}
	})
}

// A caller that missed the cache just before the answer came in starts a
// flight that has nothing left to ask.
func TestSecondFlightFindsTheAnswer(t *testing.T) {
	r := (&double{servers: map[string]handler{one: found}}).resolver(t, Config{}, one)
	q, _ := newQuestion("example.com", MX)
	first, second := r.fly(q), r.fly(q)
	if r.Queries() != 1 || first.Status != NoError || second.Status != NoError {
		t.Errorf("%s and %s after %d queries, want noerror twice after 1", first.Status, second.Status, r.Queries())
	}
}

// What cannot be written in a message is not asked.
func TestUnaskable(t *testing.T) {
	tests := map[string]struct {
		name string
		kind Type
		want Status
	}{
		"empty label":         {"a..example", MX, NXDomain},
		"label of 64 octets":  {strings.Repeat("a", 64) + ".example", MX, NXDomain},
		"name of 256 octets":  {strings.Repeat("a.", 128), MX, NXDomain},
		"type out of no list": {"example.com", "ANY", ServFail},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := (&double{servers: map[string]handler{one: found}}).resolver(t, Config{}, one)
			answer := lookup(t, r, tt.name, tt.kind)
			if answer.Status != tt.want || answer.Detail == "" || r.Queries() != 0 {
				t.Errorf("%+v after %d queries", answer, r.Queries())
			}
		})
	}
}

// Names outside host-name rules are names in DNS all the same.
func TestOddNames(t *testing.T) {
	for _, name := range []string{"_25._tcp.mx.example", "a b.example", "\xff\x00.example", `dot\.dot.example`, "", strings.Repeat("a.", 127)} {
		t.Run(name, func(t *testing.T) {
			d := &double{servers: map[string]handler{one: func(_ string, query *dns.Msg) []*dns.Msg {
				out := reply(query, dns.RcodeSuccess)
				out.Answer = []dns.RR{&dns.MX{Hdr: dns.RR_Header{Name: query.Question[0].Name, Rrtype: dns.TypeMX, Class: dns.ClassINET}, Mx: "."}}
				return []*dns.Msg{out}
			}}}
			if answer := lookup(t, d.resolver(t, Config{Tries: 1}, one), name, MX); answer.Status != NoError {
				t.Errorf("%+v", answer)
			}
		})
	}
}
