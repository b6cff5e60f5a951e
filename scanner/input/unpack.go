package input

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds what a zstd frame may ask to be kept of what came before,
// in bytes: as much as the program zstd takes without being told to (RFC 8878
// s3.1.1.1.2 recommends 8 MB at least).
const maxWindow = 128 << 20

// packing is how a source is compressed; empty for not at all.
type packing string

const (
	gzipped packing = "gzip" // RFC 1952
	zstd1   packing = "zstd" // RFC 8878
)

// packed knows compression by its first bytes, for names lie and pipes have none.
func packed(sample []byte) packing {
	switch {
	case bytes.HasPrefix(sample, []byte("\x1f\x8b")):
		return gzipped
	case bytes.HasPrefix(sample, []byte("\x28\xb5\x2f\xfd")):
		return zstd1
	case len(sample) > 3 && sample[0]&0xf0 == 0x50 && string(sample[1:4]) == "\x2a\x4d\x18": // a skippable frame comes first, as pzstd writes it
		return zstd1
	}
	return ""
}

// Unpack takes gzip or zstd off a stream, and gives any other stream as it is.
// What is unpacked streams too: it takes at most 128 MiB of memory, which zstd
// files say they need, however much comes out.
func Unpack(r io.Reader) io.Reader {
	all := bufio.NewReader(r)
	start, _ := all.Peek(4)
	return packed(start).reader(all)
}

// reader is the stream without its compression.
func (p packing) reader(r io.Reader) io.Reader {
	u := &unpacker{packing: p, below: upstream{Reader: r}}
	switch p {
	case gzipped:
		u.open = func() (io.Reader, error) { return gzip.NewReader(&u.below) }
	case zstd1:
		u.open = func() (io.Reader, error) {
			return zstd.NewReader(&u.below, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true))
		}
	default:
		return r
	}
	return u
}

// unpacker is a compressed stream that is opened when it is first read, and
// says in words what is wrong with it.
type unpacker struct {
	packing packing
	below   upstream
	open    func() (io.Reader, error)
	plain   io.Reader
	err     error
}

func (u *unpacker) Read(p []byte) (int, error) {
	if u.plain == nil && u.err == nil {
		u.plain, u.err = u.open()
		u.err = u.explained(u.err)
	}
	if u.err != nil {
		return 0, u.err
	}
	n, err := u.plain.Read(p)
	u.err = u.explained(err)
	return n, u.err
}

func (u *unpacker) explained(err error) error {
	switch {
	case err == nil, err == io.EOF && u.plain != nil:
		return err
	case u.below.err != nil && u.below.err != io.EOF:
		return u.below.err
	case errors.Is(err, io.ErrUnexpectedEOF), err == io.EOF:
		return fmt.Errorf("the %s file is cut off: %w", u.packing, io.ErrUnexpectedEOF)
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		return fmt.Errorf("the zstd file wants more than 128 MiB of memory: %w", err)
	}
	return fmt.Errorf("the %s file is damaged: %w", u.packing, err)
}

// upstream remembers how a stream ended.
type upstream struct {
	io.Reader
	err error
}

func (u *upstream) Read(p []byte) (int, error) {
	n, err := u.Reader.Read(p)
	u.err = err
	return n, err
}

// unpackedName is a file's name without the ending of its compression.
func unpackedName(name string) string {
	switch extension := filepath.Ext(name); strings.ToLower(extension) {
	case ".gz", ".gzip", ".zst", ".zstd":
		return strings.TrimSuffix(name, extension)
	}
	return name
}
