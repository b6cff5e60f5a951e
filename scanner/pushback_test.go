package scanner_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe/smtptest"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/pace"
)

// anvil is a server that takes so many recipients a minute, as Postfix's anvil(8)
// counts them, and knows everybody but random ones.
type anvil struct {
	perMinute int
	reply     string // to one too many

	mu     sync.Mutex
	minute time.Time
	n      int // in this minute
	turned int // answers that there were too many
	took   int
}

func (a *anvil) rcpt(line string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now := time.Now(); now.Sub(a.minute) >= time.Minute {
		a.minute, a.n = now, 0
	}
	if a.n++; a.n > a.perMinute {
		a.turned++
		return a.reply
	}
	if !strings.Contains(line, "<user") {
		return "550 5.1.1 User unknown"
	}
	a.took++
	return "250 2.1.5 Ok"
}

func (a *anvil) dial(context.Context, string, string) (net.Conn, error) {
	near, far := smtptest.Pipe(nil, nil)
	go a.serve(far)
	return near, nil
}

func (a *anvil) serve(conn net.Conn) {
	defer conn.Close()
	say := func(text string) { fmt.Fprintf(conn, "%s\r\n", text) }
	say("220 anvil.example ESMTP")
	lines := newLines(conn)
	for line, ok := lines(); ok; line, ok = lines() {
		switch verb, _, _ := strings.Cut(line, " "); verb {
		case "EHLO":
			say("250-anvil.example\r\n250 PIPELINING")
		case "RCPT":
			say(a.rcpt(line))
		case "QUIT":
			say("221 Bye")
			return
		default:
			say("250 Ok")
		}
	}
}

// newLines reads lines until the other side hangs up.
func newLines(conn net.Conn) func() (string, bool) {
	var held []byte
	return func() (string, bool) {
		for {
			if line, rest, found := strings.Cut(string(held), "\r\n"); found {
				held = []byte(rest)
				return line, true
			}
			buffer := make([]byte, 4096)
			n, err := conn.Read(buffer)
			if held = append(held, buffer[:n]...); err != nil {
				return "", false
			}
		}
	}
}

// TestALimitOfRateCostsNoAddressItsAnswer: who comes to it is asked again, more
// slowly, and the server sees less and less too much.
func TestALimitOfRateCostsNoAddressItsAnswer(t *testing.T) {
	for _, reply := range []string{
		"450 4.7.1 Error: too many recipients from 192.0.2.9",
		"451 4.7.0 Rate limit exceeded, try again in 30 seconds",
		"450 4.2.1 Too many messages from your host per minute",
	} {
		t.Run(reply, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &anvil{perMinute: 60, reply: reply}
				own := pace.Own()
				s := &scanner.Scanner{Router: desert{}, Reaches: func(netip.Addr) bool { return true }, Pace: &own, GreylistWait: 2 * time.Hour}
				s.Egresses = []scanner.Egress{{HelloName: "probe.example", Dial: server.dial}}
				began := time.Now()
				got := verify(t, t.Context(), s, people(600, "d1.example.org")...)
				if n := got.run.Verdicts["deliverable"]; n != 600 {
					t.Errorf("%d deliverable of 600: %v", n, got.run.Reasons)
				}
				if took := time.Since(began); took > 2*time.Hour {
					t.Errorf("took %v for ten minutes' worth", took)
				}
				if server.turned > 1200 {
					t.Errorf("told %d times that it was too much", server.turned)
				}
			})
		})
	}
}

// TestALimitThatNeverLiftsIsFinal: the address ends rate_limited, not in a loop.
func TestALimitThatNeverLiftsIsFinal(t *testing.T) {
	for name, wait := range map[string]time.Duration{"in a run that waits": time.Hour, "in one that does not": 0} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &anvil{reply: "450 4.7.1 Error: too many recipients from 192.0.2.9"}
				own := pace.Own()
				s := &scanner.Scanner{Router: desert{}, Reaches: func(netip.Addr) bool { return true }, Pace: &own, GreylistWait: wait}
				s.Egresses = []scanner.Egress{{HelloName: "probe.example", Dial: server.dial}}
				got := verify(t, t.Context(), s, "user1@d1.example.org")
				asked := 0
				for _, o := range got.verdicts[0].Attempts {
					if o.Kind == "address" {
						asked++
					}
				}
				if want := map[bool]int{true: 5, false: 1}[wait > 0]; asked != want || got.verdicts[0].Reason != "rate_limited" {
					t.Errorf("%s after %d questions, want %d", got.verdicts[0].Reason, asked, want)
				}
			})
		})
	}
}

