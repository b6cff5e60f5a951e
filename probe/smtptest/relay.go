package smtptest

import "strings"

// takes reports whether a recipient is taken for its form alone.
func (r Relay) takes(path string) bool {
	switch r {
	case RelayOpen:
		return true
	case RelayPercent:
		return strings.Contains(path, "%")
	case RelayRoute:
		return strings.HasPrefix(path, "@") && strings.Contains(path, ":")
	case RelayBang:
		return strings.Contains(path, "!")
	}
	return false
}
