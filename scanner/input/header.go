package input

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

//go:embed names.txt
var namesText string

// names are the known names of the column, the surest first.
func (k Kind) names() []string {
	if k == "" {
		k = Addresses
	}
	var names []string
	for row := range strings.Lines(namesText) {
		if kind, name, found := strings.Cut(strings.TrimSpace(row), " "); found && kind == string(k) {
			names = append(names, name)
		}
	}
	return names
}

// plainName is a header name without case, blanks and punctuation.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// knownColumns are the columns with a known name, the surest first.
func (k Kind) knownColumns(header []string) []int {
	plain := make([]string, len(header))
	for i, name := range header {
		plain[i] = plainName(name)
	}
	var known []int
	for _, name := range k.names() {
		for i := range plain {
			if plain[i] == name {
				known = append(known, i)
			}
		}
	}
	return known
}

// counts are, for each column, the cells that look like what is wanted and
// those that are not blank.
type counts struct{ like, filled []int }

func countCells(rows [][]string, width int, like func(string) bool) counts {
	c := counts{make([]int, width), make([]int, width)}
	for _, row := range rows {
		for i, cell := range row[:min(width, len(row))] {
			if strings.TrimSpace(cell) == "" {
				continue
			}
			c.filled[i]++
			if like(cell) {
				c.like[i]++
			}
		}
	}
	return c
}

// findColumn gives the column to read by its name in the header, else by its
// cells, or -1. A known name counts only where its cells do not speak against
// it: "address" is as often a street.
func findColumn(header []string, rows [][]string, width int, want Kind) int {
	c := countCells(rows, width, want.looks())
	none := len(c.like) == 0 || slices.Max(c.like) == 0
	for _, i := range want.knownColumns(header) {
		if none || c.like[i] > 0 {
			return i
		}
	}
	best := -1
	for i := range width {
		if c.like[i] == 0 || 2*c.like[i] < c.filled[i] {
			continue
		}
		if best < 0 || c.like[i] > c.like[best] || c.like[i] == c.like[best] && namesMail(header, i) && !namesMail(header, best) {
			best = i
		}
	}
	return best
}

func namesMail(header []string, i int) bool {
	return i < len(header) && strings.Contains(plainName(header[i]), "mail")
}

// askedColumn finds the column the user asked for by name, exact but for case
// before plain, or by number from 1. byName is true where a name matched.
func askedColumn(asked string, header []string, width int) (column int, byName, found bool) {
	asked = strings.TrimSpace(asked)
	for i, name := range header {
		if strings.EqualFold(strings.TrimSpace(name), asked) {
			return i, true, true
		}
	}
	if n, err := strconv.Atoi(asked); err == nil {
		return n - 1, false, n >= 1 && n <= width
	}
	for i, name := range header {
		if plainName(asked) != "" && plainName(name) == plainName(asked) {
			return i, true, true
		}
	}
	return 0, false, false
}

// noColumn is the error for a column asked for that is not there.
func noColumn(name, asked string, columns []string) error {
	return &Error{Name: name, Reason: fmt.Sprintf("no column %q; it has %s", asked, quotedList(columns)),
		Advice: fmt.Sprintf("give --column one of these names, or a number from 1 to %d", max(1, len(columns)))}
}

// nothingFound is the error where no column holds what is wanted.
func nothingFound(name string, want Kind, columns []string) error {
	kind := "addresses"
	if want == Targets {
		kind = "domains or servers"
	}
	return &Error{Name: name, Reason: fmt.Sprintf("no column looks like %s; it has %s", kind, quotedList(columns)),
		Advice: "name the column to read: --column NAME or --column NUMBER"}
}

// quotedList names at most twenty columns.
func quotedList(columns []string) string {
	if len(columns) == 0 {
		return "no columns"
	}
	var quoted []string
	for _, name := range columns[:min(20, len(columns))] {
		if len(name) > 60 {
			name = strings.ToValidUTF8(name[:60], "") + "..."
		}
		quoted = append(quoted, strconv.Quote(name))
	}
	if more := len(columns) - len(quoted); more > 0 {
		quoted = append(quoted, fmt.Sprintf("%d more", more))
	}
	return strings.Join(quoted, ", ")
}
