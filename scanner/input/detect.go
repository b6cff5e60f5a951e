package input

import (
	"bytes"
	"path/filepath"
	"strings"
)

// file is a source on its way to being understood.
type file struct {
	name     string
	options  Options
	sampled  sampled // in UTF-8, or in an encoding that has ASCII in it
	encoding string
}

// hasExtension says whether the file's name ends in one of these.
func (f *file) hasExtension(extensions ...string) bool {
	extension := strings.ToLower(filepath.Ext(unpackedName(f.name)))
	for _, e := range extensions {
		if extension == e {
			return true
		}
	}
	return false
}

// crAlone says whether a CR ends a line by itself. In a table with other line
// ends it is part of a cell; no other format has a use for it.
func (f *file) crAlone(format Format) bool {
	return format != CSV || bytes.IndexByte(f.sampled.sample, '\n') < 0
}

// source decides the format and reads on in it.
func (f *file) source() (*Source, error) {
	switch format := f.options.Format; format {
	case Text:
		return f.textSource()
	case JSONL:
		return f.jsonlSource()
	case CSV:
		return f.csvSource(f.forcedTable())
	case "":
	default:
		return nil, &Error{Name: f.name, Reason: "unknown input format " + quotedList([]string{string(format)}), Advice: "formats are text, csv and jsonl"}
	}
	start := bytes.TrimLeft(f.sampled.sample, " \t\r\n")
	if beginsObject(start) || f.hasExtension(".jsonl", ".ndjson") && bytes.HasPrefix(start, []byte("{")) {
		return f.jsonlSource()
	}
	if beginsArray(start) {
		return nil, &Error{Name: f.name, Reason: "is one JSON array, not one object a line", Advice: "convert it: jq -c '.[]' FILE"}
	}
	if table, ok := f.findTable(); ok {
		return f.csvSource(table)
	}
	return f.textSource()
}

// beginsObject tells a JSON object from an address: "{" may begin a local part.
func beginsObject(start []byte) bool {
	inside, found := bytes.CutPrefix(start, []byte("{"))
	inside = bytes.TrimLeft(inside, " \t\r\n")
	return found && (len(inside) == 0 || inside[0] == '"' || inside[0] == '}')
}

// beginsArray tells a JSON array from an address literal: "[192.0.2.1]".
func beginsArray(start []byte) bool {
	inside, found := bytes.CutPrefix(start, []byte("["))
	inside = bytes.TrimLeft(inside, " \t\r\n")
	return found && len(inside) > 0 && (inside[0] == '{' || inside[0] == '"')
}
