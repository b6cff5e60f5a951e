package smtptest

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// Dialogue returns the client's end of a Pipe whose other end plays the script,
// one instruction a line:
//
//	S: 220 mx.example ESMTP   the server sends this line and CRLF
//	S< 220 mx\x00\n           it sends this text as it stands, Go escapes read, no CRLF added
//	C: EHLO me.example        the client must say exactly this line
//	C~ EHLO .+                the client must say a line that the whole expression matches
//	C| RCPT TO:<a@b.example>  as C:, and it must have come in the same write as the line before
//	W: 6s                     the server waits (time.Sleep: no time at all in a synctest bubble)
//	TLS: mx.example           TLS handshake, self-signed certificate for these names (default
//	                          mx.example); with the word "expired", one that ended yesterday
//	TLS! mx.example           the same, and the client must break the handshake off; ends the script
//	X:                        the server closes; ends the script
//	# why                     a comment; blank lines and indentation count for nothing
//
// A line that differs fails the test with its number in the script. After the
// last line the server stays silent until the client closes, and whatever the
// client says then fails the test. At the end of the test it fails for lines
// left unplayed; what the server sends to a client already gone counts as
// played, as it does on a socket. The client's end is closed and the goroutine
// ended by tb.Cleanup.
func Dialogue(tb testing.TB, script string) net.Conn {
	tb.Helper()
	steps, err := parseScript(script)
	if err != nil {
		tb.Fatal(err)
	}
	client, server := Pipe(nil, nil)
	d := &dialogue{conn: server, reader: bufio.NewReaderSize(server, window), ended: make(chan struct{})}
	var wait sync.WaitGroup
	wait.Go(func() {
		defer server.Close()
		if err := d.play(steps); err != nil {
			tb.Errorf("smtptest: %v", err)
		}
	})
	tb.Cleanup(func() {
		close(d.ended)
		client.Close()
		wait.Wait()
	})
	return client
}

// dialogue is a script being played.
type dialogue struct {
	conn   net.Conn
	reader *bufio.Reader
	ended  chan struct{} // closed when the test is over
}

func (d *dialogue) play(steps []step) error {
	for _, s := range steps {
		if err := d.step(s); err != nil {
			return fmt.Errorf("line %d: %w", s.number, err)
		}
	}
	if n := len(steps); n > 0 && (steps[n-1].verb == "X:" || steps[n-1].verb == "TLS!") {
		return nil
	}
	if line, err := d.line(); line != "" || err == nil {
		return fmt.Errorf("after the script's end: the client says %q", line)
	}
	return nil
}

func (d *dialogue) step(s step) error {
	switch s.verb {
	case "S:":
		return d.send(s.text + "\r\n")
	case "S<":
		return d.send(s.text)
	case "C:", "C~", "C|":
		return d.expect(s)
	case "W:":
		d.pause(s.wait)
	case "TLS:":
		return d.handshake(s.text)
	case "TLS!":
		if err := d.handshake(s.text); err == nil {
			return errors.New("wanted the client to break the TLS handshake off, it went through")
		}
	}
	return nil
}

// send writes to the client; that it is gone is no fault here, for on a socket
// the server would not know yet.
func (d *dialogue) send(text string) error {
	d.conn.Write([]byte(text))
	return nil
}

func (d *dialogue) expect(s step) error {
	together := d.reader.Buffered() > 0
	got, err := d.line()
	switch {
	case err != nil && got == "":
		return fmt.Errorf("wanted %q, got the end: %w", s.String(), err)
	case err != nil:
		return fmt.Errorf("wanted %q, got %q without CRLF: %w", s.String(), got, err)
	case s.expect != nil && !s.expect.MatchString(got), s.expect == nil && got != s.text:
		return fmt.Errorf("wanted %q, got %q", s.String(), got)
	case s.verb == "C|" && !together:
		return fmt.Errorf("wanted %q in one write with the line before, it came alone", s.String())
	}
	return nil
}

// line reads to CRLF; a bare LF stays part of the line, so that a client that
// sends one is found out.
func (d *dialogue) line() (string, error) {
	var line strings.Builder
	for {
		part, err := d.reader.ReadString('\n')
		line.WriteString(part)
		if err != nil {
			return line.String(), err
		}
		if text, ok := strings.CutSuffix(line.String(), "\r\n"); ok {
			return text, nil
		}
	}
}

// pause waits, but not beyond the end of the test.
func (d *dialogue) pause(wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-d.ended:
	}
}

func (d *dialogue) handshake(text string) error {
	var options CertificateOptions
	for word := range strings.FieldsSeq(text) {
		if word == "expired" {
			options.Expired = true
		} else {
			options.Names = append(options.Names, word)
		}
	}
	made, err := NewCertificate(options)
	if err != nil {
		return err
	}
	conn := tls.Server(buffered{d.conn, d.reader}, &tls.Config{Certificates: []tls.Certificate{made}, MinVersion: tls.VersionTLS10})
	if err := conn.Handshake(); err != nil {
		return fmt.Errorf("TLS handshake: %w", err)
	}
	d.conn, d.reader = conn, bufio.NewReaderSize(conn, window)
	return nil
}

// buffered is a connection of which some octets were read ahead.
type buffered struct {
	net.Conn
	io.Reader
}

func (b buffered) Read(p []byte) (int, error) { return b.Reader.Read(p) }
