package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/mxvet/mxvet/scanner"
)

// NewJSONL writes each row as one JSON object on a line of its own, with all
// that is known. The key "type" comes first and says which row it is, whatever
// the row's own Type holds. Each row is one Write, so that a run that is killed
// leaves whole lines but for the last. Bytes of servers that are no UTF-8 become
// U+FFFD, since JSON has no others.
func NewJSONL(w io.Writer) Writer {
	j := &jsonl{w: w}
	j.encoder = json.NewEncoder(&j.line)
	j.encoder.SetEscapeHTML(false)
	return j
}

type jsonl struct {
	w       io.Writer
	line    bytes.Buffer
	encoder *json.Encoder
}

func (j *jsonl) Put(row scanner.Row) error {
	j.line.Reset()
	var err error
	switch row := row.(type) {
	case *scanner.VerdictRow:
		typed := *row
		typed.Type = typeVerdict
		err = j.encoder.Encode(&typed)
	case *scanner.ServerRow:
		typed := *row
		typed.Type = typeServer
		err = j.encoder.Encode(&typed)
	case *scanner.DomainRow:
		typed := *row
		typed.Type = typeDomain
		err = j.encoder.Encode(&typed)
	case *scanner.FindingRow:
		typed := *row
		typed.Type = typeFinding
		err = j.encoder.Encode(&typed)
	case *scanner.RunRow:
		typed := *row
		typed.Type = typeRun
		err = j.encoder.Encode(&typed)
	default:
		return fmt.Errorf("report: no JSON for a row of type %T", row)
	}
	if err != nil {
		return err
	}
	_, err = j.w.Write(j.line.Bytes())
	return err
}

func (j *jsonl) Close() error { return nil }

// The values of the key "type".
const (
	typeVerdict = "verdict"
	typeServer  = "server"
	typeDomain  = "domain"
	typeFinding = "finding"
	typeRun     = "run"
)
