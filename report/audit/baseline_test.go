package audit

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/scanner"
)

func TestBaseline(t *testing.T) {
	w := sound()
	w.first().Reverse = &mx.Reverse{DNS: resolver.NXDomain}
	w.domain.SPF = &mx.SPF{Presence: resolver.Absent}
	var file bytes.Buffer
	encoder := json.NewEncoder(&file)
	for _, row := range rowsOf(w, w.domain) {
		if err := encoder.Encode(row); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range w.findings(t) {
		f.Evidence = "in other words than today"
		if err := encoder.Encode(f); err != nil {
			t.Fatal(err)
		}
	}
	known, err := ReadBaseline(&file)
	if err != nil {
		t.Fatal(err)
	}
	if known.Len() != 2 {
		t.Fatalf("%d findings are known, want 2", known.Len())
	}
	w.servers[2].Reverse = &mx.Reverse{DNS: resolver.NXDomain}
	var got []string
	for _, f := range audited(Options{Now: now, Baseline: known}, rowsOf(w, w.domain)...) {
		word := "new"
		if f.Accepted {
			word = "accepted"
		}
		got = append(got, word+" "+f.ID+" "+f.Domain+f.Host)
	}
	if text, want := strings.Join(got, "\n"), "accepted spf_absent example.org\naccepted ptr_missing mx1.example.org\nnew ptr_missing mx2.example.org"; text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}

func TestBaselineMistakes(t *testing.T) {
	for name, text := range map[string]string{
		"not JSON":          "{\"type\":\"run\"}\nhello\n",
		"cut off":           "{\"type\":\"run\"}\n{\"type\":\"fin",
		"an address of air": "{\"type\":\"run\"}\n{\"type\":\"finding\",\"ip\":\"air\"}\n",
		"a number":          "{}\n17\n",
	} {
		_, err := ReadBaseline(strings.NewReader(text))
		if err == nil || !strings.HasPrefix(err.Error(), "baseline: line 2: ") {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

func TestNoBaseline(t *testing.T) {
	var none *Baseline
	if none.Len() != 0 || none.Knows(&scanner.FindingRow{ID: "spf_absent"}) {
		t.Error("a nil baseline knows something")
	}
}
