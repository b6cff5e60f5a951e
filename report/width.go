package report

import (
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// textWidth is how many columns of a terminal text takes: two for a wide
// (East Asian) character, none for a combining mark. Characters of ambiguous
// width count one. The table's renderer counts by the same measure.
func textWidth(text string) int {
	if plain(text) {
		return len(text)
	}
	width := 0
	for _, r := range text {
		width += displaywidth.Rune(r)
	}
	return width
}

// fit cuts text to width columns, the last of them an ellipsis. Where a wide
// character does not fit by one column the text is one shorter.
func fit(text string, width int) string {
	if textWidth(text) <= width {
		return text
	}
	if width < 1 {
		return ""
	}
	used := 0
	for i, r := range text {
		used += displaywidth.Rune(r)
		if used > width-1 {
			return strings.TrimRight(text[:i], " ") + ellipsis
		}
	}
	return text
}
