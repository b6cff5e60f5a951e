package cli_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/mxvet/mxvet/scanner/cli"
)

// BenchmarkSyntax reads, parses and judges a list of 100,000 rows of CSV from a
// file, and writes the verdicts as CSV to another, as the command does.
func BenchmarkSyntax(b *testing.B) {
	const rows = 100_000
	dir := b.TempDir()
	list := filepath.Join(dir, "list.csv")
	if err := os.WriteFile(list, longList(rows), 0o600); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		var stderr bytes.Buffer
		args := []string{"verify", "--method", "syntax", "-q", "-f", list, "-o", filepath.Join(dir, "verdicts.csv")}
		if status := cli.Run(b.Context(), args, nil, io.Discard, &stderr); status != 0 {
			b.Fatalf("exit status %d: %s", status, &stderr)
		}
	}
	b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
}

// longList is a table of people at 5,000 domains.
func longList(rows int) []byte {
	var list bytes.Buffer
	list.WriteString("id,name,email,city\n")
	for i := range rows {
		fmt.Fprintf(&list, "%d,Ann %d,user%d@d%d.example-%d.com,Berlin\n", i, i, i, i%5000, i%7)
	}
	return list.Bytes()
}
