package input

import (
	"encoding/json"
	"fmt"
	"strings"
)

// pair is a key of a JSON object with its value.
type pair struct {
	key      string
	raw      string // the value's JSON text
	text     string // a string decoded, else raw
	isString bool
}

// objectPairs cuts one line of JSON into its keys and values, in order, after
// those given. A key said twice is there twice; who reads keeps the last, as
// most readers of JSON do (RFC 8259 s4 leaves it open).
func objectPairs(pairs []pair, line string) ([]pair, error) {
	data := []byte(line)
	if !json.Valid(data) {
		return pairs, fmt.Errorf("%w: %w", ErrNotJSON, json.Unmarshal(data, new(json.RawMessage)))
	}
	rest := skipBlank(line)
	if rest[0] != '{' {
		return pairs, ErrNoObject
	}
	rest = skipBlank(rest[1:])
	for rest[0] != '}' {
		key, after := cutValue(rest)
		rest = skipBlank(skipBlank(after)[1:]) // past the colon
		raw, after := cutValue(rest)
		pairs = append(pairs, pair{key: stringText(key), raw: raw, text: stringText(raw), isString: raw[0] == '"'})
		rest = skipBlank(after)
		if rest[0] == ',' {
			rest = skipBlank(rest[1:])
		}
	}
	return pairs, nil
}

// cutValue cuts a value off the front of text that is known to be valid JSON
// inside an object.
func cutValue(text string) (value, rest string) {
	depth, inString := 0, false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			depth++
		case depth > 0 && (c == '}' || c == ']'):
			depth--
		case depth == 0 && strings.IndexByte(" \t\r\n,:}", c) >= 0:
			return text[:i], text[i:]
		}
	}
	return text, ""
}

func skipBlank(text string) string { return strings.TrimLeft(text, " \t\r\n") }

// stringText decodes a JSON string; other values stay as they are.
func stringText(raw string) string {
	if raw[0] != '"' {
		return raw
	}
	if strings.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1]
	}
	var text string
	if json.Unmarshal([]byte(raw), &text) != nil {
		return raw
	}
	return text
}
