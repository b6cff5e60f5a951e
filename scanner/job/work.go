package job

import (
	"database/sql"

	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// workColumns are what scanWork reads, in its order.
const workColumns = "work.id, work.kind, work.domain, work.mailbox, work.syntax, work.input, work.same, work.fate, work.settled"

// stored is work as it stands in the file.
type stored struct {
	scanner.Work
	mailbox, syntax, in sql.NullString
}

// scanStored reads a row that begins with workColumns; more takes what follows.
func scanStored(rows *sql.Rows, more ...any) (w stored, err error) {
	var kind, fate string
	err = rows.Scan(append([]any{&w.ID, &kind, &w.Domain, &w.mailbox, &w.syntax, &w.in, &w.Same, &fate, &w.Settled}, more...)...)
	w.Kind, w.Fate = probe.Kind(kind), judge.Fate(fate)
	return w, err
}

// scanWork reads a row of workColumns.
func scanWork(rows *sql.Rows) (scanner.Work, error) {
	w, err := scanStored(rows)
	if err != nil {
		return w.Work, err
	}
	return w.decoded()
}

// decoded takes most of the time of reading, and needs no lock.
func (w stored) decoded() (work scanner.Work, err error) {
	work = w.Work
	if w.mailbox.Valid {
		work.Mailbox = new(address.Address)
		if err := work.Mailbox.UnmarshalText([]byte(w.mailbox.String)); err != nil {
			return work, err
		}
	}
	if w.syntax.Valid {
		if work.Syntax, err = decodeSyntax(w.syntax.String); err != nil {
			return work, err
		}
	}
	if w.in.Valid {
		work.Input, err = decodeInput(w.in.String)
	}
	return work, err
}
