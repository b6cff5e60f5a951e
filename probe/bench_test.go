package probe_test

import (
	"fmt"
	"testing"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtptest"
)

// BenchmarkSession opens a session, asks for 100 mailboxes in one batch and
// says goodbye, in clear text over a Pipe. The double's own work is in it.
func BenchmarkSession(b *testing.B) {
	plan := server(b, smtptest.Character{StartTLS: smtptest.TLSNone})
	questions := hundred(b)
	b.ReportAllocs()
	for b.Loop() {
		session := mustOpen(b, plan)
		if _, err := session.Ask(b.Context(), questions); err != nil {
			b.Fatal(err)
		}
		session.Close()
	}
}

// BenchmarkAsk asks for 100 mailboxes in a session that is open, inside TLS.
func BenchmarkAsk(b *testing.B) {
	session := mustOpen(b, server(b, smtptest.Character{}))
	defer session.Close()
	questions := hundred(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := session.Ask(b.Context(), questions); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOverlap asks for 100 mailboxes in ten rounds, all posted before the
// first is answered, as for ten domains of one server.
func BenchmarkOverlap(b *testing.B) {
	session := mustOpen(b, server(b, smtptest.Character{StartTLS: smtptest.TLSNone}))
	defer session.Close()
	questions := hundred(b)
	b.ReportAllocs()
	for b.Loop() {
		for i := 0; i < len(questions); i += 10 {
			session.Post(b.Context(), questions[i:i+10])
		}
		for i := 0; i < len(questions); i += 10 {
			if _, err := session.Next(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func hundred(b *testing.B) []probe.Question {
	questions := make([]probe.Question, 100)
	for i := range questions {
		questions[i] = probe.Question{Kind: probe.AddressKind, Mailbox: mailbox(b, fmt.Sprintf("user%02d@mx.example", i))}
	}
	return questions
}
