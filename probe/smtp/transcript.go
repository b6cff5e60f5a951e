package smtp

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// maxTranscript bounds a Transcript: its text, and 16 octets for each line.
const maxTranscript = 256 << 10

// redacted stands where a secret was said.
const redacted = "[redacted]"

// Speaker is who said a line.
type Speaker string

const (
	ClientSaid Speaker = "C"
	ServerSaid Speaker = "S"
	Noted      Speaker = "*" // not said: a TLS handshake, octets thrown away
)

// Entry is one line of a conversation, without its end, secrets replaced.
type Entry struct {
	At   time.Duration // since the Client was made
	From Speaker
	Text string // as it came: not fit for a terminal before String escaped it
}

// String is the line as a transcript shows it, control characters escaped:
// "   0.031 S: 250 ok".
func (e Entry) String() string {
	return fmt.Sprintf("%8.3f %s: %s", e.At.Seconds(), e.From, escape(e.Text))
}

// Transcript keeps what was said: one conversation each. The zero value is
// ready. It is not safe for use from several goroutines.
type Transcript struct {
	entries []Entry
	size    int
	full    bool
}

// Entries returns what was kept, in order.
func (t *Transcript) Entries() []Entry { return t.entries }

// Full reports whether lines were dropped, because 256 KiB were kept already.
func (t *Transcript) Full() bool { return t.full }

func (t *Transcript) add(entry Entry) {
	if t.full {
		return
	}
	if t.size += len(entry.Text) + 16; t.size > maxTranscript {
		t.full = true
		entry = Entry{At: entry.At, From: Noted, Text: "transcript full: the rest was not kept"}
	}
	t.entries = append(t.entries, entry)
}

// WriteTo prints the conversation, one entry a line.
func (t *Transcript) WriteTo(w io.Writer) (int64, error) {
	var total int64
	for _, entry := range t.entries {
		n, err := io.WriteString(w, entry.String()+"\n")
		total += int64(n)
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// escape makes server text harmless for a terminal: controls, C1 controls among
// them, and what is not UTF-8 are shown as escapes, and so is the backslash, so
// that no text looks like an escape that was not one.
func escape(text string) string {
	plain := func(r rune) bool { return r >= ' ' && r <= '~' && r != '\\' }
	if strings.IndexFunc(text, func(r rune) bool { return !plain(r) }) < 0 {
		return text
	}
	quoted := fmt.Sprintf("%q", text)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

// recorder passes lines to the transcript and the trace.
type recorder struct {
	start      time.Time
	transcript *Transcript
	trace      func(Entry)
	secret     bool // what is said now is between client and server
}

func (r *recorder) on() bool { return r.transcript != nil || r.trace != nil }

func (r *recorder) record(from Speaker, text string) {
	if !r.on() {
		return
	}
	entry := Entry{At: time.Since(r.start), From: from, Text: text}
	if r.transcript != nil {
		r.transcript.add(entry)
	}
	if r.trace != nil {
		r.trace(entry)
	}
}

// said records a command.
func (r *recorder) said(line string) {
	if r.on() {
		r.record(ClientSaid, r.redact(line))
	}
}

// heard records a line of a reply. A 334 is a challenge, which with its answer
// would do for guessing the password at leisure.
func (r *recorder) heard(line []byte) {
	text := string(line)
	if strings.HasPrefix(text, "334") && len(text) > 4 {
		text = text[:4] + redacted
	}
	r.record(ServerSaid, text)
}

// redact leaves AUTH and its mechanism, and of the exchange that follows nothing.
func (r *recorder) redact(line string) string {
	words := strings.Fields(line)
	switch {
	case len(words) > 2 && upper(words[0]) == "AUTH":
		return words[0] + " " + words[1] + " " + redacted
	case r.secret && (len(words) == 0 || upper(words[0]) != "AUTH"):
		return redacted
	}
	return line
}
