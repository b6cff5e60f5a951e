package mtasts

import "strings"

// maxShown is how many octets of somebody's text a clause quotes.
const maxShown = 64

func cut(text string, octets int) string { return text[:min(len(text), octets)] }

func blank(text string) bool { return strings.Trim(text, " \t") == "" }

const (
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits  = "0123456789"
)

func isAlphanumeric(text string) bool { return text != "" && strings.Trim(text, letters+digits) == "" }

// isKey knows the names of fields in record and policy alike: a letter or digit,
// then up to 31 of these, "_", "-" and "." (s3.1, s3.2).
func isKey(text string) bool {
	return text != "" && len(text) <= 32 && isAlphanumeric(text[:1]) && strings.Trim(text, letters+digits+"_-.") == ""
}

// isHostName is the LDH rule (RFC 1123 s2.1) for names in lower case.
func isHostName(name string) bool {
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.Trim(label, letters+digits+"-") != "" {
			return false
		}
	}
	return len(name) <= 253
}
