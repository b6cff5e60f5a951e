package scanner_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/input"
	"github.com/mxvet/mxvet/scanner/judge"
	"github.com/mxvet/mxvet/scanner/lab"
)

func TestAServerThatRefusesUsIsNotAskedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		got := verify(t, t.Context(), labScanner(t, internet), people(600, "blocked.example")...)
		if n := got.run.Reasons["client_blocked"]; n != 600 {
			t.Errorf("reasons %v, want client_blocked for all 600", got.run.Reasons)
		}
		if n := internet.Stats().Total.Conversations; n < 2 || n > 4 {
			t.Errorf("%d conversations, want two, or what two at a time come to", n)
		}
		quoted := 0
		for _, row := range got.verdicts {
			if row.Evidence.Kind == probe.QuotedKind {
				quoted++
			}
			if row.Evidence.Code != 550 || row.Blame != judge.Us {
				t.Fatalf("%s: %+v, want the reply that was said", row.Input, row.Evidence)
			}
		}
		if rcpts := internet.Stats().Total.Commands["RCPT"]; quoted == 0 || rcpts+quoted < 600 || rcpts > 450 {
			t.Errorf("%d asked and %d spared of 600", rcpts, quoted)
		}
	})
}

// desert routes every domain to a host of its own, none of which answers.
type desert struct{}

func (desert) Route(_ context.Context, domain string) (mx.Route, error) {
	var n byte
	fmt.Sscanf(domain, "d%d.", &n)
	host := mx.Host{Name: "mx." + domain, DNS: resolver.NoError, Addresses: []netip.Addr{netip.AddrFrom4([4]byte{203, 0, 113, n})}}
	return mx.Route{Domain: domain, Source: mx.FromMX, DNS: resolver.NoError, Hosts: []mx.Host{host}}, nil
}

func (desert) Host(context.Context, string) (mx.Host, error) { return mx.Host{}, nil }

func TestARunThatReachesNobodyStopsAndSaysSo(t *testing.T) {
	for hosts, stops := range map[int]bool{19: false, 60: true} {
		t.Run(fmt.Sprint(hosts), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dials := 0
				s := &scanner.Scanner{
					Router:      desert{},
					Reaches:     func(netip.Addr) bool { return true },
					Concurrency: 1,
					Egresses: []scanner.Egress{{HelloName: "probe.example", Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
						dials++
						<-ctx.Done()
						return nil, ctx.Err()
					}}},
				}
				var addresses []string
				for n := range hosts {
					addresses = append(addresses, fmt.Sprintf("ann@d%d.example.org", n))
				}
				got := new(rows)
				_, err := s.Run(t.Context(), input.Arguments(addresses), got)
				if errors.Is(err, scanner.ErrNoWayOut) != stops {
					t.Errorf("got %v", err)
				}
				if len(got.verdicts) != hosts || stops && dials != 20 {
					t.Errorf("%d rows, %d connections tried", len(got.verdicts), dials)
				}
			})
		})
	}
}
