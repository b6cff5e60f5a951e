package scanner

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Column is one cell of the user's own, by its heading.
type Column struct {
	Name  string
	Value string
}

// Columns are the user's own cells in their order. As JSON they are an object
// whose keys keep that order; a heading that occurs twice gets a number.
type Columns []Column

// keys are the headings, each made its own by the first number that is free.
func (c Columns) keys() []string {
	keys, taken := make([]string, len(c)), make(map[string]bool, len(c))
	for i, column := range c {
		name := strings.ToValidUTF8(column.Name, "\uFFFD")
		key := name
		for n := 2; taken[key]; n++ {
			key = fmt.Sprintf("%s_%d", name, n)
		}
		keys[i], taken[key] = key, true
	}
	return keys
}

func (c Columns) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, name := range c.keys() {
		if i > 0 {
			out.WriteByte(',')
		}
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(c[i].Value)
		if err != nil {
			return nil, err
		}
		out.Write(key)
		out.WriteByte(':')
		out.Write(value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

func (c *Columns) UnmarshalJSON(text []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if open, err := decoder.Token(); err != nil {
		return err
	} else if open == nil {
		*c = nil
		return nil
	} else if open != json.Delim('{') {
		return fmt.Errorf("columns: want an object, got %v", open)
	}
	*c = Columns{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		var value string
		if err := decoder.Decode(&value); err != nil {
			return err
		}
		*c = append(*c, Column{Name: name.(string), Value: value})
	}
	_, err := decoder.Token()
	return err
}
