package report

// column is one column of a table.
type column struct {
	heading string
	from    int  // narrowest terminal that shows it
	least   int  // columns it needs to be worth showing
	most    int  // columns beyond which it is no better
	yields  turn // when it gives way where not all fit
}

// turn is the order in which columns give way.
type turn int

const (
	first turn = iota // long lists, of which a part says as much
	then
	last // words of a closed list and IP addresses: half of one is none
)

const (
	gap         = 2   // blanks between two columns
	widthUsual  = 120 // where the output is no terminal
	widthsLeast = 40  // below it columns fall off from the right
)

// shown gives the indexes of the columns that a table of this width has.
func shown(columns []column, width int) []int {
	var indexes []int
	room := width + gap
	for i, c := range columns {
		if c.from > max(width, widthsLeast) || len(indexes) > 0 && room < c.least+gap {
			continue
		}
		indexes = append(indexes, i)
		room -= c.least + gap
	}
	return indexes
}

// widths shares a terminal's width among columns. Each gets what its widest
// cell needs; where that is too much, columns give way down to their least, in
// their turns. Rows that come later may be longer: with grow,
// what is left over goes to the columns that have not reached their most.
func widths(columns []column, rows [][]string, width int, grow bool) []int {
	sizes := make([]int, len(columns))
	total := gap * (len(columns) - 1)
	for i, c := range columns {
		sizes[i] = textWidth(c.heading)
		for _, row := range rows {
			sizes[i] = max(sizes[i], textWidth(row[i]))
		}
		sizes[i] = max(min(sizes[i], c.most), c.least)
		total += sizes[i]
	}
	for ; total > width; total-- {
		sizes[roomiest(columns, sizes)]--
	}
	for i := len(columns) - 1; grow && i >= 0; i-- {
		more := max(0, min(width-total, columns[i].most-sizes[i]))
		sizes[i] += more
		total += more
	}
	return sizes
}

// roomiest is the column with most above its least among those whose turn it is.
func roomiest(columns []column, sizes []int) int {
	best, room := 0, 0
	for _, turn := range [...]turn{first, then, last} {
		for i, c := range columns {
			if over := sizes[i] - c.least; c.yields == turn && over > room {
				best, room = i, over
			}
		}
		if room > 0 {
			break
		}
	}
	return best
}
