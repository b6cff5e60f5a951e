package audit

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"

	"github.com/mxvet/mxvet/scanner"
)

// Baseline is what was known before. A nil Baseline knows nothing.
type Baseline struct{ known map[known]struct{} }

// known is what makes a finding the same one again: its check, and what it is
// about. Evidence is not part of it, since servers change their words.
type known struct {
	ID       string     `json:"id"`
	Domain   string     `json:"domain"`
	Host     string     `json:"host"`
	IP       netip.Addr `json:"ip,omitzero"`
	Port     uint16     `json:"port"`
	Provider string     `json:"provider"`
}

// ReadBaseline takes the findings from the JSON Lines of an earlier run. Other
// rows are passed over. The error says which line is no JSON object.
func ReadBaseline(r io.Reader) (*Baseline, error) {
	b := &Baseline{known: map[known]struct{}{}}
	decoder := json.NewDecoder(r)
	for line := 1; ; line++ {
		var row struct {
			Type string `json:"type"`
			text json.RawMessage
		}
		err := decoder.Decode(&row.text)
		if err == io.EOF {
			return b, nil
		}
		if err == nil {
			err = json.Unmarshal(row.text, &row)
		}
		var one known
		if err == nil && row.Type == "finding" {
			if err = json.Unmarshal(row.text, &one); err == nil {
				b.known[one] = struct{}{}
			}
		}
		if err != nil {
			return nil, fmt.Errorf("baseline: line %d: %w", line, err)
		}
	}
}

// Len is how many findings are known.
func (b *Baseline) Len() int {
	if b == nil {
		return 0
	}
	return len(b.known)
}

// Knows reports whether a finding is a known one.
func (b *Baseline) Knows(f *scanner.FindingRow) bool {
	if b == nil {
		return false
	}
	_, ok := b.known[known{f.ID, f.Domain, f.Host, f.IP, f.Port, f.Provider}]
	return ok
}
