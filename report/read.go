package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/mxvet/mxvet/scanner"
)

// lineMost bounds what is held of a file that is perhaps no JSON Lines at all.
const lineMost = 16 << 20

// What may be wrong with a line, beside its JSON.
var (
	ErrUnknownType = errors.New("unknown type of row") // from another version, or of another program
	ErrLineTooLong = errors.New("longer than 16 MiB")
	ErrCutOff      = errors.New("the file ends in the middle of this line, as a run leaves it that was killed")
)

// LineError names the line that could not be read. Err is one of the errors
// above, or what encoding/json says.
type LineError struct {
	Line int64 // from 1
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

func (e *LineError) Unwrap() error { return e.Err }

// Read reads the rows that NewJSONL wrote, in order. A line that cannot be read
// gives a *LineError in place of a row, and reading goes on behind it; any other
// error is r's own, and the end. Blank lines are passed over, and so are keys
// that are not known, which a later version may have written.
func Read(r io.Reader) iter.Seq2[scanner.Row, error] { return each(r, decode) }

// reading makes something of a line; ok is false where there is nothing in it.
type reading[T any] func(line []byte, long, last bool) (made T, ok bool, err error)

func each[T any](r io.Reader, read reading[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		lines := bufio.NewReaderSize(r, 64<<10)
		var held []byte
		for number := int64(1); ; number++ {
			line, long, err := nextLine(lines, held[:0])
			held = line
			if err != nil && err != io.EOF {
				yield(none, err)
				return
			}
			made, ok, bad := read(bytes.TrimSpace(line), long, err == io.EOF)
			if bad != nil {
				made, ok, bad = none, true, &LineError{Line: number, Err: bad}
			}
			if ok && !yield(made, bad) {
				return
			}
			if err == io.EOF {
				return
			}
		}
	}
}

// nextLine appends a line to held. What is beyond lineMost is read and dropped.
func nextLine(r *bufio.Reader, held []byte) (line []byte, long bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if long = long || len(held)+len(part) > lineMost; !long {
			held = append(held, part...)
		}
		if err != bufio.ErrBufferFull {
			return held, long, err
		}
	}
}

// decode gives no row for a blank line.
func decode(line []byte, long, last bool) (scanner.Row, bool, error) {
	ok, err := whole(line, long, last)
	if !ok {
		return nil, false, err
	}
	var kind struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(line, &kind); err != nil {
		return nil, false, err
	}
	row, err := rowOf(kind.Type)
	if err != nil {
		return nil, false, err
	}
	return row, true, json.Unmarshal(line, row)
}

// whole reports whether there is something on a line, all of it.
func whole(line []byte, long, last bool) (bool, error) {
	switch {
	case long:
		return false, ErrLineTooLong
	case last && len(line) > 0 && !json.Valid(line): // a whole line ends in a line feed
		return false, ErrCutOff
	}
	return len(line) > 0, nil
}

// rowOf is an empty row of a type.
func rowOf(kind string) (scanner.Row, error) {
	switch kind {
	case typeVerdict:
		return new(scanner.VerdictRow), nil
	case typeServer:
		return new(scanner.ServerRow), nil
	case typeDomain:
		return new(scanner.DomainRow), nil
	case typeFinding:
		return new(scanner.FindingRow), nil
	case typeRun:
		return new(scanner.RunRow), nil
	}
	return nil, fmt.Errorf("%w %q", ErrUnknownType, fit(kind, 40))
}
