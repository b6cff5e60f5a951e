package scanner_test

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/mxvet/mxvet/probe/smtptest"
	"github.com/mxvet/mxvet/scanner/input"
	"github.com/mxvet/mxvet/scanner/lab"
)

// TestUnorderedRowsWaitForNobody has a tarpit at the head of the list: in order
// everybody waits for it, without order nobody does.
func TestUnorderedRowsWaitForNobody(t *testing.T) {
	for _, unordered := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			slow := lab.Large(lab.Options{NoTLS: true, Character: smtptest.Character{}}, 6, 6, 4)
			defer slow.Close()
			first, err := slow.Server("198.18.0.0:25")
			if err != nil {
				t.Fatal(err)
			}
			first.Character.RTT = 10e9
			var addresses []string
			for _, fact := range slow.Truth() {
				addresses = append(addresses, fact.Address)
			}
			addresses = append(addresses, "no address", addresses[5])
			var got rows
			s := labScanner(t, slow)
			s.Unordered = unordered
			run, err := s.Run(t.Context(), input.Arguments(addresses), &got)
			if err != nil {
				t.Fatal(err)
			}
			var order []int64
			for _, row := range got.verdicts {
				order = append(order, row.Row)
				if row.Input != addresses[row.Row-1] {
					t.Errorf("row %d is %s, want %s", row.Row, row.Input, addresses[row.Row-1])
				}
			}
			if got.run == nil || run.Rows != int64(len(addresses)) {
				t.Errorf("the run's own row: %+v", run)
			}
			if last := order[len(order)-1]; unordered != (last <= 4) || unordered == slices.IsSorted(order) {
				t.Errorf("unordered %v: rows came as %v", unordered, order)
			}
			slices.Sort(order)
			for i, row := range order {
				if row != int64(i)+1 {
					t.Fatalf("unordered %v: rows %v, want each once", unordered, order)
				}
			}
		})
	}
}
