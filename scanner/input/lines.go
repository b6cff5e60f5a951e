package input

import (
	"bytes"
	"fmt"
	"io"
)

// maxLine bounds a line, and a quoted cell over several, in bytes.
const maxLine = 1 << 20

// line is one line of a file. Its text is good until the next one is read.
type line struct {
	text   []byte
	end    string // "\n", "\r\n", "\r", or "" at the end of the file
	number int64  // from 1
	long   bool   // over maxLine; text is empty
}

// lines cuts a stream into lines in bounded memory. A line cut short by a
// read error is not given out: half an address is another address.
type lines struct {
	r        io.Reader
	buf      []byte
	from, to int
	number   int64
	cr       bool // a CR alone ends a line
	err      error
}

func newLines(r io.Reader, cr bool) *lines {
	return &lines{r: r, cr: cr, buf: make([]byte, sampleSize)}
}

// next gives the next line, and false at the end or on a read error.
func (l *lines) next() (line, bool) {
	for scanned := 0; ; {
		window := l.buf[l.from:l.to]
		at := l.findEnd(window, scanned)
		switch {
		case at >= 0 && window[at] == '\r' && at+1 == len(window) && l.err == nil:
			scanned = at // the LF of a CRLF may be on its way
			l.fill()
		case at >= 0:
			return l.cut(at), true
		case l.err == io.EOF && len(window) > 0:
			return l.cut(len(window)), true
		case l.err != nil:
			return line{}, false
		case len(window) > maxLine:
			return l.skip(), true
		default:
			scanned = len(window)
			l.fill()
		}
	}
}

// findEnd is the place of the first line end at or after from, or -1. It looks
// at a few hundred bytes at a time, for a CR in a file without any would else
// be looked for in the whole buffer, line after line.
func (l *lines) findEnd(window []byte, from int) int {
	if !l.cr {
		if i := bytes.IndexByte(window[from:], '\n'); i >= 0 {
			return from + i
		}
		return -1
	}
	for ; from < len(window); from += 256 {
		part := window[from:min(from+256, len(window))]
		i := bytes.IndexByte(part, '\n')
		if i >= 0 {
			part = part[:i]
		}
		if j := bytes.IndexByte(part, '\r'); j >= 0 {
			return from + j
		}
		if i >= 0 {
			return from + i
		}
	}
	return -1
}

// cut takes the line whose end stands at into the window.
func (l *lines) cut(at int) line {
	window := l.buf[l.from:l.to]
	cut := line{text: window[:at], number: l.number + 1}
	l.number++
	rest := window[at:]
	switch {
	case bytes.HasPrefix(rest, []byte("\r\n")):
		cut.end = "\r\n"
	case len(rest) > 0 && rest[0] == '\r':
		cut.end = "\r"
	case len(rest) > 0:
		cut.end = "\n"
	}
	l.from += at + len(cut.end)
	if text, found := bytes.CutSuffix(cut.text, []byte("\r")); found && !l.cr {
		cut.text, cut.end = text, "\r"+cut.end
	}
	if len(cut.text) > maxLine {
		cut.text, cut.long = nil, true
	}
	return cut
}

// skip drops a line that is too long, up to its end.
func (l *lines) skip() line {
	l.number++
	skipped := line{number: l.number, long: true}
	for {
		window := l.buf[l.from:l.to]
		at := l.findEnd(window, 0)
		if at >= 0 && (window[at] == '\n' || at+1 < len(window) || l.err != nil) {
			l.from += at + 1
			if window[at] == '\r' && at+1 < len(window) && window[at+1] == '\n' {
				l.from++
			}
			return skipped
		}
		if l.err != nil {
			l.from = l.to
			return skipped
		}
		l.from = l.to
		if at >= 0 {
			l.from -= 1 // a CR whose LF may be on its way
		}
		l.fill()
	}
}

// fill reads more, making room first; it reads once, so that a terminal's
// lines are not held back.
func (l *lines) fill() {
	if l.from > 0 {
		copy(l.buf, l.buf[l.from:l.to])
		l.from, l.to = 0, l.to-l.from
	}
	if l.to == len(l.buf) {
		l.buf = append(l.buf, make([]byte, len(l.buf))...)
	}
	for range 100 {
		n, err := l.r.Read(l.buf[l.to:])
		l.to += n
		if err != nil {
			l.err = err
			return
		}
		if n > 0 {
			return
		}
	}
	l.err = io.ErrNoProgress
}

// failure is what ended reading after so many rows, in words; nil at the end of
// the file.
func (l *lines) failure(name string, rows int64) error {
	if l.err == nil || l.err == io.EOF {
		return nil
	}
	return &Error{
		Name: name, Reason: fmt.Sprintf("reading broke off after line %d (row %d): %v", l.number, rows, l.err), Err: l.err,
		Advice: "the rows before it are whole; read the file again from there",
	}
}
