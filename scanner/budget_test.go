package scanner_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/lab"
)

// TestABudgetEndsARun: what was reached is final, the rest not_checked, and
// every row is there in its order.
func TestABudgetEndsARun(t *testing.T) {
	for name, test := range map[string]struct {
		set    func(*scanner.Scanner)
		budget scanner.Budget
		unsaid bool // rows are left over
	}{
		"conversations that do not suffice": {func(s *scanner.Scanner) { s.MaxConversations = 3 }, scanner.ConversationsBudget, true},
		"conversations that suffice":        {func(s *scanner.Scanner) { s.MaxConversations = 100 }, "", false},
		"time that does not suffice":        {func(s *scanner.Scanner) { s.MaxDuration = 3 * time.Second }, scanner.DurationBudget, true},
		"time that suffices":                {func(s *scanner.Scanner) { s.MaxDuration = time.Hour }, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				internet := lab.New(lab.Options{RTT: 100 * time.Millisecond})
				defer internet.Close()
				s := labScanner(t, internet)
				s.Grace = time.Second
				test.set(s)
				addresses := slices.Concat(people(2000, "catchall.example"), people(1000, "plain.example"), people(10, "slowgreeting.example"))
				began := time.Now()
				got := verify(t, t.Context(), s, addresses...)
				if got.run.Budget != test.budget || got.run.Interrupt != test.unsaid {
					t.Errorf("ended by %q, cut short %v", got.run.Budget, got.run.Interrupt)
				}
				if s.MaxConversations > 0 && got.run.Counts.Conversations > s.MaxConversations {
					t.Errorf("%d conversations, want %d at most", got.run.Counts.Conversations, s.MaxConversations)
				}
				if took := time.Since(began); s.MaxDuration > 0 && took > s.MaxDuration+s.Grace+time.Second {
					t.Errorf("took %v, want %v and the grace", took, s.MaxDuration)
				}
				if left := got.run.Reasons["not_checked"] > 0; left != test.unsaid {
					t.Errorf("reasons %v", got.run.Reasons)
				}
				for i, row := range got.verdicts {
					if row.Input != addresses[i] {
						t.Fatalf("row %d is %s, want %s", i+1, row.Input, addresses[i])
					}
				}
				if len(got.verdicts) != len(addresses) {
					t.Errorf("%d rows for %d addresses", len(got.verdicts), len(addresses))
				}
			})
		})
	}
}
