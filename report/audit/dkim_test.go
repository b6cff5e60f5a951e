package audit

import (
	"testing"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
)

// Selectors are named for a whole list of domains: that one of them is not there
// says nothing, that none is may say something.
func TestDKIMSelectorsTogether(t *testing.T) {
	there := mx.DKIM{Selector: "s1", Presence: resolver.Present, Key: "Ed25519"}
	gone, other := mx.DKIM{Selector: "google", Presence: resolver.Absent}, mx.DKIM{Selector: "s2", Presence: resolver.Absent, Why: "there is no v=DKIM1"}
	silent, broken := mx.DKIM{Selector: "s3", Presence: resolver.Unproven}, mx.DKIM{Selector: "s4", Presence: resolver.Faulty}
	for name, row := range map[string]struct {
		keys     []mx.DKIM
		want     []string
		evidence string
	}{
		"one of two":        {[]mx.DKIM{there, gone}, nil, ""},
		"none":              {[]mx.DKIM{gone, other}, []string{"dkim_absent"}, "google._domainkey.example.org: no record; s2._domainkey.example.org: there is no v=DKIM1"},
		"one is not known":  {[]mx.DKIM{gone, silent}, nil, ""},
		"one is unreadable": {[]mx.DKIM{gone, broken}, []string{"dkim_invalid"}, "s4._domainkey.example.org: invalid"},
		"none was named":    {nil, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := sound()
			w.domain.DKIM = row.keys
			got := w.findings(t)
			sameIDs(t, row.want, got)
			if len(got) == 1 && got[0].Evidence != row.evidence {
				t.Errorf("evidence %q, want %q", got[0].Evidence, row.evidence)
			}
		})
	}
}
