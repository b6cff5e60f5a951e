package smtp_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/probe/smtp"
)

func TestTranscript(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var kept smtp.Transcript
		var live []string
		client := opened(t, `
			S: 220-mx.example
			W: 6s
			S< 220 \x1b[31mred\x9b\xff\\x1b\r\n
			C: EHLO me.example
			W: 31ms
			S: 250 mx "quoted"
			C: MAIL FROM:<>
			S< 550 cut
			X:
		`, &smtp.Options{Transcript: &kept, Trace: func(entry smtp.Entry) { live = append(live, entry.String()) }})
		client.Mail(t.Context(), "")
		var text strings.Builder
		n, err := kept.WriteTo(&text)
		want := strings.Join([]string{
			`   0.000 S: 220-mx.example`,
			`   6.000 S: 220 \x1b[31mred\x9b\xff\\x1b`,
			`   6.000 C: EHLO me.example`,
			`   6.031 S: 250 mx "quoted"`,
			`   6.031 C: MAIL FROM:<>`,
			`   6.031 S: 550 cut`,
			``}, "\n")
		if diff := cmp.Diff(want, text.String()); diff != "" || err != nil || n != int64(len(want)) {
			t.Errorf("%d, %v, -want +got:\n%s", n, err, diff)
		}
		if diff := cmp.Diff(want, strings.Join(append(live, ""), "\n")); diff != "" {
			t.Errorf("trace, -want +got:\n%s", diff)
		}
	})
}

func TestTheTeaserIsTracedBeforeTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		greeted(t, "S: 220-mx\nW: 6s\nS: 220 mx", &smtp.Options{Trace: func(entry smtp.Entry) { at = append(at, entry.At) }})
		if diff := cmp.Diff([]time.Duration{0, 6 * time.Second}, at); diff != "" {
			t.Error(diff)
		}
	})
}

func TestSecretsStayOutOfTranscripts(t *testing.T) {
	var kept smtp.Transcript
	client := greeted(t, `
		S: 220 mx
		C: AUTH PLAIN AGEAczNjcjN0
		S: 334 czNjcjN0
		C: czNjcjN0
		S: 235 ok
		C: auth login czNjcjN0
		S: 535 no
		C: NOOP
		S: 250 ok
	`, &smtp.Options{Transcript: &kept})
	for _, step := range []struct {
		secret bool
		line   string
	}{{true, "AUTH PLAIN AGEAczNjcjN0"}, {true, "czNjcjN0"}, {false, "auth login czNjcjN0"}, {false, "NOOP"}} {
		client.Redact(step.secret)
		if _, err := client.Do(t.Context(), smtp.Command{Stage: smtp.Auth, Line: step.line}); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, entry := range kept.Entries() {
		got = append(got, string(entry.From)+": "+entry.Text)
	}
	want := []string{"S: 220 mx", "C: AUTH PLAIN [redacted]", "S: 334 [redacted]", "C: [redacted]", "S: 235 ok",
		"C: auth login [redacted]", "S: 535 no", "C: NOOP", "S: 250 ok"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	client.Redact(true)
	if _, err := client.Do(t.Context(), smtp.Command{Line: "czNj\ncjN0"}); err == nil || strings.Contains(err.Error(), "czNj") {
		t.Errorf("the error tells the secret: %v", err)
	}
}

func TestTranscriptIsBounded(t *testing.T) {
	var kept smtp.Transcript
	var script strings.Builder
	script.WriteString("S: 220 mx\n")
	for range 100 {
		script.WriteString("C: VRFY a\nS: 252 " + strings.Repeat("x", 3000) + "\n")
	}
	client := greeted(t, script.String(), &smtp.Options{Transcript: &kept})
	for range 100 {
		if _, err := client.Vrfy(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
	}
	size := 0
	for _, entry := range kept.Entries() {
		size += len(entry.Text)
	}
	last := kept.Entries()[len(kept.Entries())-1]
	if !kept.Full() || size > 256<<10 || size < 250<<10 || last.From != smtp.Noted {
		t.Errorf("full: %v, %d octets, the last is %v", kept.Full(), size, last)
	}
}
