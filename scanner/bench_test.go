package scanner_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/input"
	"github.com/mxvet/mxvet/scanner/lab"
	"github.com/mxvet/mxvet/scanner/pace"
)

// discard is a sink that counts.
type discard struct{ right, rows int }

func (d *discard) Put(row scanner.Row) error {
	if verdict, ok := row.(*scanner.VerdictRow); ok {
		d.rows++
		if verdict.Reason == "accepted" || verdict.Reason == "mailbox_unknown" {
			d.right++
		}
	}
	return nil
}

// BenchmarkTenThousand verifies 10,000 addresses of 1,000 domains on 1,000
// hosts of the lab, half of the mailboxes unknown, STARTTLS offered. Beside the
// rate it reports connections, DNS questions and the peak of the heap; the
// lab's servers run in the same process and their work is in all figures.
func BenchmarkTenThousand(b *testing.B) {
	for name, tls := range map[string]bool{"clear": false, "starttls": true} {
		b.Run(name, func(b *testing.B) { benchmarkLarge(b, 1000, 1000, 10, tls) })
	}
}

func benchmarkLarge(b *testing.B, domains, hosts, mailboxes int, tls bool) {
	b.ReportAllocs()
	var rows, dials, questions int
	var peak uint64
	for b.Loop() {
		internet := lab.Large(lab.Options{NoTLS: !tls}, domains, hosts, mailboxes)
		zone, err := internet.Resolver()
		if err != nil {
			b.Fatal(err)
		}
		source, err := input.NewReader("list", strings.NewReader(internet.List()), input.Options{})
		if err != nil {
			b.Fatal(err)
		}
		own := pace.Own()
		s := &scanner.Scanner{
			Policy:      address.Policy{AllowPrivate: true},
			Router:      &mx.Router{Resolver: zone, AllowPrivate: true, Reaches: internet.Reachable},
			Egresses:    []scanner.Egress{{Dial: internet.Dial, HelloName: lab.HelloName, Senders: []string{""}}},
			Reaches:     internet.Reachable,
			Pace:        &own,
			Concurrency: 100,
		}
		got := new(discard)
		if _, err := s.Run(b.Context(), source, got); err != nil {
			b.Fatal(err)
		}
		if got.right != domains*mailboxes {
			b.Fatalf("%d of %d verdicts right", got.right, domains*mailboxes)
		}
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		peak = max(peak, memory.HeapSys-memory.HeapReleased)
		rows += got.rows
		dials += internet.Stats().Dials
		for _, n := range zone.Queries() {
			questions += n
		}
		internet.Close()
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(dials)/float64(b.N), "connections")
	b.ReportMetric(float64(questions)/float64(b.N), "questions")
	b.ReportMetric(float64(peak)/1e6, "peak-MB")
}
