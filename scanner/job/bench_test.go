package job

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/input"
)

// mailbox is a line of a list in which a domain has ten.
func mailbox(id int64) scanner.Work {
	domain := domainOf(id)
	a := address.Address{Local: "ann.archer." + strconv.FormatInt(id, 10), Domain: domain, Unicode: domain}
	return scanner.Work{ID: id, Kind: probe.AddressKind, Domain: domain, Mailbox: &a, Input: input.Input{Row: id, Line: id + 1, File: "list.csv", Text: a.String(), Values: []string{a.String(), "Ann Archer"}}}
}

func domainOf(id int64) string { return fmt.Sprintf("company-%d.example", id%100_000) }

// BenchmarkHundredThousand adds 100,000 addresses, and claims and settles each;
// beside the rate it reports what the process held of the machine's memory at
// its peak, SQLite's own included.
func BenchmarkHundredThousand(b *testing.B) { benchmark(b, 100_000) }

// BenchmarkMillion does so with 1,000,000.
func BenchmarkMillion(b *testing.B) { benchmark(b, 1_000_000) }

func benchmark(b *testing.B, rows int64) {
	var adding, assigning, claiming, reading, reopening time.Duration
	for b.Loop() {
		path := filepath.Join(b.TempDir(), "job")
		s, err := Open(b.Context(), path, Options{PerQueue: 2, PerClaim: 500})
		if err != nil {
			b.Fatal(err)
		}
		adding += timed(func() {
			for id := int64(1); id <= rows; id++ {
				must(b, s.Add(b.Context(), mailbox(id)))
			}
		})
		assigning += timed(func() {
			for id := range min(rows, 100_000) {
				must(b, s.Assign(b.Context(), domainOf(id), fmt.Sprintf("mx%d.host.example", id%1000)))
			}
		})
		must(b, s.Close())
		reopening += timed(func() {
			if s, err = Open(b.Context(), path, Options{PerQueue: 2, PerClaim: 500}); err != nil {
				b.Fatal(err)
			}
		})
		claiming += timed(func() { settleAll(b, s) })
		reading += timed(func() {
			n := int64(0)
			for _, err := range s.Results(b.Context()) {
				must(b, err)
				n++
			}
			if n != rows {
				b.Fatalf("%d rows came out", n)
			}
		})
		must(b, s.Remove())
	}
	each := func(d time.Duration) float64 { return float64(rows) * float64(b.N) / d.Seconds() }
	b.ReportMetric(each(adding), "added/s")
	b.ReportMetric(each(assigning), "assigned/s")
	b.ReportMetric(each(claiming), "settled/s")
	b.ReportMetric(each(reading), "read/s")
	b.ReportMetric(reopening.Seconds()/float64(b.N), "reopen-s")
	b.ReportMetric(peak(b), "peak-MB")
}

func settleAll(b *testing.B, s *Store) {
	for {
		claim, err := s.Claim(context.Background())
		if errors.Is(err, scanner.ErrDone) {
			return
		}
		must(b, err)
		facts := make([]scanner.Fact, len(claim.Items))
		for i, item := range claim.Items {
			answer := probe.Outcome{Kind: item.Kind, At: time.Now(), Stage: smtp.Rcpt, Host: "mx1.host.example", Port: 25, TLS: true, Code: 250, Enhanced: "2.1.5", Text: "Recipient OK", Meaning: reply.MailboxExists}
			facts[i] = scanner.Fact{Work: item.ID, Attempts: []probe.Outcome{answer}, Settled: true}
		}
		must(b, claim.Progress(facts...))
		must(b, claim.Finish())
	}
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// peak is the most memory this process held, in MB, by Linux's own count; 0
// elsewhere.
func peak(b *testing.B) float64 {
	status, err := os.ReadFile("/proc/self/status")
	if errors.Is(err, os.ErrNotExist) {
		return 0
	}
	must(b, err)
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	kilobytes, err := strconv.ParseFloat(strings.Fields(after)[0], 64)
	must(b, err)
	return kilobytes / 1000
}

// anywhere routes every domain to one server.
type anywhere struct{}

func (anywhere) Route(_ context.Context, domain string) (mx.Route, error) {
	host := mx.Host{Name: "mx1.host.example", Preference: 10, Addresses: []netip.Addr{netip.MustParseAddr("203.0.113.1")}, DNS: resolver.NoError}
	return mx.Route{Domain: domain, Source: mx.FromMX, DNS: resolver.NoError, Hosts: []mx.Host{host}}, nil
}

func (anywhere) Host(context.Context, string) (mx.Host, error) { return mx.Host{}, nil }

// counter is a sink that keeps nothing.
type counter struct{ rows int64 }

func (c *counter) Put(scanner.Row) error { c.rows++; return nil }

// BenchmarkRun is a whole run over 1,000,000 addresses of 100,000 domains by
// DNS only, with a DNS that answers at once.
func BenchmarkRun(b *testing.B) {
	const rows = 1_000_000
	for b.Loop() {
		list, write := io.Pipe()
		go func() {
			out := bufio.NewWriter(write)
			for id := int64(1); id <= rows; id++ {
				fmt.Fprintf(out, "ann.archer.%d@%s\n", id, domainOf(id))
			}
			write.CloseWithError(out.Flush())
		}()
		source, err := input.NewReader("list", list, input.Options{Format: input.Text})
		must(b, err)
		s, err := Open(b.Context(), filepath.Join(b.TempDir(), "job"), Options{PerQueue: 2, PerClaim: 500})
		must(b, err)
		run := &scanner.Scanner{Method: scanner.ByDNS, Policy: address.Policy{AllowPrivate: true}, Router: anywhere{}, NewStore: func() scanner.Store { return s }}
		got := new(counter)
		if _, err := run.Run(b.Context(), source, got); err != nil {
			b.Fatal(err)
		}
		if got.rows != rows+1 {
			b.Fatalf("%d rows came out", got.rows)
		}
		must(b, s.Remove())
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(peak(b), "peak-MB")
}
