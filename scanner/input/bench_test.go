package input

import (
	"bytes"
	"fmt"
	"io"
	"testing"
)

// Each operation is a row.
func BenchmarkRows(b *testing.B) {
	for _, shape := range []struct{ name, header, row string }{
		{"text", "", "ann.lee%07d@example.org\n"},
		{"csv", "id,name,email,city\n", "%d,Ann Lee,ann.lee@example.org,Springfield\n"},
		{"csv quoted", "id,name,email,city\n", "\"%d\",\"Lee, Ann\",\"ann.lee@example.org\",\"Springfield\"\n"},
		{"jsonl", "", "{\"id\":%d,\"name\":\"Ann Lee\",\"email\":\"ann.lee@example.org\"}\n"},
	} {
		b.Run(shape.name, func(b *testing.B) {
			r := &endless{left: b.N, row: shape.row}
			r.pending.WriteString(shape.header)
			b.ReportAllocs()
			s, err := NewReader("-", r, Options{})
			if err != nil {
				b.Fatal(err)
			}
			n := 0
			for in := range s.All() {
				if in.Err != nil {
					b.Fatal(in.Err)
				}
				n++
			}
			if n != b.N {
				b.Fatalf("%d rows of %d", n, b.N)
			}
		})
	}
}

// endless writes rows as they are asked for.
type endless struct {
	row     string
	left    int
	pending bytes.Buffer
}

func (e *endless) Read(p []byte) (int, error) {
	for e.left > 0 && e.pending.Len() < len(p) {
		fmt.Fprintf(&e.pending, e.row, e.left)
		e.left--
	}
	if e.pending.Len() == 0 {
		return 0, io.EOF
	}
	return e.pending.Read(p)
}
