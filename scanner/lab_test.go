package scanner_test

import (
	"context"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/input"
	"github.com/mxvet/mxvet/scanner/lab"
	"github.com/mxvet/mxvet/scanner/pace"
)

// rows is a sink that keeps what it is given.
type rows struct {
	verdicts []*scanner.VerdictRow
	domains  []*scanner.DomainRow
	servers  []*scanner.ServerRow
	run      *scanner.RunRow
}

func (r *rows) Put(row scanner.Row) error {
	switch row := row.(type) {
	case *scanner.VerdictRow:
		r.verdicts = append(r.verdicts, row)
	case *scanner.DomainRow:
		r.domains = append(r.domains, row)
	case *scanner.ServerRow:
		r.servers = append(r.servers, row)
	case *scanner.RunRow:
		r.run = row
	}
	return nil
}

// labScanner verifies in the practice Internet at the pace of one's own servers.
func labScanner(t *testing.T, internet *lab.Internet) *scanner.Scanner {
	t.Helper()
	zone, err := internet.Resolver()
	if err != nil {
		t.Fatal(err)
	}
	own := pace.Own()
	return &scanner.Scanner{
		Policy:   address.Policy{AllowPrivate: true},
		Router:   &mx.Router{Resolver: zone, AllowPrivate: true, Reaches: internet.Reachable},
		Egresses: []scanner.Egress{{Dial: internet.Dial, HelloName: "probe.example", Senders: []string{"", "verify@probe.example"}}},
		Reaches:  func(ip netip.Addr) bool { return internet.Reachable(ip) },
		Pace:     &own,
	}
}

// TestLabTruth verifies every address of the practice Internet, the slow ones
// among them, and holds each verdict against what is true.
func TestLabTruth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		internet := lab.New(lab.Options{})
		defer internet.Close()
		truth := internet.Truth()
		var addresses []string
		for _, fact := range truth {
			addresses = append(addresses, fact.Address)
		}
		var got rows
		if _, err := labScanner(t, internet).Run(context.Background(), input.Arguments(addresses), &got); err != nil {
			t.Fatal(err)
		}
		if len(got.verdicts) != len(truth) {
			t.Fatalf("%d rows for %d addresses", len(got.verdicts), len(truth))
		}
		for i, fact := range truth {
			row := got.verdicts[i]
			again := *row
			again.Attempts = slices.Clone(row.Attempts)
			again.Rejudge()
			if diff := cmp.Diff(row, &again, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
				t.Errorf("%s: judged again (-run +rejudged):\n%s", fact.Address, diff)
			}
			if row.Input != fact.Address {
				t.Fatalf("row %d is %s, want %s", i+1, row.Input, fact.Address)
			}
			if string(row.Verdict) != fact.Verdict || string(row.Reason) != fact.Reason {
				t.Errorf("%s: %s/%s, want %s/%s; evidence %+v", fact.Address, row.Verdict, row.Reason, fact.Verdict, fact.Reason, row.Evidence)
			}
			if fact.CatchAll != "" && string(row.CatchAll) != fact.CatchAll {
				t.Errorf("%s: catch_all %s, want %s", fact.Address, row.CatchAll, fact.CatchAll)
			}
			if row.Evidence.Text == "" {
				t.Errorf("%s: no evidence", fact.Address)
			}
		}
	})
}
