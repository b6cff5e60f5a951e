package job

import (
	"path/filepath"
	"testing"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
)

// BenchmarkAhead adds 10,000 mailboxes of one queue, and keeps an answer to
// each; an op is all of them.
func BenchmarkAhead(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		s, err := Open(b.Context(), filepath.Join(b.TempDir(), "job"), Options{PerQueue: 1, PerClaim: 2000})
		if err != nil {
			b.Fatal(err)
		}
		store := s.Ahead()
		for id := int64(1); id <= 10_000; id++ {
			if err := store.Add(b.Context(), listMailbox(id, probe.AddressKind)); err != nil {
				b.Fatal(err)
			}
		}
		for d := range int64(lists) {
			if err := store.Assign(b.Context(), listMailbox(-d-1, probe.RandomKind).Domain, "q"); err != nil {
				b.Fatal(err)
			}
		}
		for claim, err := store.Claim(b.Context()); err == nil; claim, err = store.Claim(b.Context()) {
			for _, item := range claim.Items {
				if err := claim.Progress(scanner.Fact{Work: item.ID, Attempts: []probe.Outcome{said(question{item.ID, 0})}, Settled: true}); err != nil {
					b.Fatal(err)
				}
			}
			claim.Finish()
		}
		if err := s.Remove(); err != nil {
			b.Fatal(err)
		}
	}
}
