package report

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// Earlier is a file that NewJSONL wrote, read for what needs not be asked again:
// a scanner.Earlier. In memory are some 60 octets an address; rows are read when
// they are told.
type Earlier struct {
	file  io.ReaderAt
	since time.Time
	rows  map[[16]byte]found
}

// found is where a row begins, -1 for one that tells nothing, and when it was
// found out, in seconds since 1970.
type found struct{ offset, at int64 }

// ErrCompressed says that rows of a file cannot be read at will.
var ErrCompressed = errors.New("compressed: its rows cannot be told one by one")

// ReadEarlier reads a run's rows up to the end. An address counts as known if
// its latest row is of since or later and its verdict is not unknown. Errors
// are ErrCompressed, a *LineError, where a file that is cut off is no error but
// ends there, and those of the file, which must stay open.
func ReadEarlier(file io.ReaderAt, since time.Time) (*Earlier, error) {
	e := &Earlier{file: file, since: since, rows: make(map[[16]byte]found)}
	lines := bufio.NewReaderSize(io.NewSectionReader(file, 0, 1<<62), 64<<10)
	if magic, _ := lines.Peek(4); bytes.HasPrefix(magic, []byte("\x1f\x8b")) || bytes.HasPrefix(magic, []byte("\x28\xb5\x2f\xfd")) {
		return nil, ErrCompressed
	}
	var held []byte
	for number, offset := int64(1), int64(0); ; number++ {
		line, long, err := nextLine(lines, held[:0])
		held = line
		if err != nil && err != io.EOF {
			return nil, err
		}
		if long {
			return nil, &LineError{Line: number, Err: ErrLineTooLong}
		}
		if bad := e.note(bytes.TrimSpace(line), offset); bad != nil && !(err == io.EOF && !json.Valid(line)) {
			return nil, &LineError{Line: number, Err: bad}
		}
		offset += int64(len(line))
		if err == io.EOF {
			return e, nil
		}
	}
}

// note keeps where a verdict row is, unless a later one is known.
func (e *Earlier) note(line []byte, offset int64) error {
	if len(line) == 0 {
		return nil
	}
	var row struct {
		Type      string     `json:"type"`
		Address   string     `json:"address"`
		Verdict   judge.Word `json:"verdict"`
		CheckedAt time.Time  `json:"checked_at"`
	}
	if err := json.Unmarshal(line, &row); err != nil {
		return err
	}
	switch row.Type {
	case typeVerdict:
	case typeServer, typeDomain, typeRun, typeFinding:
		return nil
	default:
		return fmt.Errorf("%w %q", ErrUnknownType, fit(row.Type, 40))
	}
	if row.Address == "" {
		return nil
	}
	at := row.CheckedAt.Unix()
	key := digest(row.Address)
	if before, again := e.rows[key]; again && before.at > at {
		return nil
	}
	if row.Verdict == judge.Unknown {
		offset = -1
	}
	e.rows[key] = found{offset, at}
	return nil
}

// digest stands for an address: at 128 bits no two of ten million are the same.
func digest(wire string) [16]byte {
	sum := sha256.Sum256([]byte(wire))
	return [16]byte(sum[:16])
}

// Has reports whether an address need not be asked again.
func (e *Earlier) Has(mailbox address.Address) bool {
	row, known := e.rows[digest(mailbox.Key())]
	return known && row.offset >= 0 && row.at >= e.since.Unix()
}

// Row reads the row of an address.
func (e *Earlier) Row(mailbox address.Address) (*scanner.VerdictRow, error) {
	at, known := e.rows[digest(mailbox.Key())]
	if !known || at.offset < 0 {
		return nil, fmt.Errorf("no row of %s in the earlier run", mailbox)
	}
	line, long, err := nextLine(bufio.NewReaderSize(io.NewSectionReader(e.file, at.offset, lineMost+1), 4<<10), nil)
	switch {
	case err != nil && err != io.EOF:
		return nil, err
	case long:
		return nil, ErrLineTooLong
	}
	row := new(scanner.VerdictRow)
	if err := json.Unmarshal(line, row); err != nil {
		return nil, fmt.Errorf("the earlier run has changed at octet %d: %w", at.offset, err)
	}
	return row, nil
}
