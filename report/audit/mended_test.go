package audit

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/resolver"
)

// fixes are the lines of findings whose ids begin so, each once.
func fixes(t *testing.T, w *world, prefixes ...string) []string {
	t.Helper()
	var out []string
	for _, f := range w.findings(t) {
		if f.Fix != "" && slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(f.ID, p) }) && !slices.Contains(out, f.Fix) {
			out = append(out, f.Fix)
		}
	}
	return out
}

// All findings about one DMARC record have the same line: who pastes the second
// fix does not lose the first.
func TestDMARCMendsAreOneRecord(t *testing.T) {
	rejecting := "[expect]\ndmarc = \"reject\"\n"
	for name, row := range map[string]struct {
		record string
		policy string
		change func(*mx.DMARC)
		want   string
	}{
		"none, and no reports": {"v=DMARC1; p=none", "", func(d *mx.DMARC) { d.Policy, d.RUA = "none", nil },
			`_dmarc.example.org. IN TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc-reports@example.org"`},
		"one of them is ignored": {"v=DMARC1; p=none", "ignore = [\"dmarc_none\"]\n", func(d *mx.DMARC) { d.Policy, d.RUA = "none", nil },
			`_dmarc.example.org. IN TXT "v=DMARC1; p=none; rua=mailto:dmarc-reports@example.org"`},
		"none, where reject is wanted": {"v=DMARC1; p=none; pct=50", rejecting, func(d *mx.DMARC) { d.Policy, d.RUA = "none", nil },
			`_dmarc.example.org. IN TXT "v=DMARC1; p=reject; rua=mailto:dmarc-reports@example.org"`},
		"everything at once": {"v=DMARC1; p=quarantine; sp=none; t=y; pct=50", rejecting, func(d *mx.DMARC) { d.Policy, d.Subdomain, d.Testing, d.RUA = "quarantine", "none", true, nil },
			`_dmarc.example.org. IN TXT "v=DMARC1; p=reject; sp=reject; rua=mailto:dmarc-reports@example.org"`},
		"none, where a wish is wanted": {"", rejecting, func(d *mx.DMARC) { *d = mx.DMARC{Presence: resolver.Absent} },
			`_dmarc.example.org. IN TXT "v=DMARC1; p=reject; rua=mailto:dmarc-reports@example.org"`},
		"lines in a line": {"v=DMARC1;\np=none;\n```", "", func(d *mx.DMARC) { d.Policy, d.RUA = "none", nil },
			`_dmarc.example.org. IN TXT "v=DMARC1; p=quarantine; ` + "```" + `; rua=mailto:dmarc-reports@example.org"`},
		"octets that are no text": {"v=DMARC1; p=none; x=a\n\"b\\\x7f\u00e9; rua=mailto:d@example.org", "", func(d *mx.DMARC) { d.Policy = "none" },
			`_dmarc.example.org. IN TXT "v=DMARC1; p=quarantine; x=a\010\"b\\\127\195\169; rua=mailto:d@example.org"`},
	} {
		t.Run(name, func(t *testing.T) {
			w := sound()
			w.policy, w.domain.DMARC.Records = row.policy, []string{row.record}
			row.change(w.domain.DMARC)
			if diff := cmp.Diff([]string{row.want}, fixes(t, w, "dmarc_", "expectation_dmarc")); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

// A subdomain's own record is another than the one above that holds for it.
func TestDMARCAboveAndOwn(t *testing.T) {
	w := sound()
	w.policy = "[expect]\ndmarc = \"reject\"\n"
	w.domain.DMARC.At, w.domain.DMARC.Records, w.domain.DMARC.Policy, w.domain.DMARC.RUA = "org", []string{"v=DMARC1; p=reject; sp=none"}, "none", nil
	want := []string{
		`_dmarc.example.org. IN TXT "v=DMARC1; p=reject; rua=mailto:dmarc-reports@example.org"`,
		`_dmarc.org. IN TXT "v=DMARC1; p=reject; sp=quarantine; rua=mailto:dmarc-reports@org"`,
	}
	if diff := cmp.Diff(want, fixes(t, w, "dmarc_", "expectation_dmarc")); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

// The line of a domain without mail keeps who is told of forgeries.
func TestDMARCOfDomainWithoutMail(t *testing.T) {
	none := 0
	w := parked(&mx.SPF{Presence: resolver.Present, Records: []string{"v=spf1 -all"}, All: "-", Nobody: true, Lookups: &none},
		&mx.DMARC{Presence: resolver.Present, At: "example.org", Policy: "none", RUA: []string{"mailto:d@example.org"}, Records: []string{"v=DMARC1; p=none; rua=mailto:d@example.org"}})
	line := `_dmarc.example.org. IN TXT "v=DMARC1; p=reject; sp=reject; np=reject; rua=mailto:d@example.org"`
	if diff := cmp.Diff([]string{line, line + "\n" + `*.example.org. IN TXT "v=spf1 -all"`}, fixes(t, w, "no_mail", "expectation_dmarc")); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestSPFMendsAreOneRecord(t *testing.T) {
	for name, row := range map[string]struct {
		record, all, want string
	}{
		"ptr, and neutral":     {"v=spf1 mx ptr ?all", "?", `"v=spf1 mx ~all"`},
		"ptr, and everybody":   {"v=spf1 a ptr:example.org +all", "+", `"v=spf1 a ~all"`},
		"ptr, and no end":      {"v=spf1 ip4:192.0.2.1 ptr", "", `"v=spf1 ip4:192.0.2.1 ~all"`},
		"ptr alone, everybody": {"v=spf1 ptr +all", "+", `"v=spf1 mx ~all"`},
	} {
		t.Run(name, func(t *testing.T) {
			w := sound()
			w.domain.SPF.Records, w.domain.SPF.All = []string{row.record}, row.all
			if diff := cmp.Diff([]string{"example.org. IN TXT " + row.want}, fixes(t, w, "spf_")); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}
