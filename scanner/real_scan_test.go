//go:build unix

package scanner_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/mx/dnstest"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/input"
	"github.com/mxvet/mxvet/scanner/judge"
	"github.com/mxvet/mxvet/scanner/pace"
)

// realScanner asks servers on this machine, which it finds by the zone.
func realScanner(t *testing.T, zone string, addr netip.AddrPort) *scanner.Scanner {
	t.Helper()
	own := pace.Own()
	return &scanner.Scanner{
		Policy:   address.Policy{AllowPrivate: true},
		Router:   &mx.Router{Resolver: dnstest.New(t, zone), AllowPrivate: true},
		Egresses: []scanner.Egress{{Dial: (&net.Dialer{}).DialContext, HelloName: realHelloName}},
		Ports:    []uint16{addr.Port()},
		Pace:     &own,
		Timeout:  time.Minute,
		Reaches:  netip.Addr.IsLoopback,
		Trace: func(host string, addr netip.AddrPort, line smtp.Entry) {
			if testing.Verbose() {
				fmt.Fprintln(t.Output(), addr, line)
			}
		},
	}
}

// realFrom dials from an address of this machine.
func realFrom(ip string) probe.DialFunc {
	return (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}}).DialContext
}

// realZone is a zone in which mail for each of the domains goes to addr.
func realZone(addr netip.AddrPort, domains ...string) string {
	zone := fmt.Sprintf("mx.%s A %s\n", domains[0], addr.Addr())
	for _, domain := range domains {
		zone += fmt.Sprintf("%s MX 10 mx.%s\n", domain, domains[0])
	}
	return zone
}

// realRows keeps the rows of a run by their kinds.
type realRows struct {
	verdicts []*scanner.VerdictRow
	servers  []*scanner.ServerRow
	domains  []*scanner.DomainRow
	run      *scanner.RunRow
}

func (r *realRows) Put(row scanner.Row) error {
	switch row := row.(type) {
	case *scanner.VerdictRow:
		r.verdicts = append(r.verdicts, row)
	case *scanner.ServerRow:
		r.servers = append(r.servers, row)
	case *scanner.DomainRow:
		r.domains = append(r.domains, row)
	case *scanner.RunRow:
		r.run = row
	}
	return nil
}

func realVerify(t *testing.T, s *scanner.Scanner, addresses ...string) *realRows {
	t.Helper()
	return realRun(t, s.Run, addresses)
}

func realServers(t *testing.T, s *scanner.Scanner, places ...string) *realRows {
	t.Helper()
	return realRun(t, s.Servers, places)
}

func realRun(t *testing.T, run func(context.Context, *input.Source, scanner.Sink) (*scanner.RunRow, error), lines []string) *realRows {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var rows realRows
	if _, err := run(ctx, input.Arguments(lines), &rows); err != nil {
		t.Fatal(err)
	}
	if rows.run == nil || rows.run.Interrupt {
		t.Fatalf("the run did not come to its end: %+v", rows.run)
	}
	return &rows
}

// realVerdict is what is true of an address in a set-up, and so what a run has
// to say of it.
type realVerdict struct {
	Address  string
	Word     judge.Word
	Reason   judge.Reason
	CatchAll judge.CatchAllState
}

func (r *realRows) said() []realVerdict {
	var out []realVerdict
	for _, row := range r.verdicts {
		out = append(out, realVerdict{row.Input, row.Verdict, row.Reason, row.CatchAll})
	}
	return out
}

// realSays verifies the addresses of want and holds each verdict against it.
func realSays(t *testing.T, s *scanner.Scanner, want []realVerdict) *realRows {
	t.Helper()
	rows := realVerify(t, s, realAddresses(want)...)
	if diff := cmp.Diff(want, rows.said()); diff != "" {
		t.Errorf("verdicts, want - got +:\n%s", diff)
		realExplain(t, rows)
	}
	return rows
}

// realTrue is realSays, and holds the evidence of each verdict against the
// reply that a plain socket gets.
func realTrue(t *testing.T, s *scanner.Scanner, addr netip.AddrPort, want []realVerdict) {
	t.Helper()
	rows := realSays(t, s, want)
	answers := realAnswers(t, addr, realAddresses(want))
	for _, row := range rows.verdicts {
		got := realReply{row.Evidence.Code, row.Evidence.Text}
		if diff := cmp.Diff(answers[row.Input], got); diff != "" {
			t.Errorf("evidence of %s, plain socket - scanner +:\n%s", row.Input, diff)
		}
	}
}

func realAddresses(verdicts []realVerdict) []string {
	var out []string
	for _, verdict := range verdicts {
		out = append(out, verdict.Address)
	}
	return out
}

func realExplain(t *testing.T, rows *realRows) {
	t.Helper()
	for _, row := range rows.verdicts {
		t.Logf("%s: %s/%s: %s %d %q by %s", row.Input, row.Verdict, row.Reason, row.Evidence.Stage, row.Evidence.Code, row.Evidence.Text, row.Evidence.Rule)
	}
}

// realSame holds the row of a scan against what a plain socket sees, and
// returns the row.
func realSame(t *testing.T, s *scanner.Scanner, addr netip.AddrPort, implicit bool, place string) *scanner.ServerRow {
	t.Helper()
	rows := realServers(t, s, place)
	if len(rows.servers) != 1 {
		t.Fatalf("%d servers, want 1", len(rows.servers))
	}
	row := rows.servers[0]
	if row.Failure != nil {
		t.Fatalf("the conversation ended early: %+v", *row.Failure)
	}
	if diff := cmp.Diff(realLook(t, addr, implicit), realSeen(row), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("plain socket - scanner +:\n%s", diff)
	}
	return row
}
