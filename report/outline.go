package report

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/mxvet/mxvet/scanner"
)

// Outline is what has to be known of a run before its first row is shown.
type Outline struct {
	Kind    CSVKind   // Verdicts or Servers; empty where there is no such row
	Columns []string  // the user's own headings, in order of first mention
	At      time.Time // when the run began, or, of one that was killed, when a row was first answered; zero where nothing says
	Rows    int64     // of the kinds verdict, server and domain
	Cut     bool      // the file ends in the middle of a line, as a run leaves it that was killed
}

// ReadOutline reads a run that NewJSONL wrote, without keeping a row of it. The
// error is the first of Read's, but for ErrCutOff.
func ReadOutline(r io.Reader) (Outline, error) {
	var out Outline
	for one, err := range each(r, sketched) {
		if errors.Is(err, ErrCutOff) {
			out.Cut = true
			break
		}
		if err != nil {
			return out, err
		}
		out.add(one)
	}
	return out, nil
}

// sketch is the part of a row that an outline is made of.
type sketch struct {
	Type      string    `json:"type"`
	StartedAt time.Time `json:"started_at"` // run
	CheckedAt time.Time `json:"checked_at"` // verdict
	At        time.Time `json:"at"`         // server
	Columns   scanner.Columns
	Targets   []struct{ Columns scanner.Columns }
}

func sketched(line []byte, long, last bool) (one sketch, ok bool, err error) {
	if ok, err = whole(line, long, last); !ok {
		return one, false, err
	}
	if err = json.Unmarshal(line, &one); err == nil {
		_, err = rowOf(one.Type)
	}
	return one, true, err
}

func (o *Outline) add(one sketch) {
	switch one.Type {
	case typeRun:
		o.At = cmp.Or(one.StartedAt, o.At)
		return
	case typeFinding:
		return
	case typeVerdict:
		o.Kind = cmp.Or(o.Kind, Verdicts)
	default:
		o.Kind = cmp.Or(o.Kind, Servers)
	}
	o.Rows++
	if o.At.IsZero() {
		o.At = cmp.Or(one.CheckedAt, one.At)
	}
	o.head(one.Columns)
	for _, target := range one.Targets {
		o.head(target.Columns)
	}
}

func (o *Outline) head(columns scanner.Columns) {
	for _, one := range columns {
		if !slices.Contains(o.Columns, one.Name) {
			o.Columns = append(o.Columns, one.Name)
		}
	}
}
