// Package input answers: what did the user give us to look at, row by row?
//
// People keep their lists in four shapes: on the command line, one a line in
// a text file, in a table saved by a spreadsheet (CSV), and as one JSON
// object a line (JSONL). The table is the hard one. RFC 4180 describes CSV
// but half the files in use differ from it: a spreadsheet set to German or
// French writes semicolons, an export from a terminal writes tabs, "Unicode
// text" is UTF-16, an old one is Windows-1252, a Mac ends lines with CR, and
// a quotation mark nobody closed sits in row 40,000. This package reads all
// of them as they are, keeps the user's own columns byte for byte, and loses
// no row: a row that cannot be read comes out with its error.
//
// A source is read in this order:
//
//  1. The first bytes tell gzip and zstd, which are taken off as the file is
//     read. The first 64 KiB are looked at. A byte order mark, the place of NUL
//     bytes and the validity of UTF-8 (RFC 3629) decide the encoding; files
//     that are no text at all (archives, workbooks, PDF) are refused by name.
//  2. The content decides the format; the file's extension only where the
//     content fits two. Objects are JSONL; cells in the same number on line
//     after line are CSV, with the delimiter that divides them best; the rest
//     is text.
//  3. In CSV and JSONL the column of addresses is the one asked for, else the
//     one with a known name, else the one whose cells look like addresses.
//     What stands in the first row's cell of that column tells whether there
//     is a header: blank, or with an @ in it (a target: by its looks), it is
//     data. Columns without a name are called column_1, column_2 ...
//  4. Rows stream out in order. Memory is bounded whatever the size.
//
// In text, blank lines and lines that begin with # are skipped and not
// numbered as rows. A line that is a list ("a@example.org, b@example.org;")
// gives one row for each member; any other line is one row, names and
// brackets included. Lines of several cells that are all addresses, with
// no header above them, are such lists and no table.
//
// In CSV, blank lines are skipped, and column names stay as they are, even
// where two are the same. A row has always as many values as there are
// columns: one with too few cells is padded with empty ones, and the surplus
// cells of one with too many stay in its last column, joined by the delimiter
// as they were. A quoted cell may span lines, but a quotation mark that nobody
// closed must not swallow the rows below it: such a row comes out with
// ErrQuote, and reading goes on at the line below (record.go says how the two
// are told apart).
//
// In JSONL, strings are decoded and other values keep their JSON text.
// Columns are the keys of the first 64 KiB in order of first mention. A file
// that goes on beyond that has a last column "_more": keys first seen later
// stand there as one JSON object, and it is empty in rows without such.
//
// Left out: workbooks (xlsx, ods), archives of several files, JSON arrays and JSON
// spread over lines, encodings other than UTF-8, UTF-16 and Windows-1252,
// comments in CSV. Whether a text is an address is not decided here.
package input

import (
	"fmt"
	"io"
)

// Input is one line or row the user gave.
type Input struct {
	Row    int64    // 1 for the first data row of a file or the first argument; counts data rows over all sources of a run in order
	Line   int64    // line number in its file, 0 for an argument
	File   string   // file name, "-" for standard input, "" for an argument
	Text   string   // the address or target as typed, untouched
	Values []string // the user's own columns, in the order of Source.Columns; nil where there are none
	Err    error    // what was wrong with this row (a *RowError); Text may be empty
}

// RowError says what was wrong with one row, and where it stands.
type RowError struct {
	File string
	Line int64
	Row  int64
	Err  error
}

func (e *RowError) Error() string {
	return fmt.Sprintf("%s line %d (row %d): %v", shown(e.File), e.Line, e.Row, e.Err)
}

func (e *RowError) Unwrap() error { return e.Err }

// Format is how rows are written in a source.
type Format string

const (
	Text  Format = "text"  // one address a line
	CSV   Format = "csv"   // cells divided by comma, semicolon, tab or pipe (RFC 4180, widely bent)
	JSONL Format = "jsonl" // one JSON object a line (RFC 8259 values)
)

// Kind is what the caller wants to find in the rows.
type Kind string

const (
	Addresses Kind = "addresses" // mailboxes; the default
	Targets   Kind = "targets"   // domains, host names and IP addresses
)

// Options say how to read a source. The zero value detects everything and
// looks for addresses.
type Options struct {
	Stdin  io.Reader // what "-" opens
	Column string    // name (in any case) or number from 1 of the column to read; "" finds it
	Format Format    // "" finds it
	Want   Kind      // "" is Addresses
}

// shown is a file's name as messages call it.
func shown(file string) string {
	if file == "-" {
		return "standard input"
	}
	return file
}
