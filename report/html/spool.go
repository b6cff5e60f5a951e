package html

import (
	"bytes"
	"io"
	"os"
)

// spoolMost is how many bytes a spool keeps in memory.
const spoolMost = 1 << 20

// spool holds what is to be written later: in memory, then in a file that has
// lost its name already, so that a program that is killed leaves nothing behind.
// Where a file that is open keeps its name, drop removes it.
type spool struct {
	buffer bytes.Buffer
	file   *os.File
}

func (s *spool) Write(text []byte) (int, error) {
	if s.buffer.Len()+len(text) > spoolMost {
		if err := s.flush(); err != nil {
			return 0, err
		}
	}
	return s.buffer.Write(text)
}

func (s *spool) flush() error {
	if s.file == nil {
		file, err := os.CreateTemp("", "mxvet-html-") // only its owner reads it
		if err != nil {
			return err
		}
		os.Remove(file.Name())
		s.file = file
	}
	_, err := s.buffer.WriteTo(s.file)
	return err
}

// WriteTo writes all that was written, from the start.
func (s *spool) WriteTo(w io.Writer) (int64, error) {
	var written int64
	if s.file != nil {
		if _, err := s.file.Seek(0, io.SeekStart); err != nil {
			return 0, err
		}
		n, err := io.Copy(w, s.file)
		if err != nil {
			return n, err
		}
		written = n
	}
	n, err := w.Write(s.buffer.Bytes())
	return written + int64(n), err
}

func (s *spool) drop() {
	if s.file != nil {
		s.file.Close()
		os.Remove(s.file.Name())
		s.file = nil
	}
}
