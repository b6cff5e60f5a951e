package report

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/mxvet/mxvet/scanner"
)

// place names what a finding is about, and says what kind of thing that is in
// SARIF's words (s3.33.7).
func place(f *scanner.FindingRow) (name, kind string) {
	switch {
	case f.IP.IsValid():
		return strings.TrimSpace(f.Host + " " + netip.AddrPortFrom(f.IP, f.Port).String()), "resource"
	case f.Host != "" && f.Port != 0:
		return f.Host + ":" + strconv.Itoa(int(f.Port)), "resource"
	case f.Host != "":
		return f.Host, "resource"
	case f.Provider != "" && f.Domain == "":
		return f.Provider, "resource"
	default:
		return f.Domain, "namespace"
	}
}

// sentence is a finding in plain text: what, how we know, and what mends it.
func sentence(f *scanner.FindingRow) string {
	text := f.Title + ": " + Escaped(f.Evidence)
	if f.Fix == "" {
		return text
	}
	where := ""
	if f.Where != "" {
		where = " (" + f.Where + ")"
	}
	return text + "\nFix" + where + ": " + escapedLines(f.Fix)
}

// escapedLines is Escaped for text whose line feeds are ours.
func escapedLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = Escaped(line)
	}
	return strings.Join(lines, "\n")
}
