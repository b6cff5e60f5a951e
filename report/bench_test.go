package report

import (
	"bytes"
	"io"
	"testing"

	"github.com/mxvet/mxvet/scanner"
)

func benchmark(b *testing.B, w Writer, row scanner.Row) {
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Put(row); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCSVVerdict(b *testing.B) {
	benchmark(b, NewCSV(io.Discard, CSVOptions{Columns: []string{"name", "email"}}), unknownMailbox())
}

func BenchmarkCSVServer(b *testing.B) {
	benchmark(b, NewCSV(io.Discard, CSVOptions{Kind: Servers}), server())
}

func BenchmarkJSONLVerdict(b *testing.B) { benchmark(b, NewJSONL(io.Discard), unknownMailbox()) }

func BenchmarkJSONLServer(b *testing.B) { benchmark(b, NewJSONL(io.Discard), server()) }

func BenchmarkTableVerdict(b *testing.B) {
	benchmark(b, NewTable(io.Discard, TableOptions{}), unknownMailbox())
}

func BenchmarkRead(b *testing.B) {
	line := []byte(jsonlOf(b, unknownMailbox()))
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range Read(bytes.NewReader(line)) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
