package cli

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/textproto"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/mxvet/mxvet/mx/address"
)

// letter is what a message is made of where no file has it whole.
type letter struct {
	from        address.Address
	sender      bool // there is a from: the null sender has none
	to          []address.Address
	subject     string
	body        string
	attachments []attachment
	at          time.Time
	host        string // ours, the right half of the Message-ID
}

// attachment is a file's name, without its folder, and its octets.
type attachment struct {
	name string
	data []byte
}

// compose writes the message of a letter, with CRLF.
func (l *letter) compose() ([]byte, error) {
	var content bytes.Buffer
	header := []string{l.field("From"), l.field("To"), l.field("Date"), l.field("Message-ID"), "MIME-Version: 1.0"}
	if l.subject != "" {
		header = slices.Insert(header, 2, "Subject: "+encoded(l.subject))
	}
	if len(l.attachments) == 0 {
		kind, encoding := textKind(l.body)
		header = append(header, "Content-Type: "+kind, "Content-Transfer-Encoding: "+encoding)
		if err := writeText(&content, l.body, encoding); err != nil {
			return nil, err
		}
	} else {
		parts := multipart.NewWriter(&content)
		header = append(header, fmt.Sprintf("Content-Type: multipart/mixed;\r\n boundary=%q", parts.Boundary()))
		if err := l.parts(parts); err != nil {
			return nil, err
		}
	}
	head := strings.Join(header, "\r\n") + "\r\n\r\n"
	return append([]byte(head), content.Bytes()...), nil
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

// complete puts the fields that a message lacks in front of it and leaves every
// octet of it as it is. Text that does not begin with a field is all body.
func (l *letter) complete(message []byte) []byte {
	present, headed := fieldsOf(message)
	var added strings.Builder
	for _, name := range []string{"From", "To", "Date", "Message-ID"} {
		if !present[strings.ToLower(name)] {
			added.WriteString(l.field(name) + "\r\n")
		}
	}
	if !headed {
		added.WriteString("\r\n")
	}
	return append([]byte(added.String()), message...)
}

// field is one of the fields that every message has (RFC 5322 s3.6).
func (l *letter) field(name string) string {
	switch name {
	case "From":
		if !l.sender {
			return "From: MAILER-DAEMON@" + l.right()
		}
		return "From: " + l.from.String()
	case "To":
		return "To: " + strings.Join(texts(l.to), ",\r\n ")
	case "Date":
		return "Date: " + l.at.Format("Mon, 02 Jan 2006 15:04:05 -0700")
	default:
		return fmt.Sprintf("Message-ID: <%s.%s@%s>", l.at.UTC().Format("20060102150405"), rand.Text()[:16], l.right())
	}
}

// right is what stands behind the @ in names that we make. An address literal
// in brackets is allowed there (RFC 5322 s3.6.4).
func (l *letter) right() string {
	if l.host != "" {
		return l.host
	}
	return "localhost"
}

// encoded makes words ASCII where they are not (RFC 2047).
func encoded(text string) string {
	return strings.ReplaceAll(mime.QEncoding.Encode("utf-8", text), "?= =?", "?=\r\n =?")
}

// fieldsOf names the fields of a message's header in lower case, and says
// whether it has a header at all; an empty one is one.
func fieldsOf(message []byte) (present map[string]bool, headed bool) {
	present = make(map[string]bool)
	for line := range bytes.Lines(message) {
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case len(line) == 0:
			return present, true
		case headed && (line[0] == ' ' || line[0] == '\t'):
			continue // folded
		}
		name, _, ok := bytes.Cut(line, []byte(":"))
		name = bytes.TrimRight(name, " \t") // obsolete, and still a field (RFC 5322 s4.5.8)
		if !ok || !isFieldName(name) {
			return present, headed
		}
		headed = true
		present[strings.ToLower(string(name))] = true
	}
	return present, headed
}

// isFieldName allows printable ASCII but the colon (RFC 5322 s3.6.8).
func isFieldName(name []byte) bool {
	return len(name) > 0 && bytes.IndexFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

func texts(addresses []address.Address) []string {
	out := make([]string, len(addresses))
	for i, one := range addresses {
		out[i] = one.String()
	}
	return out
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
