package smtp

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Oddities is the set of faults in a reply's form that do not keep it from
// being understood. It is small, because replies are kept by the million; it
// prints and encodes as words: ["bare_lf","8bit"].
type Oddities uint8

const (
	BareLF     Oddities = 1 << iota // a line ended in LF without CR (RFC 5321 s2.3.8)
	BareCR                          // a CR inside a line (the same)
	MixedCodes                      // the lines of one reply had different codes (s4.2.1); the last counts
	LongLine                        // over 512 octets with CRLF (s4.5.3.1.5)
	CutLine                         // over 4 KiB: the rest was read and dropped
	NoText                          // a line of nothing but its code
	EightBit                        // octets above 127 (RFC 6531 s3.7.4 allows them only where the client asked for SMTPUTF8)
	Control                         // control characters other than TAB
)

// words stands in the order of the bits.
func words() [8]string {
	return [...]string{"bare_lf", "bare_cr", "mixed_codes", "long_line", "cut_line", "no_text", "8bit", "control"}
}

// Has reports whether all of the others are in the set.
func (o Oddities) Has(others Oddities) bool { return o&others == others }

// Words lists the set; it is never nil.
func (o Oddities) Words() []string {
	list := []string{}
	for i, word := range words() {
		if o.Has(1 << i) {
			list = append(list, word)
		}
	}
	return list
}

func (o Oddities) String() string { return strings.Join(o.Words(), " ") }

// MarshalJSON makes a list of words.
func (o Oddities) MarshalJSON() ([]byte, error) { return json.Marshal(o.Words()) }

// UnmarshalJSON reads what MarshalJSON wrote. A word it does not know is an
// error, for what is stored is evidence.
func (o *Oddities) UnmarshalJSON(text []byte) error {
	var list []string
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	*o = 0
	for _, word := range list {
		bit, ok := bitOf(word)
		if !ok {
			return fmt.Errorf("smtp: unknown oddity %q", word)
		}
		*o |= bit
	}
	return nil
}

func bitOf(word string) (Oddities, bool) {
	for i, known := range words() {
		if known == word {
			return 1 << i, true
		}
	}
	return 0, false
}
