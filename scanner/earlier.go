package scanner

import (
	"errors"

	"github.com/mxvet/mxvet/mx/address"
)

// Earlier is what another run found out before this one. It may be asked from
// any goroutine.
type Earlier interface {
	// Has reports whether an address need not be asked again.
	Has(mailbox address.Address) bool
	// Row is the row of an address for which Has once held, whatever its age is
	// now. It is the caller's.
	Row(mailbox address.Address) (*VerdictRow, error)
}

var errNoEarlier = errors.New("scanner: a row was taken over from an earlier run, which is not given now")

// takeOver is the earlier row of an address in today's place: its number, its
// input and the columns are those of this run.
func (r *run) takeOver(result *Result) (*VerdictRow, error) {
	if r.Earlier == nil {
		return nil, errNoEarlier
	}
	row, err := r.Earlier.Row(*result.Mailbox)
	if err != nil {
		return nil, err
	}
	row.Type, row.Row, row.Input = "verdict", result.Input.Row, result.Input.Text
	row.Columns = columns(r.columns, result.Input.Values)
	return row, nil
}
