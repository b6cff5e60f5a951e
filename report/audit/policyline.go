package audit

import (
	"fmt"
	"strings"
)

// lineOf finds the line of a key by its path. Package toml keeps positions only
// of what it cannot read. nth is the number of the [[group]] that is meant, from
// 0; -1 is any. It returns 0 where it does not find the key.
func lineOf(text string, path []string, nth int) int {
	want, parent := strings.Join(path, "."), strings.Join(path[:len(path)-1], ".")
	table, group, number := "", -1, 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") && strings.Contains(line, "]") && !strings.Contains(line, "=") {
			if strings.HasPrefix(line, "[[") {
				group++
			}
			table = plainKey(strings.Trim(line[:strings.LastIndex(line, "]")+1], "[] "))
			if table == want && (nth < 0 || group == nth) {
				return number
			}
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok || strings.HasPrefix(line, "#") || nth >= 0 && strings.HasPrefix(table, "group") && group != nth {
			continue
		}
		full := strings.TrimPrefix(table+"."+plainKey(key), ".")
		if full == want || full == parent && strings.Contains(value, path[len(path)-1]) {
			return number
		}
	}
	return 0
}

func plainKey(key string) string {
	return strings.NewReplacer(`"`, "", `'`, "", " ", "", "\t", "").Replace(key)
}

// groupLine is the line at which a group begins.
func groupLine(text string, nth int) int { return lineOf(text, []string{"group"}, nth) }

// meant is a hint at the one of several words that is nearest to what was typed;
// empty where none is near.
func meant(typed string, words []string) string {
	best, least := "", 1+min(3, len(typed)/2)
	for _, word := range words {
		if d := distance(typed, word); d < least {
			best, least = word, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %s?", best)
}

// distance counts letters put in, left out, changed and swapped with their
// neighbour.
func distance(a, b string) int {
	var before []int
	above := make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above = above, row
	}
	return above[len(b)]
}
