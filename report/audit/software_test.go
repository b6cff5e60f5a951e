package audit

import (
	"fmt"
	"strings"
	"testing"
)

// The lines for each kind of software: those for Postfix are in findings.golden.
func TestLinesBySoftware(t *testing.T) {
	var out strings.Builder
	for _, software := range []string{"Exim 4.98", "Sendmail", "OpenSMTPD", "Dovecot", "Microsoft Exchange"} {
		fmt.Fprintf(&out, "== %s\n", software)
		name, _, _ := strings.Cut(strings.ToLower(strings.TrimPrefix(software, "Microsoft ")), " ")
		for _, s := range specimens() {
			w := sound()
			s.infect(w)
			for _, row := range w.servers {
				row.Software = software
			}
			for _, f := range w.findings(t) {
				if f.ID == s.id && strings.HasPrefix(strings.ToLower(f.Where), name) {
					fmt.Fprintf(&out, "%s | %s | %s\n", f.ID, f.Where, f.Fix)
				}
			}
		}
	}
	golden(t, "software.golden", out.String())
}

// Software that is not known gets no line that may be for another.
func TestNoLineForUnknownSoftware(t *testing.T) {
	for _, software := range []string{"", "qmail"} {
		w := sound()
		w.first().Software = software
		inClear(w, 0, "AUTH PLAIN", "XCLIENT")
		n := 0
		for _, f := range w.findings(t) {
			switch f.ID {
			case "starttls_absent", "auth_in_clear", "ext_xclient":
				n++
				if f.Fix != "" || f.Where != "" {
					t.Errorf("%q: %s is mended by %q in %q", software, f.ID, f.Fix, f.Where)
				}
			}
		}
		if n != 3 {
			t.Errorf("%q: %d findings, want 3", software, n)
		}
	}
}
