// Package job answers: what was done before the power went, and what is left
// to do?
//
// A long verification outlives its process: servers make it wait for hours
// (greylisting, RFC 6647; budgets), and meanwhile machines restart. A job file
// keeps every line of input, every answer and every domain's route in SQLite,
// so that the same command goes on where it was. Whatever Progress, Defer and
// Remember were told is in the file when they return, and a kill -9 a moment
// later does not lose it. Work that was in somebody's hands is free again when
// the file is opened next: at most it is asked once more.
//
// While a run goes on the file can be read with the program sqlite3, for
// instance
//
//	sqlite3 -readonly out.csv.job 'SELECT * FROM progress'
//	sqlite3 -readonly out.csv.job "SELECT mailbox, code, text FROM answers WHERE host LIKE '%.example'"
//
// It is in write-ahead mode (WAL), so out.csv.job-wal and out.csv.job-shm
// belong to it; out.csv.job-lock keeps a second process from the same job. The
// tables, told column by column in schema.sql, are:
//
//   - job, one row: what the file is for
//   - work: the lines of input from 1, and the random mailboxes, which count down from -1
//   - attempts: what servers said, numbered by work
//   - domains: where the work of a domain waits, and which its random mailbox is
//   - known: the routes of domains, and what servers bear
//   - journal: changes that are in no other table yet
//   - progress and answers, two views: how far it is, and attempts made readable
//
// What is kept is facts, never verdicts, so a file may be judged again by newer
// rules. Passwords have no place in it: the caller strikes them out of the flags.
//
// In memory are the ID of each piece of work that waits, the queues and what
// is in hand; everything else is read when it is asked for. A run that is short
// enough is in memory whole, with its file a few milliseconds behind
// ([Store.Ahead]): then the tables are filled from the third second on.
//
// Left out: moving a job to another machine while it runs, and several
// processes at one job.
package job

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/mxvet/mxvet/scanner/input"
)

//go:embed schema.sql
var schema string

// The numbers in a SQLite header that say whose file it is, and of which form.
const (
	applicationID = 0x6d787665 // "mxve"
	schemaVersion = 2
)

// Job is what a file is for.
type Job struct {
	Tool    string    // version that began it; another may go on
	Input   string    // fingerprint of the input, as Fingerprint gives it
	Flags   []string  // those that change what is asked or told, secrets struck out
	Columns []string  // headings of the user's own columns
	Asked   string    // the one of them that is asked about; empty for the first
	Created time.Time // set by Open
	PID     int       // process that has it open, or had it last; set by Open
}

// matches is a *Mismatch where now is not the same job.
func (j Job) matches(path string, now Job) error {
	switch {
	case j.Input != now.Input:
		return &Mismatch{Path: path, What: "input", Was: j.Input, Is: now.Input}
	case !slices.Equal(j.Flags, now.Flags):
		return &Mismatch{Path: path, What: "flags", Was: strings.Join(j.Flags, " "), Is: strings.Join(now.Flags, " ")}
	default:
		return nil
	}
}

// Fingerprint reads an input to its end and returns the SHA-256 of its octets
// in hexadecimal, and how many line ends it has, unpacked where it is
// compressed: about as many rows.
func Fingerprint(r io.Reader) (sum string, lines int64, err error) {
	hash, count := sha256.New(), new(lineCounter)
	octets := io.TeeReader(r, hash)
	io.Copy(count, input.Unpack(octets)) // who reads the rows tells of damage
	if _, err := io.Copy(io.Discard, octets); err != nil {
		return "", 0, err
	}
	return hex.EncodeToString(hash.Sum(nil)), max(count.feeds, count.returns), nil
}

// lineCounter counts line feeds and carriage returns.
type lineCounter struct{ feeds, returns int64 }

func (c *lineCounter) Write(p []byte) (int, error) {
	c.feeds += int64(bytes.Count(p, []byte{'\n'}))
	c.returns += int64(bytes.Count(p, []byte{'\r'}))
	return len(p), nil
}

// job reads the file's row about itself; found is false where there is none.
func (f *file) job() (j Job, found bool, err error) {
	var flags, columns, created string
	found, err = f.one("SELECT tool, input, flags, columns, asked, created, pid FROM job", nil, &j.Tool, &j.Input, &flags, &columns, &j.Asked, &created, &j.PID)
	if err != nil || !found {
		return j, found, err
	}
	if err := json.Unmarshal([]byte(flags), &j.Flags); err != nil {
		return j, true, err
	}
	if err := json.Unmarshal([]byte(columns), &j.Columns); err != nil {
		return j, true, err
	}
	j.Created, err = time.Parse(time.RFC3339Nano, created)
	return j, true, err
}

// begin writes the job's row.
func (f *file) begin(j Job) error {
	flags, err := encode(j.Flags)
	if err != nil {
		return err
	}
	columns, err := encode(j.Columns)
	if err != nil {
		return err
	}
	_, err = f.exec("INSERT INTO job (id, tool, input, flags, columns, asked, created, pid) VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
		j.Tool, j.Input, flags, columns, j.Asked, j.Created.UTC().Format(time.RFC3339Nano), j.PID)
	return err
}
