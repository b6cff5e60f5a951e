package input

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

const (
	encodingUTF8    = "utf-8"
	encodingUTF16LE = "utf-16le"
	encodingUTF16BE = "utf-16be"
	encodingLatin   = "windows-1252"
)

// detectEncoding tells the encoding of a sample and the length of its byte
// order mark. It is "" where the sample holds NUL bytes and is not UTF-16.
func detectEncoding(sample []byte) (encoding string, mark int) {
	switch {
	case bytes.HasPrefix(sample, []byte("\xef\xbb\xbf")):
		return encodingUTF8, 3
	case bytes.HasPrefix(sample, []byte("\xff\xfe")):
		return encodingUTF16LE, 2
	case bytes.HasPrefix(sample, []byte("\xfe\xff")):
		return encodingUTF16BE, 2
	case bytes.IndexByte(sample, 0) >= 0:
		return utf16ByZeros(sample), 0
	}
	good, bad := countSequences(sample)
	if bad > good {
		return encodingLatin, 0
	}
	return encodingUTF8, 0
}

// utf16ByZeros tells UTF-16 without a mark: digits, signs and line ends have a
// zero for their high byte, and all zeros stand on the same side.
func utf16ByZeros(sample []byte) string {
	var zeros [2]int
	for i, b := range sample {
		if b == 0 {
			zeros[i%2]++
		}
	}
	enough := max(1, len(sample)/2/5) // a fifth of the characters
	switch {
	case zeros[0] == 0 && zeros[1] >= enough:
		return encodingUTF16LE
	case zeros[1] == 0 && zeros[0] >= enough:
		return encodingUTF16BE
	}
	return ""
}

// countSequences counts the valid UTF-8 sequences of more than one byte, and
// the bytes that belong to no valid one. A sequence cut off by the sample's
// end is neither. Files of mixed parentage have both: the greater part names
// the file, and every line is decoded by itself (lineText).
func countSequences(sample []byte) (good, bad int) {
	for len(sample) > 0 {
		if sample[0] < utf8.RuneSelf {
			sample = sample[1:]
			continue
		}
		_, size := utf8.DecodeRune(sample)
		switch {
		case size > 1:
			good++
		case !utf8.FullRune(sample):
			return good, bad
		default:
			bad++
		}
		sample = sample[size:]
	}
	return good, bad
}

// utf8Reader gives UTF-8 for UTF-16, and r itself for encodings that have
// ASCII in them: those are decoded line by line.
func utf8Reader(r io.Reader, encoding string) io.Reader {
	switch encoding {
	case encodingUTF16LE:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder().Reader(r)
	case encodingUTF16BE:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder().Reader(r)
	}
	return r
}

// lineText decodes one line. A line that is not UTF-8 is Windows-1252 whatever
// the rest of the file is: files are put together from others, and a line of
// Windows-1252 with letters beyond ASCII is next to never valid UTF-8.
func lineText(line []byte) string {
	if utf8.Valid(line) {
		return string(line)
	}
	return latinText(line)
}

// latinText decodes Windows-1252, of which ISO 8859-1 text is a part.
func latinText(line []byte) string {
	var text strings.Builder
	text.Grow(len(line) + len(line)/8)
	for _, b := range line {
		text.WriteRune(charmap.Windows1252.DecodeByte(b))
	}
	return text.String()
}
