package html

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/report/audit"
	"github.com/mxvet/mxvet/scanner"
)

const (
	placesMost = 20      // of a check's findings that stand in the page itself; the script brings the others
	groupsMost = 500     // checks told apart; there are about sixty
	textMost   = 4 << 10 // bytes of evidence and fix that stand in the page itself
)

// groups are the findings by check and severity.
type groups struct {
	list  []*group
	index map[groupKey]*group
	words map[string]string // explanations by check
}

type groupKey struct {
	id       string
	severity scanner.Severity
}

// group is what one check found.
type group struct {
	ID, Title, Reference string
	Explain              string // what it is and what comes of it
	Severity             scanner.Severity
	Count, Accepted      int
	Places               []place
}

// place is one finding.
type place struct {
	Name     string // where: a domain, a server, a provider
	Link     string // its page in this report; empty for none
	Title    string // where it differs from the group's
	Shared   string // how many domains it touches, where it is more than one
	Evidence []string
	Fix      string
	Where    string
	Accepted bool
}

func newGroups() *groups { return &groups{index: map[groupKey]*group{}, words: explained()} }

func (g *groups) add(row *scanner.FindingRow) {
	key := groupKey{row.ID, row.Severity}
	one := g.index[key]
	if one == nil {
		if len(g.list) == groupsMost {
			return
		}
		one = &group{ID: report.Printable(row.ID), Title: report.Printable(row.Title), Severity: row.Severity, Reference: report.Printable(row.Reference), Explain: g.words[row.ID]}
		g.index[key] = one
		g.list = append(g.list, one)
	}
	one.Count++
	if row.Accepted {
		one.Accepted++
	}
	if len(one.Places) < placesMost {
		one.Places = append(one.Places, found(row, one.Title))
	}
}

func found(row *scanner.FindingRow, title string) place {
	p := place{Name: report.Printable(located(row)), Evidence: lines(row.Evidence), Fix: strings.Join(lines(row.Fix), "\n"), Where: report.Printable(row.Where), Shared: audit.Shared(row), Accepted: row.Accepted}
	if own := report.Printable(row.Title); own != title {
		p.Title = own
	}
	switch {
	case row.Domain != "":
		p.Link = "#/domain/" + escapePath(row.Domain)
	case row.Host != "" && row.IP.IsValid():
		p.Link = fmt.Sprintf("#/server/%s/%s/%d", escapePath(row.Host), escapePath(row.IP.String()), row.Port)
	}
	return p
}

// located says where a finding is: "example.org", "mx.example.org 192.0.2.1:25".
func located(row *scanner.FindingRow) string {
	var server string
	switch {
	case row.IP.IsValid() && row.Port != 0:
		server = strings.TrimSpace(row.Host + " " + netip.AddrPortFrom(row.IP, row.Port).String())
	case row.IP.IsValid():
		server = strings.TrimSpace(row.Host + " " + row.IP.String())
	default:
		server = row.Host
	}
	switch {
	case row.Domain != "" && server != "":
		return row.Domain + ", " + server
	case row.Domain != "" || server != "":
		return row.Domain + server
	case row.Provider != "":
		return "servers of " + row.Provider
	}
	return "the run"
}

// explained is what the checks of today say of themselves.
func explained() map[string]string {
	words := map[string]string{}
	for _, check := range audit.Checks() {
		words[check.ID] = check.Explain
	}
	return words
}

// lines are a text's lines, each made visible.
func lines(text string) []string {
	if text == "" {
		return nil
	}
	text = strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	note := ""
	if len(text) > textMost {
		note = fmt.Sprintf("\u2026 %d more bytes", len(text)-textMost)
		text = strings.ToValidUTF8(text[:textMost], "")
	}
	list := strings.Split(text, "\n")
	for i := range list {
		list[i] = report.Escaped(list[i])
	}
	if note != "" {
		list = append(list, note)
	}
	return list
}

// escapePath is encodeURIComponent of the script, for all that stands in names.
func escapePath(text string) string {
	var out strings.Builder
	for _, b := range []byte(text) {
		if b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte("-_.!~*'()", b) >= 0 {
			out.WriteByte(b)
		} else {
			fmt.Fprintf(&out, "%%%02X", b)
		}
	}
	return out.String()
}

// sorted is the worst first, then the most frequent.
func (g *groups) sorted() []*group {
	return slices.SortedFunc(slices.Values(g.list), func(a, b *group) int {
		return cmp.Or(cmp.Compare(b.Severity.Rank(), a.Severity.Rank()), cmp.Compare(b.Count, a.Count), cmp.Compare(a.ID, b.ID))
	})
}

// Left is how many findings do not stand in the page itself.
func (g *group) Left() int { return g.Count - len(g.Places) }

// AllAccepted reports whether a baseline knows every one.
func (g *group) AllAccepted() bool { return g.Accepted == g.Count }
