package cli

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/textproto"
	"path/filepath"
	"strings"
)

// attachment is a file's name, without its folder, and its octets.
type attachment struct {
	name string
	data []byte
}

// parts writes the text and the attachments.
func (l *letter) parts(parts *multipart.Writer) error {
	kind, encoding := textKind(l.body)
	text, err := parts.CreatePart(textproto.MIMEHeader{"Content-Type": {kind}, "Content-Transfer-Encoding": {encoding}})
	if err != nil {
		return err
	}
	var body bytes.Buffer
	if err := writeText(&body, l.body, encoding); err != nil {
		return err
	}
	if _, err := text.Write(body.Bytes()); err != nil {
		return err
	}
	for _, attached := range l.attachments {
		part, err := parts.CreatePart(textproto.MIMEHeader{
			"Content-Type":              {kindOf(attached)},
			"Content-Disposition":       {mime.FormatMediaType("attachment", map[string]string{"filename": attached.name})},
			"Content-Transfer-Encoding": {"base64"},
		})
		if err != nil {
			return err
		}
		if _, err := part.Write(lines76(attached.data)); err != nil {
			return err
		}
	}
	return parts.Close()
}

// textKind is how a text travels: as it is where it is short lines of ASCII,
// else quoted-printable, which every server takes.
func textKind(text string) (kind, encoding string) {
	for line := range strings.Lines(text) {
		if len(strings.TrimRight(line, "\r\n")) > 998 || !isPlain(line) {
			return "text/plain; charset=utf-8", "quoted-printable"
		}
	}
	return "text/plain; charset=us-ascii", "7bit"
}

// isPlain allows what needs no encoding: tabs, line ends and printable ASCII.
func isPlain(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool {
		return r > '~' || r < ' ' && r != '\t' && r != '\r' && r != '\n'
	}) < 0
}

// writeText writes a body whose last line ends.
func writeText(w *bytes.Buffer, text, encoding string) error {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
	if text != "" && !strings.HasSuffix(text, "\r\n") {
		text += "\r\n"
	}
	if encoding != "quoted-printable" {
		w.WriteString(text)
		return nil
	}
	quoted := quotedprintable.NewWriter(w)
	if _, err := quoted.Write([]byte(text)); err != nil {
		return err
	}
	return quoted.Close()
}

// kindOf is the media type of an attachment by its name, else by its octets.
// Messages, and what has parts, may not travel in base64 (RFC 2046 s5.2.1,
// RFC 2045 s6.4), so they go as octets without meaning.
func kindOf(attached attachment) string {
	kind := cmp.Or(mime.TypeByExtension(filepath.Ext(attached.name)), http.DetectContentType(attached.data))
	if strings.HasPrefix(kind, "message/") || strings.HasPrefix(kind, "multipart/") {
		return "application/octet-stream"
	}
	return kind
}

// lines76 is base64 in lines as long as MIME allows (RFC 2045 s6.8).
func lines76(data []byte) []byte {
	const width = 76
	text := base64.StdEncoding.EncodeToString(data)
	var out bytes.Buffer
	out.Grow(len(text) + 2*(len(text)/width+1))
	for len(text) > width {
		out.WriteString(text[:width] + "\r\n")
		text = text[width:]
	}
	out.WriteString(text + "\r\n")
	return out.Bytes()
}
