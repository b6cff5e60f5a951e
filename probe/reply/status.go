package reply

import "strings"

// status is an enhanced status code, class.subject.detail (RFC 3463 s2); the
// zero value is none.
type status struct{ class, subject, detail int }

// enhancedLen is the length of the enhanced code at the start of a line with
// the space behind it, 0 where there is none. A "#" before it (Cisco's "550
// #5.1.0") is taken as part of it.
func enhancedLen(line string) int {
	n := len(line) - len(strings.TrimLeft(line, " #"))
	_, length := readStatus(line[n:])
	if length == 0 {
		return 0
	}
	return n + length
}

// findStatus reads the enhanced code where RFC 2034 s4 puts it, at the start
// of the text; failing that behind a "#", where qmail and its kin have it:
// "sorry, no mailbox here by that name (#5.1.1)".
func findStatus(lines []string) status {
	for _, line := range lines {
		if s, n := readStatus(strings.TrimLeft(line, " #")); n > 0 {
			return s
		}
	}
	for _, line := range lines {
		for rest := line; ; {
			_, after, found := strings.Cut(rest, "#")
			if !found {
				break
			}
			if s, n := readStatus(after); n > 0 {
				return s
			}
			rest = after
		}
	}
	return status{}
}

// readStatus reads "5.1.1" at the start of s and says how long it is.
func readStatus(s string) (status, int) {
	if len(s) < 5 || s[0] != '2' && s[0] != '4' && s[0] != '5' || s[1] != '.' {
		return status{}, 0
	}
	subject, n := readNumber(s[2:])
	if n == 0 || len(s) < 4+n || s[2+n] != '.' {
		return status{}, 0
	}
	detail, m := readNumber(s[3+n:])
	end := 3 + n + m
	if m == 0 || end < len(s) && (isDigit(s[end]) || s[end] == '.' && end+1 < len(s) && isDigit(s[end+1])) {
		return status{}, 0
	}
	return status{int(s[0] - '0'), subject, detail}, end
}

// readNumber reads one to three digits (RFC 3463 s2).
func readNumber(s string) (value, length int) {
	for length < len(s) && length < 3 && isDigit(s[length]) {
		value = value*10 + int(s[length]-'0')
		length++
	}
	return value, length
}
