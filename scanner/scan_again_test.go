package scanner_test

import (
	"context"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtptest"
	"github.com/mxvet/mxvet/scanner"
)

// TestAServerHeardOnceIsNotForgotten: what it said stands, though it lets nobody
// in when it is asked again.
func TestAServerHeardOnceIsNotForgotten(t *testing.T) {
	for name, later := range map[string]string{
		"its port closed": "",
		"it is busy":      "S: 421 4.3.2 Too many connections\nX:",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dials := 0
				dial := func(context.Context, string, string) (net.Conn, error) {
					if dials++; dials == 1 {
						return smtptest.Dialogue(t, `
							S: 220 mx.d1.example.org ESMTP
							C~ EHLO .+
							S: 250-mx.d1.example.org
							S: 250 STARTTLS
							C: STARTTLS
							S: 454 4.7.0 TLS not available
							C: QUIT
							S: 221 2.0.0 Bye
							X:`), nil
					}
					if later == "" {
						return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
					}
					return smtptest.Dialogue(t, later), nil
				}
				s := &scanner.Scanner{Router: desert{}, Reaches: func(netip.Addr) bool { return true }}
				s.Audit.Again = []time.Duration{5 * time.Second, 20 * time.Second}
				s.Egresses = []scanner.Egress{{HelloName: "probe.example", Dial: dial}}
				got := survey(t, s, "d1.example.org")
				if len(got.servers) != 1 || dials != 3 {
					t.Fatalf("%d rows after %d conversations, want 1 after 3", len(got.servers), dials)
				}
				row := got.servers[0]
				if row.Reachable != probe.Yes || row.Greeting == nil || row.Plain == nil || row.StartTLS != probe.Inconclusive {
					t.Errorf("reachable %s (%s), greeting %v, EHLO %v, STARTTLS %s", row.Reachable, row.Why, row.Greeting, row.Plain, row.StartTLS)
				}
			})
		})
	}
}
