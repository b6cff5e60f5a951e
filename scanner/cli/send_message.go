package cli

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"mime"
	"mime/multipart"
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
