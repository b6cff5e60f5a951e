package input

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func gzipOf(text string) string {
	var packed strings.Builder
	w := gzip.NewWriter(&packed)
	io.WriteString(w, text)
	w.Close()
	return packed.String()
}

func zstdOf(text string) string {
	var packed strings.Builder
	w, err := zstd.NewWriter(&packed, zstd.WithEncoderConcurrency(1))
	if err != nil {
		panic(err)
	}
	io.WriteString(w, text)
	w.Close()
	return packed.String()
}

const twoRows = "email,n\nann@example.org,1\nbob@example.org,2\n"

// skippable is a zstd frame that holds no data (RFC 8878 s3.1.2).
const skippable = "\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"

func TestUnpack(t *testing.T) {
	for _, tt := range []struct{ diagnosis, name, content string }{
		{"gzip", "list.csv.gz", gzipOf(twoRows)},
		{"gzip under another name", "list.csv", gzipOf(twoRows)},
		{"gzip on standard input", "-", gzipOf(twoRows)},
		{"gzip in two members", "list.csv.gz", gzipOf(twoRows[:20]) + gzipOf(twoRows[20:])},
		{"zstd", "list.csv.zst", zstdOf(twoRows)},
		{"zstd on standard input", "-", zstdOf(twoRows)},
		{"zstd in two frames", "list", zstdOf(twoRows[:20]) + zstdOf(twoRows[20:])},
		{"zstd behind a skippable frame", "list", skippable + zstdOf(twoRows)},
		{"UTF-16 in gzip", "list.csv.gz", gzipOf("\xff\xfe" + widened(twoRows))},
		{"no compression", "list.csv.gz", twoRows},
	} {
		t.Run(tt.diagnosis, func(t *testing.T) {
			s, err := NewReader(tt.name, iotest.OneByteReader(strings.NewReader(tt.content)), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"ann@example.org", "bob@example.org"}, textsOf(collect(s))); diff != "" || s.Err() != nil {
				t.Errorf("error %v, rows (-want +got):\n%s", s.Err(), diff)
			}
		})
	}
}

func widened(text string) string {
	var wide strings.Builder
	for _, b := range []byte(text) {
		wide.Write([]byte{b, 0})
	}
	return wide.String()
}

// The name inside .gz decides what content leaves open: one column of a table
// or lines of text.
func TestNameWithoutCompression(t *testing.T) {
	for name, want := range map[string]Format{"list.csv.gz": CSV, "LIST.CSV.ZST": CSV, "list.txt.gz": Text, "list.gz": Text} {
		s, err := NewReader(name, strings.NewReader(gzipOf("ann@example.org\nbob@example.org\n")), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if s.Format() != want {
			t.Errorf("%s is taken for %s, want %s", name, s.Format(), want)
		}
	}
}

// What could be unpacked of a damaged file is read, up to the last whole line.
func TestDamagedInTheMiddle(t *testing.T) {
	var list strings.Builder
	list.WriteString("email,n\n")
	for i := range 100_000 {
		fmt.Fprintf(&list, "user%d@example.org,%x\n", i, uint32(i*2654435761))
	}
	torn := errors.New("torn")
	for _, tt := range []struct {
		diagnosis string
		content   io.Reader
		says      string
		is        error
	}{
		{"gzip cut off", cutOff(gzipOf(list.String())), "the gzip file is cut off: unexpected EOF", io.ErrUnexpectedEOF},
		{"zstd cut off", cutOff(zstdOf(list.String())), "the zstd file is cut off: unexpected EOF", io.ErrUnexpectedEOF},
		{"gzip with a wrong checksum", strings.NewReader(miscounted(gzipOf(list.String()))), "the gzip file is damaged: gzip: invalid checksum", gzip.ErrChecksum},
		{"zstd with a wrong checksum", strings.NewReader(miscounted(zstdOf(list.String()))), "the zstd file is damaged: CRC check failed", zstd.ErrCRCMismatch},
		{"a disk that fails", io.MultiReader(cutOff(gzipOf(list.String())), iotest.ErrReader(torn)), "torn", torn},
	} {
		t.Run(tt.diagnosis, func(t *testing.T) {
			s, err := NewReader("list", tt.content, Options{})
			if err != nil {
				t.Fatal(err)
			}
			rows := collect(s)
			if len(rows) < 1000 || !strings.HasPrefix(rows[len(rows)-1].Text, fmt.Sprintf("user%d@", len(rows)-1)) {
				t.Fatalf("%d rows", len(rows))
			}
			checkError(t, s.Err(), fmt.Sprintf("list: reading broke off after line %d (row %d): %s", len(rows)+1, len(rows), tt.says), "whole")
			if !errors.Is(s.Err(), tt.is) {
				t.Errorf("%v is not %v", s.Err(), tt.is)
			}
		})
	}
}

func cutOff(content string) io.Reader { return strings.NewReader(content[:len(content)/2]) }

// miscounted changes the checksum at the end: of gzip the size stands behind it.
func miscounted(content string) string {
	at := len(content) - 1
	if packed([]byte(content)) == gzipped {
		at = len(content) - 5
	}
	return content[:at] + string([]byte{content[at] ^ 0xff}) + content[at+1:]
}

// A file that unpacks to ten thousand times its size is read row by row.
func TestUnpackInBoundedMemory(t *testing.T) {
	const rows = 2_000_000
	s, err := NewReader("list", strings.NewReader(zstdOf(strings.Repeat("ann@example.org\n", rows))), Options{})
	if err != nil {
		t.Fatal(err)
	}
	n, most := 0, uint64(0)
	var memory runtime.MemStats
	for range s.All() {
		if n++; n%500_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&memory)
			most = max(most, memory.HeapAlloc)
		}
	}
	if n != rows || s.Err() != nil || most > 60<<20 {
		t.Errorf("%d rows, %d MB in use, error %v; want %d rows in less than 60 MB", n, most>>20, s.Err(), rows)
	}
}
