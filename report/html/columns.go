package html

import (
	"slices"
	"strings"

	"github.com/mxvet/mxvet/scanner"
)

// columnsMost is how many columns of the user's own a table shows. The others
// are in the rows' panels.
const columnsMost = 12

// columns are the headings of the user's own columns, in the order they came.
type columns []string

// cells are a row's own columns in the order of the headings, those that are new
// taken in.
func (c *columns) cells(own scanner.Columns) []string {
	cells := make([]string, len(*c))
	for _, one := range own {
		at := slices.Index(*c, one.Name)
		if at < 0 {
			if len(*c) == columnsMost {
				continue
			}
			at = len(*c)
			*c = append(*c, one.Name)
			cells = append(cells, "")
		}
		cells[at] = cut(one.Value)
	}
	return cells
}

// targets are the cells of a server: each value of the lines that named it,
// once.
func (c *columns) targets(targets []scanner.Target) []string {
	var cells []string
	for _, target := range targets {
		for at, value := range c.cells(target.Columns) {
			switch {
			case at == len(cells):
				cells = append(cells, value)
			case value != "" && len(cells[at]) < cellMost && !slices.Contains(strings.Split(cells[at], ", "), value):
				cells[at] = strings.TrimPrefix(cells[at]+", "+value, ", ")
			}
		}
	}
	return cells
}
