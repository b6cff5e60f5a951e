package input

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
)

// Open reads a file; "-" is Options.Stdin. It reads the first 64 KiB, so on a
// pipe it waits for them or the end; at a terminal, for the first line.
// Errors are *Error.
func Open(path string, options Options) (*Source, error) {
	if path == "-" {
		if options.Stdin == nil {
			return nil, &Error{Name: path, Reason: "is not there to be read", Advice: "name a file"}
		}
		return NewReader(path, options.Stdin, options)
	}
	opened, err := os.Open(path)
	if err != nil {
		return nil, openError(path, err)
	}
	if info, err := opened.Stat(); err == nil && info.IsDir() {
		opened.Close()
		return nil, &Error{Name: path, Reason: "is a directory", Advice: "name the file in it"}
	}
	source, err := NewReader(path, opened, options)
	if err != nil {
		opened.Close()
		return nil, err
	}
	source.close = opened.Close
	return source, nil
}

// openError puts what the system says into words.
func openError(path string, err error) error {
	e := &Error{Name: path, Reason: err.Error(), Err: err}
	if cause, ok := errors.AsType[*fs.PathError](err); ok {
		e.Reason = cause.Err.Error()
	}
	switch {
	case errors.Is(err, fs.ErrNotExist) && strings.Contains(path, "@"):
		e.Reason, e.Advice = "no such file", "an address is given without -f"
	case errors.Is(err, fs.ErrNotExist):
		e.Reason, e.Advice = "no such file", "look at the name, and at the folder you are in"
	case errors.Is(err, fs.ErrPermission):
		e.Reason, e.Advice = "not readable by this user", "look at its permissions: ls -l FILE"
	}
	return e
}

// NewReader reads rows from r, which may be compressed (Unpack). The name stands in messages and, by its
// extension, decides between formats that fit alike. It reads ahead as Open
// does. Errors are *Error.
func NewReader(name string, r io.Reader, options Options) (*Source, error) {
	once := options.Format == Text || isTerminal(r)
	raw, err := look(r, once)
	if err != nil {
		return nil, &Error{Name: name, Reason: err.Error(), Err: err}
	}
	if form := packed(raw.sample); form != "" {
		if raw, err = look(form.reader(raw.all), once); err != nil {
			return nil, &Error{Name: name, Reason: err.Error(), Advice: "get the file again, and look at its size", Err: err}
		}
	}
	if what, found := looksForeign(raw.sample); found {
		return nil, &Error{Name: name, Reason: "looks like " + what.what + ", not text", Advice: what.advice}
	}
	encoding, mark := detectEncoding(raw.sample)
	switch {
	case len(raw.sample) == mark && raw.whole:
		return nil, &Error{Name: name, Reason: "is empty", Advice: "give it one address a line, or CSV or JSONL with a column of them"}
	case encoding == "":
		return nil, &Error{Name: name, Reason: "holds NUL bytes: not text", Advice: "give it as text, CSV or JSONL in UTF-8"}
	}
	if _, err := io.CopyN(io.Discard, raw.all, int64(mark)); err != nil {
		return nil, &Error{Name: name, Reason: err.Error(), Err: err}
	}
	decoded, err := look(utf8Reader(raw.all, encoding), once)
	if err != nil {
		return nil, &Error{Name: name, Reason: err.Error(), Err: err}
	}
	f := &file{name: name, options: options, sampled: decoded, encoding: encoding}
	source, err := f.source()
	if err == nil {
		source.long = !decoded.whole
	}
	return source, err
}
