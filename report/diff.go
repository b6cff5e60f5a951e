package report

import (
	"cmp"
	"encoding/json"
	"io"

	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// Change is an address whose verdict or reason is not what it was. Before or
// After is empty where the address is in one of the runs only.
type Change struct {
	Type    string   `json:"type"` // "change"
	Address string   `json:"address"`
	Before  Standing `json:"before"`
	After   Standing `json:"after"`
	Why     string   `json:"why"` // the evidence of what is new, or of what was
}

// Standing is a verdict with its reason.
type Standing struct {
	Verdict judge.Word   `json:"verdict"`
	Reason  judge.Reason `json:"reason"`
}

func (f Standing) String() string {
	if f.Verdict == "" {
		return "-"
	}
	return string(f.Verdict) + "/" + string(f.Reason)
}

// Diff compares two runs by address and returns what changed, in the order of
// the new run, then what is gone, in the order of the old one. An address that
// stands in a run several times counts once.
func Diff(old, new []*scanner.VerdictRow) []Change {
	before := make(map[string]*scanner.VerdictRow, len(old))
	for _, row := range old {
		before[key(row)] = row
	}
	var changes []Change
	seen := make(map[string]bool, len(new))
	for _, row := range new {
		k := key(row)
		if seen[k] {
			continue
		}
		seen[k] = true
		change := Change{Type: "change", Address: k, After: Standing{row.Verdict, row.Reason}, Why: citation(row.Evidence)}
		if was := before[k]; was != nil {
			change.Before = Standing{was.Verdict, was.Reason}
		}
		if change.Before != change.After {
			changes = append(changes, change)
		}
	}
	for _, row := range old {
		if k := key(row); !seen[k] {
			seen[k] = true
			changes = append(changes, Change{Type: "change", Address: k, Before: Standing{row.Verdict, row.Reason}, Why: "not in the new run"})
		}
	}
	return changes
}

func key(row *scanner.VerdictRow) string { return cmp.Or(text(row.Address), row.Input) }

// WriteChanges shows changes as a table.
func WriteChanges(w io.Writer, changes []Change, options TableOptions) error {
	t := NewTable(w, options).(*table)
	s := newSheet("Changes", []column{
		{"ADDRESS", 0, 14, 64, then}, {"WAS", 0, 12, 36, last}, {"IS", 0, 12, 36, last}, {"WHY", 80, 18, 240, then},
	}, t.options.Width)
	for _, change := range changes {
		if err := t.add(s, []string{change.Address, change.Before.String(), change.After.String(), change.Why}); err != nil {
			return err
		}
	}
	if err := t.show(s); err != nil {
		return err
	}
	return t.shut()
}

// WriteChangesJSONL writes changes as one JSON object a line.
func WriteChangesJSONL(w io.Writer, changes []Change) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for _, change := range changes {
		if err := encoder.Encode(change); err != nil {
			return err
		}
	}
	return nil
}

// ReadVerdicts reads the verdicts of a run that NewJSONL wrote, the other rows
// passed over. The error is the first of Read's.
func ReadVerdicts(r io.Reader) ([]*scanner.VerdictRow, error) {
	var out []*scanner.VerdictRow
	for row, err := range Read(r) {
		if err != nil {
			return out, err
		}
		if verdict, ok := row.(*scanner.VerdictRow); ok {
			out = append(out, verdict)
		}
	}
	return out, nil
}
