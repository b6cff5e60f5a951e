package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/scanner"
)

func jsonlOf(t testing.TB, rows ...scanner.Row) string {
	var out bytes.Buffer
	tell(t, NewJSONL(&out), rows...)
	return out.String()
}

// readAll gives the rows, and the errors apart.
func readAll(r io.Reader) (rows []scanner.Row, errs []error) {
	for row, err := range Read(r) {
		if err != nil {
			errs = append(errs, err)
		} else {
			rows = append(rows, row)
		}
	}
	return rows, errs
}

func TestJSONLComesBack(t *testing.T) {
	want := everything()
	got, errs := readAll(iotest.OneByteReader(strings.NewReader(jsonlOf(t, want...))))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	same := cmp.Options{cmpopts.EquateComparable(netip.Addr{}), cmp.Comparer(func(a, b smtp.Extensions) bool { return cmp.Equal([]smtp.Extension(a), []smtp.Extension(b)) })}
	if diff := cmp.Diff(want, got, same); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
}

func TestJSONLLines(t *testing.T) {
	row := unknownMailbox()
	row.Type = "" // the writer knows better
	out := jsonlOf(t, row, server())
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines, want 2", len(lines))
	}
	for i, want := range []string{`{"type":"verdict","row":1,`, `{"type":"server",`} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d begins %.40s, want %s", i+1, lines[i], want)
		}
	}
	for _, want := range []string{`User unknown in <table> & elsewhere`, `"disposable":null`, `"columns":{"name":"Ann `} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s in %s", want, out)
		}
	}
	if row.Type != "" {
		t.Error("the row was changed")
	}
}

func TestReadGoesOnBehindABadLine(t *testing.T) {
	domain := strings.TrimSuffix(jsonlOf(t, nxdomain()), "\n")
	long := `{"type":"run","flags":["` + strings.Repeat("x", lineMost) + `"]}`
	for name, c := range map[string]struct {
		text  string
		rows  int
		wrong map[int64]error // by line; nil is any error of JSON
	}{
		"empty":                          {"", 0, nil},
		"blank lines, CR LF":             {"\n" + domain + "\r\n\r\n" + domain + "\n", 2, nil},
		"last line without line feed":    {domain + "\n" + domain, 2, nil},
		"killed in the middle of a line": {domain + "\n" + domain[:40], 1, map[int64]error{2: ErrCutOff}},
		"a bad line is not a cut one":    {"{\"type\":\n" + domain + "\n", 1, map[int64]error{1: nil}},
		"a type of a later version":      {`{"type":"forecast","id":"x"}` + "\n" + domain + "\n", 1, map[int64]error{1: ErrUnknownType}},
		"no type":                        {"{}\n" + domain + "\n", 1, map[int64]error{1: ErrUnknownType}},
		"another type of value":          {`{"type":"run","rows":"many"}` + "\n[1]\n" + domain + "\n", 1, map[int64]error{1: nil, 2: nil}},
		"an address that is none":        {`{"type":"server","ip":"x"}` + "\n" + domain + "\n", 1, map[int64]error{1: nil}},
		"a key of a later version":       {`{"type":"domain","bimi":{}}` + "\n", 1, nil},
		"too long":                       {domain + "\n" + long + "\n" + domain + "\n", 2, map[int64]error{2: ErrLineTooLong}},
	} {
		rows, errs := readAll(strings.NewReader(c.text))
		if len(rows) != c.rows || len(errs) != len(c.wrong) {
			t.Errorf("%s: %d rows and errors %v, want %d and %v", name, len(rows), errs, c.rows, c.wrong)
		}
		for _, err := range errs {
			bad, ok := errors.AsType[*LineError](err)
			if !ok {
				t.Errorf("%s: %v names no line", name, err)
				continue
			}
			if want := fmt.Sprintf("line %d: ", bad.Line); !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%s: got %q, want it to begin %q", name, err, want)
			}
			if want, named := c.wrong[bad.Line]; !named || want != nil && !errors.Is(err, want) {
				t.Errorf("%s: got %v, want %v", name, err, c.wrong)
			}
		}
	}
}

func TestReadEndsAtAnErrorOfItsReader(t *testing.T) {
	rows, errs := readAll(io.MultiReader(strings.NewReader(jsonlOf(t, run())), iotest.ErrReader(errBroken)))
	if len(rows) != 1 || len(errs) != 1 || !errors.Is(errs[0], errBroken) {
		t.Errorf("got %d rows and %v, want 1 and %v", len(rows), errs, errBroken)
	}
}

func TestReadStopsWhenAskedTo(t *testing.T) {
	n := 0
	for range Read(strings.NewReader(jsonlOf(t, everything()...))) {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("%d rows, want 2", n)
	}
}

// Every line is read by those who know nothing of us.
func TestJSONLIsJSON(t *testing.T) {
	for line := range strings.Lines(jsonlOf(t, everything()...)) {
		var any map[string]any
		if err := json.Unmarshal([]byte(line), &any); err != nil || any["type"] == nil {
			t.Errorf("%v: %s", err, line)
		}
	}
}
