package report

import (
	"bytes"
	"io"
)

// trimmed drops the blanks at the ends of lines, and keeps the first error,
// which the renderer does not pass on.
type trimmed struct {
	w     io.Writer
	line  []byte
	wrote bool
	err   error
}

func (t *trimmed) Write(p []byte) (int, error) {
	t.line = append(t.line, p...)
	for t.err == nil {
		end := bytes.IndexByte(t.line, '\n')
		if end < 0 {
			break
		}
		line := append(bytes.TrimRight(t.line[:end:end], " "), '\n')
		_, t.err = t.w.Write(line)
		t.line = append(t.line[:0], t.line[end+1:]...)
		t.wrote = true
	}
	return len(p), t.err
}
