package input

import "errors"

// What a RowError can hold.
var (
	ErrMissing  = errors.New("no address")                                   // the cell or key to read is empty or not there
	ErrQuote    = errors.New("quotation mark not closed")                    // CSV; the rows below are read as if it were a letter
	ErrTooLong  = errors.New("line longer than 1 MiB")                       // skipped to the next line
	ErrNUL      = errors.New("NUL byte in the line")                         // no text has one: the file is damaged here
	ErrNotJSON  = errors.New("not valid JSON")                               // JSONL
	ErrNoObject = errors.New("JSON, but not an object")                      // JSONL
	ErrNoString = errors.New("the value of the address key is not a string") // JSONL
)

// Error says why a source cannot be read at all, with what to try.
type Error struct {
	Name   string // file name, "-" for standard input
	Reason string // one clause
	Advice string // what to try, one clause; empty where there is nothing
	Err    error  // the cause, if another error is
}

func (e *Error) Error() string { return shown(e.Name) + ": " + e.Reason }

func (e *Error) Unwrap() error { return e.Err }

// Hint is what to try: the text of the hint: line.
func (e *Error) Hint() string { return e.Advice }
