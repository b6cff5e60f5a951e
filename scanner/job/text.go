package job

import (
	"encoding/json"
	"errors"
	"unicode/utf8"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/input"
	"github.com/mxvet/mxvet/scanner/pace"
)

// What is stored as JSON is text of others, and not all of it is UTF-8, which
// JSON must be (RFC 8259 s8.1). Where it is not, the octets stand beside it in
// "raw", in base64.

// line is an input.Input as it is stored.
type line struct {
	Row    int64    `json:"row"`
	Line   int64    `json:"line,omitempty"`
	File   string   `json:"file,omitempty"`
	Text   string   `json:"text"`
	Values []string `json:"values,omitempty"`
	Err    string   `json:"error,omitempty"`
	Raw    [][]byte `json:"raw,omitempty"` // text and values
}

func encodeInput(in input.Input) (string, error) { return encode(storedInput(in)) }

func storedInput(in input.Input) *line {
	l := &line{Row: in.Row, Line: in.Line, File: in.File, Text: in.Text, Values: in.Values}
	if in.Err != nil {
		l.Err = in.Err.Error()
	}
	if !allValid(append([]string{in.Text}, in.Values...)) {
		l.Raw = [][]byte{[]byte(in.Text)}
		for _, value := range in.Values {
			l.Raw = append(l.Raw, []byte(value))
		}
	}
	return l
}

func decodeInput(text string) (input.Input, error) {
	var l line
	if err := json.Unmarshal([]byte(text), &l); err != nil {
		return input.Input{}, err
	}
	return l.kept(), nil
}

func (l *line) kept() input.Input {
	in := input.Input{Row: l.Row, Line: l.Line, File: l.File, Text: l.Text, Values: l.Values}
	if l.Err != "" {
		in.Err = errors.New(l.Err)
	}
	if len(l.Raw) == len(l.Values)+1 {
		in.Text = string(l.Raw[0])
		for i, value := range l.Raw[1:] {
			in.Values[i] = string(value)
		}
	}
	return in
}

func allValid(texts []string) bool {
	for _, text := range texts {
		if !utf8.ValidString(text) {
			return false
		}
	}
	return true
}

// fault is an address.Error as it is stored.
type fault struct {
	address.Error
	Raw []byte `json:"raw,omitempty"` // Input
}

func encodeSyntax(syntax *address.Error) (string, error) { return encode(storedSyntax(syntax)) }

func storedSyntax(syntax *address.Error) *fault {
	f := &fault{Error: *syntax}
	if !utf8.ValidString(syntax.Input) {
		f.Raw = []byte(syntax.Input)
	}
	return f
}

func decodeSyntax(text string) (*address.Error, error) {
	var f fault
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		return nil, err
	}
	return f.kept(), nil
}

func (f *fault) kept() *address.Error {
	if f.Raw != nil {
		f.Input = string(f.Raw)
	}
	return &f.Error
}

// outcome is a probe.Outcome as it is stored: every field, where the JSON
// for people has null for what was not measured.
type outcome struct {
	fields
	Raw []byte `json:"raw,omitempty"` // Text
}

// fields are those of an Outcome, without its methods.
type fields probe.Outcome

func storedOutcome(o probe.Outcome) outcome {
	o.At = o.At.UTC() // so that times compare as text
	stored := outcome{fields: fields(o)}
	if !utf8.ValidString(o.Text) {
		stored.Raw = []byte(o.Text)
	}
	return stored
}

func (o outcome) kept() probe.Outcome {
	if o.Raw != nil {
		o.Text = string(o.Raw)
	}
	return probe.Outcome(o.fields)
}

func encodeOutcome(o probe.Outcome) (string, error) { return encode(storedOutcome(o)) }

func decodeOutcome(text string) (probe.Outcome, error) {
	var o outcome
	err := json.Unmarshal([]byte(text), &o)
	return o.kept(), err
}

// facts are a scanner.Known as it is stored.
type facts struct {
	Route *mx.Route  `json:"route,omitempty"`
	Down  *outcome   `json:"down,omitempty"`
	Bears pace.Bears `json:"bears,omitzero"`
}

func encodeKnown(known scanner.Known) (string, error) { return encode(storedKnown(known)) }

func storedKnown(known scanner.Known) facts {
	f := facts{Route: known.Route, Bears: known.Bears}
	if known.Down != nil {
		down := storedOutcome(*known.Down)
		f.Down = &down
	}
	return f
}

func decodeKnown(text string) (scanner.Known, error) {
	var f facts
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		return scanner.Known{}, err
	}
	return f.kept(), nil
}

func (f facts) kept() scanner.Known {
	known := scanner.Known{Route: f.Route, Bears: f.Bears}
	if f.Down != nil {
		down := f.Down.kept()
		known.Down = &down
	}
	return known
}

func encode(v any) (string, error) {
	text, err := json.Marshal(v)
	return string(text), err
}
