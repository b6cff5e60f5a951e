package scanner_test

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/lab"
)

// through makes a scanner's ways out of dialers.
func through(s *scanner.Scanner, dialers ...probe.DialFunc) {
	was := s.Egresses[0]
	s.Egresses = nil
	for i, dial := range dialers {
		s.Egresses = append(s.Egresses, scanner.Egress{Name: fmt.Sprintf("198.51.100.%d", i+1), Dial: dial, HelloName: was.HelloName, Senders: was.Senders})
	}
}

func dead(context.Context, string, string) (net.Conn, error) {
	return nil, fmt.Errorf("%w: %w", probe.ErrProxy, scanner.ErrProxyDown)
}

// TestAGreylistedAddressIsAskedAgainFromTheSamePlace, whoever's turn it is then:
// that depends on how many others were asked meanwhile.
func TestAGreylistedAddressIsAskedAgainFromTheSamePlace(t *testing.T) {
	others := []string{"ann.archer@plain.example", "ann.archer@shared.example", "ann.archer@vrfy.example"}
	for n := range len(others) + 1 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				internet := lab.New(lab.Options{})
				defer internet.Close()
				s := labScanner(t, internet)
				s.GreylistWait, s.Concurrency = time.Hour, 1
				through(s, internet.Dial, internet.Dial, internet.Dial)
				var asked []string
				for _, row := range verify(t, t.Context(), s, append([]string{"ann.archer@greylist.example"}, others[:n]...)...).verdicts {
					if row.Reason != "accepted" {
						t.Errorf("%s: %s", row.Input, row.Reason)
					}
					for _, o := range row.Attempts {
						if o.Kind == probe.AddressKind && row.Row == 1 {
							asked = append(asked, o.Egress)
						}
					}
				}
				if len(asked) != 2 || asked[0] == "" || asked[0] != asked[1] {
					t.Errorf("asked from %q", asked)
				}
			})
		})
	}
}

func TestADeadProxyCostsNoAddressItsAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		s := labScanner(t, internet)
		through(s, dead, internet.Dial, dead)
		for _, row := range verify(t, t.Context(), s, "ann.archer@plain.example", "ann.archer@shared.example", "no.such.person@plain.example").verdicts {
			if row.Reason != "accepted" && row.Reason != "mailbox_unknown" {
				t.Errorf("%s: %s, %+v", row.Input, row.Reason, row.Evidence)
			}
			for _, o := range row.Attempts {
				if o.Cause == probe.ProxyFailed {
					t.Errorf("%s: the proxy's failure is held against the server: %+v", row.Input, o)
				}
			}
		}
	})
}

// TestAProxyThatComesBack is worth waiting for in a run that waits at all.
func TestAProxyThatComesBack(t *testing.T) {
	for name, wait := range map[string]time.Duration{"a run that waits": time.Hour, "a run that does not": 0} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				internet := lab.New(lab.Options{})
				defer internet.Close()
				s := labScanner(t, internet)
				s.GreylistWait = wait
				back := time.Now().Add(3 * time.Minute)
				through(s, func(ctx context.Context, network, address string) (net.Conn, error) {
					if time.Now().Before(back) {
						return dead(ctx, network, address)
					}
					return internet.Dial(ctx, network, address)
				})
				row := verify(t, t.Context(), s, "ann.archer@plain.example").verdicts[0]
				if accepted := row.Reason == "accepted"; accepted != (wait > 0) {
					t.Errorf("%s, %+v", row.Reason, row.Attempts)
				}
				if row.Verdict == "undeliverable" || wait == 0 && row.Evidence.Cause != probe.ProxyFailed {
					t.Errorf("%s by %+v", row.Verdict, row.Evidence)
				}
			})
		})
	}
}

// TestARefusalIsNotTriedFromElsewhere: whoever does not want us is not asked by
// the back door, neither for the same address nor for others.
func TestARefusalIsNotTriedFromElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		s := labScanner(t, internet)
		through(s, internet.Dial, internet.Dial, internet.Dial, internet.Dial, internet.Dial)
		got := verify(t, t.Context(), s, people(2000, "blocked.example")...)
		if n := got.run.Reasons["client_blocked"]; n != 2000 {
			t.Errorf("reasons %v", got.run.Reasons)
		}
		if n := internet.Stats().Total.Conversations; n > 4 {
			t.Errorf("%d conversations over five ways out, want no more than over one", n)
		}
		for _, row := range got.verdicts {
			refused := 0
			for _, o := range row.Attempts {
				if o.Meaning == reply.BlockedClient && o.Kind == probe.AddressKind {
					refused++
				}
			}
			if refused > 1 {
				t.Fatalf("%s was asked %d times for one refusal", row.Input, refused)
			}
		}
	})
}

// TestPaceCountsOverAllWaysOut: five ways out are still one of us.
func TestPaceCountsOverAllWaysOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{RTT: 50 * time.Millisecond})
		defer internet.Close()
		s := labScanner(t, internet)
		s.Pace.Conversations = 2
		var open, most atomic.Int32
		counted := func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := internet.Dial(ctx, network, address)
			most.Store(max(most.Load(), open.Add(1)))
			return &closing{Conn: conn, done: func() { open.Add(-1) }}, err
		}
		through(s, counted, counted, counted, counted, counted)
		verify(t, t.Context(), s, people(3000, "plain.example")...)
		if most.Load() != 2 {
			t.Errorf("%d conversations at a time with one server, want 2", most.Load())
		}
	})
}

type closing struct {
	net.Conn
	done func()
}

func (c *closing) Close() error {
	if c.done != nil {
		c.done()
		c.done = nil
	}
	return c.Conn.Close()
}
