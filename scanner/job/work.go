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

// scanWork reads a row that begins with workColumns; more takes what follows.
func scanWork(rows *sql.Rows, more ...any) (w scanner.Work, err error) {
	var kind, fate string
	var mailbox, syntax, in sql.NullString
	if err := rows.Scan(append([]any{&w.ID, &kind, &w.Domain, &mailbox, &syntax, &in, &w.Same, &fate, &w.Settled}, more...)...); err != nil {
		return w, err
	}
	w.Kind, w.Fate = probe.Kind(kind), judge.Fate(fate)
	if mailbox.Valid {
		w.Mailbox = new(address.Address)
		if err := w.Mailbox.UnmarshalText([]byte(mailbox.String)); err != nil {
			return w, err
		}
	}
	if syntax.Valid {
		if w.Syntax, err = decodeSyntax(syntax.String); err != nil {
			return w, err
		}
	}
	if in.Valid {
		w.Input, err = decodeInput(in.String)
	}
	return w, err
}
