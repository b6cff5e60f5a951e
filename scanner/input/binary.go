package input

import "bytes"

// foreign is a kind of file that holds no lines of text.
type foreign struct{ what, advice string }

// looksForeign knows by their first bytes the files people hand over in place
// of a list.
func looksForeign(sample []byte) (foreign, bool) {
	begins := func(magic string) bool { return bytes.HasPrefix(sample, []byte(magic)) }
	switch {
	case begins("PK\x03\x04"):
		return insideZip(sample), true
	case begins("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
		return foreign{"an old Excel or Word file", "open it and save it as CSV (UTF-8)"}, true
	case len(sample) > 262 && string(sample[257:262]) == "ustar":
		return foreign{"a tar archive", "unpack it and name the list inside"}, true
	case packed(sample) != "": // twice, or it would have been unpacked
		return foreign{"a compressed file inside another", "unpack it once on the way: gzip -dc FILE | mxvet verify -f -"}, true
	case begins("\xfd7zXZ\x00"):
		return foreign{"xz", "unpack it on the way: xz -dc FILE | mxvet verify -f -"}, true
	case begins("BZh") && len(sample) > 9 && string(sample[4:10]) == "1AY&SY":
		return foreign{"bzip2", "unpack it on the way: bzip2 -dc FILE | mxvet verify -f -"}, true
	case begins("7z\xbc\xaf\x27\x1c"):
		return foreign{"a 7-Zip archive", "unpack it and name the list inside"}, true
	case begins("%PDF-"):
		return foreign{"PDF", "export the list as text or CSV"}, true
	case begins("SQLite format 3\x00"):
		return foreign{"an SQLite database", "export the table as CSV: sqlite3 -csv -header FILE 'select ...'"}, true
	case begins("\xff\xfe\x00\x00"), begins("\x00\x00\xfe\xff"):
		return foreign{"UTF-32 text", "convert it: iconv -f UTF-32 -t UTF-8 FILE"}, true
	}
	return looksMarkup(sample)
}

// insideZip tells workbooks from other ZIP archives: both office formats put
// a name that gives them away into the first entries.
func insideZip(sample []byte) foreign {
	switch {
	case bytes.Contains(sample, []byte("opendocument")):
		return foreign{"an OpenDocument file", "open it and save it as CSV (UTF-8)"}
	case bytes.Contains(sample, []byte("[Content_Types].xml")), bytes.Contains(sample, []byte("xl/")):
		return foreign{"an Excel workbook (xlsx)", "open it and save it as CSV (UTF-8)"}
	}
	return foreign{"a ZIP archive", "unpack it and name the list inside"}
}

// looksMarkup knows web pages and XML, which some shops send under the name
// of a table.
func looksMarkup(sample []byte) (foreign, bool) {
	start := bytes.ToLower(bytes.TrimSpace(sample[:min(len(sample), 256)]))
	start = bytes.TrimPrefix(start, []byte("\xef\xbb\xbf"))
	switch {
	case bytes.HasPrefix(start, []byte("<!doctype html")), bytes.HasPrefix(start, []byte("<html")):
		return foreign{"a web page (HTML)", "open it in a spreadsheet and save it as CSV (UTF-8)"}, true
	case bytes.HasPrefix(start, []byte("<?xml")):
		return foreign{"XML", "open it in a spreadsheet and save it as CSV (UTF-8)"}, true
	}
	return foreign{}, false
}
