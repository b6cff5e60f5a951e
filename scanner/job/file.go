package job

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
)

// file is a connection to a SQLite file with the statements it has prepared.
// Its caller keeps goroutines apart.
type file struct {
	db         *sql.DB
	conn       *sql.Conn
	statements map[string]*sql.Stmt
}

// openFile connects to a file that is there. mode is that of SQLite's URIs
// (rw, rwc).
func openFile(path, mode string) (*file, error) {
	name := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(filepath.ToSlash(path))
	db, err := sql.Open("sqlite", "file:"+name+"?mode="+mode)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	f := &file{db: db, conn: conn, statements: make(map[string]*sql.Stmt)}
	if err := f.script("PRAGMA busy_timeout = 5000"); err != nil { // who takes up a dead process's log keeps others waiting
		return nil, errors.Join(err, f.close())
	}
	return f, nil
}

func (f *file) close() error {
	for _, statement := range f.statements {
		statement.Close() // its errors are those of its last use
	}
	return errors.Join(f.conn.Close(), f.db.Close())
}

// prepared is the statement of a query. No query here ends with a context:
// each takes milliseconds, and half a transaction is of no use.
func (f *file) prepared(query string) (*sql.Stmt, error) {
	if statement := f.statements[query]; statement != nil {
		return statement, nil
	}
	statement, err := f.conn.PrepareContext(context.Background(), query)
	if err == nil {
		f.statements[query] = statement
	}
	return statement, err
}

// exec runs a statement and returns how many rows it changed.
func (f *file) exec(query string, args ...any) (int64, error) {
	statement, err := f.prepared(query)
	if err != nil {
		return 0, err
	}
	result, err := statement.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// script runs statements once, without arguments.
func (f *file) script(text string) error {
	_, err := f.conn.ExecContext(context.Background(), text)
	return err
}

// each calls row for every row of a query, until it returns false.
func (f *file) each(query string, args []any, row func(rows *sql.Rows) (more bool, err error)) error {
	statement, err := f.prepared(query)
	if err != nil {
		return err
	}
	rows, err := statement.QueryContext(context.Background(), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if more, err := row(rows); err != nil || !more {
			return err
		}
	}
	return rows.Err()
}

// one reads a single row; it reports whether there was one.
func (f *file) one(query string, args []any, into ...any) (found bool, err error) {
	err = f.each(query, args, func(rows *sql.Rows) (bool, error) {
		found = true
		return false, rows.Scan(into...)
	})
	return found, err
}

// touch makes an empty file that only its owner may read, unless there is one.
// A file that is there is not opened: closing it again would drop the locks
// that SQLite holds on it in this process (POSIX fcntl).
func touch(path string) error {
	made, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return made.Close()
}

// The primary result codes of SQLite that are told apart here.
const (
	codeBusy  = 5  // SQLITE_BUSY
	codeNotDB = 26 // SQLITE_NOTADB
)

// hasCode reports whether an error is SQLite's with that primary code.
func hasCode(err error, code int) bool {
	failure, ok := errors.AsType[*sqlite.Error](err)
	return ok && failure.Code()&0xff == code
}
