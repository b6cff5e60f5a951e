package input

import (
	"bytes"
	"io"
	"os"
)

// sampleSize is how much of a source is looked at before its first row, in bytes.
const sampleSize = 64 << 10

// sampled is a stream whose beginning has been looked at.
type sampled struct {
	sample []byte
	whole  bool // the sample is all there is
	all    io.Reader
}

// look reads the beginning of r. Where once is set it is what a single Read
// gives: at a terminal people wait for an answer to their first line. A read
// error after some bytes comes again when the stream is read.
func look(r io.Reader, once bool) (sampled, error) {
	sample := make([]byte, sampleSize)
	least := sampleSize
	if once {
		least = 1
	}
	n, err := io.ReadAtLeast(r, sample, least)
	sample = sample[:n]
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return sampled{sample, true, bytes.NewReader(sample)}, nil
	}
	if err != nil && n == 0 {
		return sampled{}, err
	}
	if err != nil {
		return sampled{sample, false, io.MultiReader(bytes.NewReader(sample), failing{err})}, nil
	}
	return sampled{sample, false, io.MultiReader(bytes.NewReader(sample), r)}, nil
}

// failing is a reader that gives an error met before.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// fullLines is the sample without a line cut off by its end.
func (s sampled) fullLines() []byte {
	if s.whole {
		return s.sample
	}
	if i := bytes.LastIndexAny(s.sample, "\r\n"); i >= 0 {
		return s.sample[:i+1]
	}
	return s.sample
}

// isTerminal tells a terminal from files and pipes.
func isTerminal(r io.Reader) bool {
	file, ok := r.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
