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
func Read(r io.Reader) iter.Seq2[scanner.Row, error] {
	return func(yield func(scanner.Row, error) bool) {
		lines := bufio.NewReaderSize(r, 64<<10)
		var held []byte
		for number := int64(1); ; number++ {
			line, long, err := nextLine(lines, held[:0])
			held = line
			if err != nil && err != io.EOF {
				yield(nil, err)
				return
			}
			if row, bad := decode(line, long, err == io.EOF); bad != nil {
				if !yield(nil, &LineError{Line: number, Err: bad}) {
					return
				}
			} else if row != nil && !yield(row, nil) {
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

// decode gives neither row nor error for a blank line.
func decode(line []byte, long, last bool) (scanner.Row, error) {
	line = bytes.TrimSpace(line)
	switch {
	case long:
		return nil, ErrLineTooLong
	case len(line) == 0:
		return nil, nil
	case last && !json.Valid(line): // a whole line ends in a line feed
		return nil, ErrCutOff
	}
	var kind struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(line, &kind); err != nil {
		return nil, err
	}
	var row scanner.Row
	switch kind.Type {
	case typeVerdict:
		row = new(scanner.VerdictRow)
	case typeServer:
		row = new(scanner.ServerRow)
	case typeDomain:
		row = new(scanner.DomainRow)
	case typeFinding:
		row = new(scanner.FindingRow)
	case typeRun:
		row = new(scanner.RunRow)
	default:
		return nil, fmt.Errorf("%w %q", ErrUnknownType, fit(kind.Type, 40))
	}
	if err := json.Unmarshal(line, row); err != nil {
		return nil, err
	}
	return row, nil
}
