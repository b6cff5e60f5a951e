package smtp

import (
	"strings"
	"time"
)

// DeliverBy is the least time that a message may be given to arrive in
// (RFC 2852 s2): 0 with ok where DELIVERBY was offered without one. It is not ok
// where DELIVERBY was not offered or cannot be read. Options behind a comma,
// which later documents might define, are passed over.
func (e Extensions) DeliverBy() (least time.Duration, ok bool) {
	params, ok := e.Params(ExtDeliverBy)
	if !ok || len(params) == 0 {
		return 0, ok
	}
	first, _, _ := strings.Cut(params[0], ",")
	return seconds(first)
}

// FutureRelease is how long, and until when, a submission server holds a message
// for its sender (RFC 4865 s3).
type FutureRelease struct {
	Longest time.Duration
	Latest  time.Time // UTC
}

// FutureRelease is not ok where FUTURERELEASE was not offered, or not with both
// of its parameters.
func (e Extensions) FutureRelease() (FutureRelease, bool) {
	params, ok := e.Params(ExtFutureRelease)
	if !ok || len(params) != 2 {
		return FutureRelease{}, false
	}
	longest, ok := seconds(params[0])
	latest, err := time.Parse(time.RFC3339, upper(params[1]))
	if !ok || err != nil {
		return FutureRelease{}, false
	}
	return FutureRelease{Longest: longest, Latest: latest.UTC()}, true
}

// seconds reads 1*9DIGIT.
func seconds(text string) (time.Duration, bool) {
	number, ok := decimal(text, 9)
	return time.Duration(number) * time.Second, ok
}

// decimal reads one to so many digits and nothing else.
func decimal(text string, digits int) (number uint64, ok bool) {
	if text == "" || len(text) > digits {
		return 0, false
	}
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return 0, false
		}
		number = number*10 + uint64(c-'0')
	}
	return number, true
}
