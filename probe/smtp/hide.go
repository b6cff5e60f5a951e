package smtp

import "bytes"

const (
	leastHidden = 4  // octets: one base64 group
	tellTale    = 24 // octets of a secret by which it is known, for a server may cut it short
)

// hide makes the reader take a secret out of whatever the server says from now
// on: many repeat the command that they did not understand.
func (r *reader) hide(secret string) {
	if len(secret) >= leastHidden {
		r.hidden = append(r.hidden, []byte(secret[:min(tellTale, len(secret))]))
	}
}

// scrub puts "[redacted]" where a secret is repeated, to the end of its base64.
func (r *reader) scrub(line []byte) []byte {
	for _, secret := range r.hidden {
		at := bytes.Index(line, secret)
		if at < 0 {
			continue
		}
		end := at
		for end < len(line) && isBase64(line[end]) {
			end++
		}
		rest := r.scrub(bytes.Clone(line[end:]))
		line = append(append(bytes.Clone(line[:at]), redacted...), rest...)
	}
	return line
}

func isBase64(c byte) bool {
	return wordy(c) && c != '.' || c == '+' || c == '/' || c == '='
}
