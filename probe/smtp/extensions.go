package smtp

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// Extension is one keyword with its parameters as they came.
type Extension struct {
	Keyword Keyword
	Params  []string
}

// Extensions is what a server offered in its reply to EHLO, in its order,
// keywords in upper case. Unknown keywords stay. A keyword said twice is there
// once, with the parameters of both. It is nil before EHLO or HELO, and empty
// after HELO, which has no extensions.
//
// It encodes as an object in the same order: {"SIZE":["10240000"],"DSN":[]}.
type Extensions []Extension

// ParseExtensions reads the lines of a reply to EHLO. The first is the server's
// name and greeting, not a keyword (RFC 5321 s4.1.1.1). Lines without a keyword
// are passed over. It never returns nil.
func ParseExtensions(lines []string) Extensions {
	extensions := make(Extensions, 0, max(len(lines)-1, 0))
	for _, line := range lines[min(1, len(lines)):] {
		words := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
		if len(words) == 0 {
			continue // "250 " at the end of the list, as some appliances have it
		}
		keyword, params := Keyword(upper(words[0])), words[1:]
		if mechanism, ok := strings.CutPrefix(string(keyword), string(ExtAuthLegacy)); ok {
			keyword = ExtAuthLegacy
			if mechanism != "" {
				params = slices.Concat([]string{words[0][len(ExtAuthLegacy):]}, params)
			}
		}
		extensions.add(keyword, params)
	}
	return extensions
}

// add merges: the second AUTH line of a server that has two is not to hide the first.
func (e *Extensions) add(keyword Keyword, params []string) {
	at := e.index(keyword)
	if at < 0 {
		*e = append(*e, Extension{Keyword: keyword, Params: append([]string{}, params...)})
		return
	}
	(*e)[at].Params = append((*e)[at].Params, params...)
}

func (e Extensions) index(keyword Keyword) int {
	return slices.IndexFunc(e, func(one Extension) bool { return one.Keyword == keyword })
}

// Has reports whether the keyword, in upper case, was offered.
func (e Extensions) Has(keyword Keyword) bool { return e.index(keyword) >= 0 }

// Params returns a keyword's parameters, and whether it was offered.
func (e Extensions) Params(keyword Keyword) ([]string, bool) {
	at := e.index(keyword)
	if at < 0 {
		return nil, false
	}
	return e[at].Params, true
}

// Size is the largest message the server takes, in octets (RFC 1870 s4). It is
// 0 with ok where SIZE was offered without a number or with 0: no fixed limit.
// It is not ok where SIZE was not offered or its parameter is no number.
func (e Extensions) Size() (limit uint64, ok bool) {
	params, ok := e.Params(ExtSize)
	if !ok || len(params) == 0 {
		return 0, ok
	}
	limit, err := strconv.ParseUint(params[0], 10, 64)
	return limit, err == nil
}

// Auth lists the SASL mechanisms offered, in upper case, each once, those of
// the `AUTH=` form included.
func (e Extensions) Auth() []string {
	var mechanisms []string
	for _, keyword := range [...]Keyword{ExtAuth, ExtAuthLegacy} {
		params, _ := e.Params(keyword)
		for _, param := range params {
			if name := upper(param); !slices.Contains(mechanisms, name) {
				mechanisms = append(mechanisms, name)
			}
		}
	}
	return mechanisms
}

// LegacyAuth reports whether the `AUTH=` form was used, which no RFC describes.
func (e Extensions) LegacyAuth() bool { return e.Has(ExtAuthLegacy) }

// MarshalJSON keeps the server's order, which a map would not. Nil is null.
func (e Extensions) MarshalJSON() ([]byte, error) {
	if e == nil {
		return []byte("null"), nil
	}
	var out bytes.Buffer
	out.WriteByte('{')
	for i, one := range e {
		key, err := json.Marshal(string(one.Keyword))
		if err != nil {
			return nil, err
		}
		params, err := json.Marshal(append([]string{}, one.Params...))
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(key)
		out.WriteByte(':')
		out.Write(params)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// UnmarshalJSON reads what MarshalJSON wrote, in its order.
func (e *Extensions) UnmarshalJSON(text []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	open, err := decoder.Token()
	if err != nil {
		return err
	}
	if open == nil {
		*e = nil
		return nil
	}
	if open != json.Delim('{') {
		return errors.New("smtp: extensions are not a JSON object")
	}
	*e = Extensions{}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return err
		}
		var params []string
		if err := decoder.Decode(&params); err != nil {
			return err
		}
		keyword, _ := key.(string) // between braces it cannot be anything else
		e.add(Keyword(keyword), params)
	}
	return nil
}

// upper is for ASCII only: what is not ASCII came from a broken server and
// stays what it was.
func upper(text string) string {
	if strings.IndexFunc(text, func(r rune) bool { return r >= 'a' && r <= 'z' }) < 0 {
		return text
	}
	out := []byte(text)
	for i, c := range out {
		if c >= 'a' && c <= 'z' {
			out[i] = c - 'a' + 'A'
		}
	}
	return string(out)
}