// crowd routes every domain to an exchanger of its own name; all but far.org's
// are one server.
type crowd struct{}

func (crowd) Route(_ context.Context, domain string) (mx.Route, error) {
	ip := netip.MustParseAddr("203.0.113.1")
	if domain == "far.org" {
		ip = netip.MustParseAddr("203.0.113.2")
	}
	host := mx.Host{Name: "mx." + domain, DNS: resolver.NoError, Addresses: []netip.Addr{ip}}
	return mx.Route{Domain: domain, Source: mx.FromMX, DNS: resolver.NoError, Hosts: []mx.Host{host}}, nil
}

func (crowd) Host(context.Context, string) (mx.Host, error) { return mx.Host{}, nil }

// TestManyNamesOfOneServerKeepNobodyWaiting: hundreds of exchangers at one
// address want its two places, and do not hold those of the run meanwhile.
func TestManyNamesOfOneServerKeepNobodyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &anvil{perMinute: 1e9}
		own := pace.Own()
		began := time.Now()
		var mu sync.Mutex
		open, most, far := 0, 0, time.Duration(0)
		s := &scanner.Scanner{Router: crowd{}, Reaches: func(netip.Addr) bool { return true }, Pace: &own, Concurrency: 10}
		s.Egresses = []scanner.Egress{{HelloName: "probe.example", Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			mu.Lock()
			defer mu.Unlock()
			if address == "203.0.113.2:25" {
				far = time.Since(began)
				return server.dial(ctx, network, address)
			}
			open++
			most = max(most, open)
			conn, err := server.dial(ctx, network, address)
			return &closing{Conn: &slow{conn}, done: func() { mu.Lock(); defer mu.Unlock(); open-- }}, err
		}}}
		addresses := make([]string, 0, 301)
		for n := range 300 {
			addresses = append(addresses, fmt.Sprintf("user%d@a%03d.org", n, n))
		}
		got := verify(t, t.Context(), s, append(addresses, "user1@far.org")...)
		if n := got.run.Verdicts["deliverable"]; n != 301 {
			t.Errorf("%d deliverable of 301: %v", n, got.run.Reasons)
		}
		if most != 2 {
			t.Errorf("%d conversations at a time with one server", most)
		}
		// Each conversation takes some ten seconds, and the far one stands behind all others.
		if took := time.Since(began); far > time.Minute || took < 10*time.Minute {
			t.Errorf("the other server was asked after %v of %v", far, took)
		}
	})
}

// slow hears everything two seconds later.
type slow struct{ net.Conn }

func (s *slow) Write(p []byte) (int, error) {
	time.Sleep(2 * time.Second)
	return s.Conn.Write(p)
}

// TestADoorThatIsShutToTheSecondOfUs: a firewall that lets one connection of a
// client through, and a server that hangs up on the second, lose us no address.
func TestADoorThatIsShutToTheSecondOfUs(t *testing.T) {
	for name, shut := range map[string]func() (net.Conn, error){
		"refused": func() (net.Conn, error) { return nil, syscall.ECONNREFUSED },
		"closed": func() (net.Conn, error) {
			near, far := smtptest.Pipe(nil, nil)
			far.Close()
			return near, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &anvil{perMinute: 1e9}
				own := pace.Own()
				var mu sync.Mutex
				open, turned := 0, 0
				s := &scanner.Scanner{Router: desert{}, Reaches: func(netip.Addr) bool { return true }, Pace: &own}
				s.Egresses = []scanner.Egress{{HelloName: "probe.example", Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
					mu.Lock()
					defer mu.Unlock()
					if open > 0 {
						turned++
						return shut()
					}
					open++
					conn, err := server.dial(ctx, network, address)
					return &closing{Conn: &slow{conn}, done: func() { mu.Lock(); defer mu.Unlock(); open-- }}, err
				}}}
				got := verify(t, t.Context(), s, people(3000, "d1.example.org")...)
				if n := got.run.Verdicts["deliverable"]; n != 3000 || turned == 0 {
					t.Errorf("%d deliverable of 3000, %d times turned away: %v", n, turned, got.run.Reasons)
				}
				if turned > 20 {
					t.Errorf("turned away %d times", turned)
				}
			})
		})
	}
}
