package smtp

// Enhanced is the enhanced status code at the start of the text, such as
// "5.1.1" (RFC 3463 s2, RFC 2034 s4), without the class digit being believed
// where it contradicts the reply code: "250 5.1.1 ..." has none. Cisco's
// gateways put a number sign before it ("550 #5.1.0 Address rejected."), which
// is passed over. It is empty where there is none.
func (r Reply) Enhanced() string {
	if len(r.Lines) == 0 {
		return ""
	}
	text := r.Lines[0]
	for text != "" && (text[0] == ' ' || text[0] == '\t') {
		text = text[1:]
	}
	if text != "" && text[0] == '#' {
		text = text[1:]
	}
	if len(text) < 5 || int(text[0]-'0') != r.Class() || r.Class() == 3 || text[1] != '.' {
		return ""
	}
	subject := digits(text[2:])
	if subject == 0 || len(text) <= 2+subject || text[2+subject] != '.' {
		return ""
	}
	end := 3 + subject + digits(text[3+subject:])
	if end == 3+subject || end < len(text) && wordy(text[end]) {
		return "" // "5.1." and "5.1.1.1", which is an IP address of sorts
	}
	return text[:end]
}

// digits counts the digits at the start, of which RFC 3463 allows three.
func digits(text string) int {
	n := 0
	for n < len(text) && n < 3 && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n
}

// wordy reports whether a character would make more than a code of what stands
// before it.
func wordy(c byte) bool {
	return c == '.' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
