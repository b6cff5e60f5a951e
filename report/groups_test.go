package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/mxvet/mxvet/scanner"
)

func TestGroupsTellNobodyOfOthers(t *testing.T) {
	owned := func(owner string) scanner.Columns {
		return scanner.Columns{{Name: "host", Value: "x"}, {Name: "owner", Value: owner}}
	}
	shared := server()
	shared.Domains = []string{"a.example", "b.example"}
	shared.Targets = []scanner.Target{{Row: 1, Input: "a.example", Domain: "a.example", Columns: owned("ann")}, {Row: 2, Input: "b.example", Domain: "b.example", Columns: owned("bob")}}
	touching := mended()
	touching.Domain, touching.Domains = "", []string{"a.example", "b.example"}
	bobs := mended()
	bobs.Domain, bobs.Domains, bobs.Columns = "b.example", nil, owned("bob")
	told := make(map[string]*bytes.Buffer)
	w := NewGroups("owner", func(owner string) (Writer, error) {
		told[owner] = new(bytes.Buffer)
		return NewJSONL(told[owner]), nil
	})
	tell(t, w, shared, &scanner.DomainRow{Domain: "a.example", Columns: owned("ann")}, &scanner.DomainRow{Domain: "b.example", Columns: owned("bob")},
		&scanner.DomainRow{Domain: "nobody.example"}, bobs, touching, run())
	for owner, want := range map[string][2]int{"ann": {4, 1}, "bob": {5, 2}, "": {2, 0}} {
		if told[owner] == nil {
			t.Errorf("nothing for %q", owner)
			continue
		}
		got := told[owner].String()
		if lines, findings := strings.Count(got, "\n"), strings.Count(got, `"type":"finding"`); lines != want[0] || findings != want[1] {
			t.Errorf("%q: %d rows, %d of them findings, want %v:\n%s", owner, lines, findings, want, got)
		}
		for other, domain := range map[string]string{"ann": "a.example", "bob": "b.example"} {
			if other != owner && strings.Contains(got, `"`+domain+`"`) {
				t.Errorf("%q is told of %s:\n%s", owner, domain, got)
			}
		}
	}
}
