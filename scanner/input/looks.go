package input

import (
	"net/netip"
	"strconv"
	"strings"
)

// looks is how the texts of a Kind look. It only has to tell columns apart;
// whether a text is an address is for the address package.
func (k Kind) looks() func(string) bool {
	if k == Targets {
		return looksTarget
	}
	return looksAddress
}

// data says whether a cell cannot be a header: a misspelt address in the first
// row is a row all the same, and no header has an @ in its name.
func (k Kind) data(cell string) bool {
	if k == Targets {
		return looksTarget(cell)
	}
	return strings.ContainsRune(cell, '@')
}

// looksAddress takes "ann@example.org", "Ann <ann@example.org>" and "mailto:ann@example.org".
func looksAddress(text string) bool {
	text = strings.TrimSpace(text)
	if i := strings.LastIndexByte(text, '<'); i >= 0 && strings.HasSuffix(text, ">") {
		text = text[i+1 : len(text)-1]
	}
	text = strings.TrimPrefix(text, "mailto:")
	at := strings.LastIndexByte(text, '@')
	if at <= 0 {
		return false
	}
	local, domain := text[:at], text[at+1:]
	quoted := len(local) > 2 && local[0] == '"' && local[len(local)-1] == '"'
	if !quoted && strings.ContainsAny(local, " \t\r\n,;:\"<>()@") {
		return false
	}
	if strings.HasPrefix(domain, "[") {
		return strings.HasSuffix(domain, "]")
	}
	return len(domain) > 2 && strings.ContainsAny(domain, ".\u3002") && !strings.ContainsAny(domain, " \t\r\n,;:\"<>()/|'")
}

// looksTarget takes host names with a dot, IP addresses, networks, and any of them with a port.
func looksTarget(text string) bool {
	text = strings.TrimSpace(text)
	if looksIP(text) {
		return true
	}
	if host, port, found := strings.Cut(text, ":"); found {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return false
		}
		text = host
	}
	labels := strings.Split(strings.TrimSuffix(text, "."), ".")
	if len(labels) < 2 || len(text) > 1000 {
		return false
	}
	for _, label := range labels {
		if label == "" || strings.IndexFunc(label, notInName) >= 0 {
			return false
		}
	}
	return strings.Trim(labels[len(labels)-1], "0123456789") != ""
}

func looksIP(text string) bool {
	if strings.HasPrefix(text, "[") {
		text, _, _ = strings.Cut(text[1:], "]")
		text = strings.TrimPrefix(text, "IPv6:")
	}
	if _, err := netip.ParseAddr(text); err == nil {
		return true
	}
	if _, err := netip.ParsePrefix(text); err == nil {
		return true
	}
	_, err := netip.ParseAddrPort(text)
	return err == nil
}

func notInName(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r >= 0x80:
		return false
	}
	return true
}

// members are the texts of a line that is a list of them, as in the To: field
// of a message; nil where any part does not look like one.
func members(text string, like func(string) bool) []string {
	if !strings.ContainsAny(text, ",;\t") {
		return nil
	}
	var found []string
	for part := range strings.FieldsFuncSeq(text, isListDelimiter) {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		if len(part) > 2 && part[0] == '"' && part[len(part)-1] == '"' {
			part = part[1 : len(part)-1]
		}
		if !like(part) {
			return nil
		}
		found = append(found, part)
	}
	return found
}

func isListDelimiter(r rune) bool { return r == ',' || r == ';' || r == '\t' }
