package report

import (
	"fmt"
	"strings"

	"github.com/mxvet/mxvet/scanner"
)

// lines remember the cells of the lines of input that lead to a domain or to a
// server, for findings: these say what they are about, and not who asked.
type lines struct {
	domains map[string]*led
	doors   map[door][][]string // of lines that name a server itself
	servers int                 // seen so far
}

// led is the lines of one domain. A server names all of them, and comes before
// the domain; the lines of a domain without a server come one by one.
type led struct {
	by    int // number of the server that told of them; 0 is the domain's own rows
	cells [][]string
}

func newLines() *lines {
	return &lines{domains: make(map[string]*led), doors: make(map[door][][]string)}
}

// server learns the lines that lead to a server. cells are those of a line.
func (l *lines) server(row *scanner.ServerRow, cells func(input string, columns scanner.Columns) []string) {
	l.servers++
	at := door{row.Host, row.IP, row.Port}
	for _, target := range row.Targets {
		if target.Domain == "" {
			l.doors[at] = append(l.doors[at], cells(target.Input, target.Columns))
			continue
		}
		if l.domains[target.Domain] == nil {
			l.domains[target.Domain] = &led{by: l.servers}
		}
		if one := l.domains[target.Domain]; one.by == l.servers {
			one.cells = append(one.cells, cells(target.Input, target.Columns))
		}
	}
}

// domain learns one line of a domain, unless a server told of it.
func (l *lines) domain(row *scanner.DomainRow, cells func(input string, columns scanner.Columns) []string) {
	if l.domains[row.Domain] == nil {
		l.domains[row.Domain] = new(led)
	}
	if one := l.domains[row.Domain]; one.by == 0 {
		one.cells = append(one.cells, cells(row.Input, row.Columns))
	}
}

// whole reports whether all lines are known that lead to what a finding is about.
func (l *lines) whole(f *scanner.FindingRow) bool {
	if len(f.Domains) > 0 || f.Domain == "" {
		return true
	}
	one := l.domains[f.Domain]
	return one != nil && one.by > 0
}

// of are the cells of the lines that lead to what a finding is about.
func (l *lines) of(f *scanner.FindingRow) (cells [][]string) {
	if f.IP.IsValid() {
		cells = append(cells, l.doors[door{f.Host, f.IP, f.Port}]...)
	}
	names := f.Domains
	if len(names) == 0 && f.Domain != "" {
		names = []string{f.Domain}
	}
	for _, name := range names {
		if one := l.domains[name]; one != nil {
			cells = append(cells, one.cells...)
		}
	}
	return cells
}

// valuesMost is how many values of several lines share a cell.
const valuesMost = 5

// together makes one line's cells of several: in each what differs, and is there.
func together(all [][]string, width int) []string {
	out := make([]string, width)
	for i := range out {
		seen := make(map[string]bool)
		var values []string
		for _, cells := range all {
			if value := cells[i]; value != "" && !seen[value] {
				seen[value] = true
				if len(values) < valuesMost {
					values = append(values, value)
				}
			}
		}
		out[i] = strings.Join(values, ", ")
		if more := len(seen) - len(values); more > 0 {
			out[i] += fmt.Sprintf(" and %d more", more)
		}
	}
	return out
}
