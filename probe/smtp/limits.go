package smtp

import (
	"strconv"
	"strings"
)

// Limits is what a server promises to bear (RFC 9422); 0 where it does not say.
type Limits struct {
	MailMax       int // MAIL commands in a session
	RcptMax       int // RCPT commands in a transaction
	RcptDomainMax int // different domains among the recipients of a session
}

// Limits reads the LIMITS keyword. It is not ok where LIMITS was not offered,
// or where anything in its parameters is against the grammar: then the whole
// list counts for nothing (RFC 9422 s3). Limits it does not know are passed over.
func (e Extensions) Limits() (limits Limits, ok bool) {
	params, ok := e.Params(ExtLimits)
	if !ok {
		return Limits{}, false
	}
	for _, param := range params {
		if !limits.set(param) {
			return Limits{}, false
		}
	}
	return limits, true
}

func (l *Limits) set(param string) bool {
	name, value, valued := strings.Cut(param, "=")
	if !limitName(name) || valued && !limitValue(value) {
		return false
	}
	into := new(int)
	switch upper(name) {
	case "MAILMAX":
		into = &l.MailMax
	case "RCPTMAX":
		into = &l.RcptMax
	case "RCPTDOMAINMAX":
		into = &l.RcptDomainMax
	default:
		return true
	}
	// The three registered ones are numbers of one to six digits, the first not 0 (s4).
	if value == "" || len(value) > 6 || value[0] < '1' || value[0] > '9' {
		return false
	}
	number, err := strconv.Atoi(value)
	*into = number
	return err == nil
}

func limitName(name string) bool {
	return name != "" && strings.Trim(upper(name), "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == ""
}

// limitValue allows printable ASCII except the semicolon.
func limitValue(value string) bool {
	return value != "" && strings.IndexFunc(value, func(r rune) bool { return r < '!' || r > '~' || r == ';' }) < 0
}
