package probe_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/mxvet/mxvet/mx/address"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/smtptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// planFor is a plan whose dialer is given, trusting nobody.
func planFor(dial probe.DialFunc) probe.Plan {
	return probe.Plan{
		Dial:      dial,
		Addr:      netip.MustParseAddrPort("192.0.2.1:25"),
		Host:      "mx.example",
		HelloName: "me.example",
		Roots:     x509.NewCertPool(),
	}
}

// script is a plan for a server that plays a script once.
func script(t testing.TB, text string) probe.Plan {
	t.Helper()
	conn := smtptest.Dialogue(t, text)
	return planFor(func(context.Context, string, string) (net.Conn, error) { return conn, nil })
}

// server is a plan for a server of a character, dialled any number of times.
func server(t testing.TB, character smtptest.Character) probe.Plan {
	t.Helper()
	s := &smtptest.Server{Character: character}
	var wait sync.WaitGroup
	t.Cleanup(wait.Wait)
	return planFor(func(context.Context, string, string) (net.Conn, error) {
		near, far := smtptest.Pipe(nil, nil)
		wait.Go(func() {
			if character.StartTLS == implicit {
				s.ServeTLS(far)
			} else {
				s.Serve(far)
			}
		})
		return near, nil
	})
}

// implicit makes server speak TLS from the first octet.
const implicit smtptest.StartTLS = "implicit"

func mustOpen(t testing.TB, plan probe.Plan) *probe.Session {
	t.Helper()
	session, err := probe.Open(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	return session
}

// mustFail opens a session that cannot be opened.
func mustFail(t testing.TB, plan probe.Plan) *probe.Failure {
	t.Helper()
	session, err := probe.Open(t.Context(), plan)
	if session != nil {
		session.Close()
	}
	return failure(t, err)
}

func failure(t testing.TB, err error) *probe.Failure {
	t.Helper()
	failed, ok := errors.AsType[*probe.Failure](err)
	if !ok {
		t.Fatalf("got %v, want a *Failure", err)
	}
	if failed.Server.Failure == nil {
		t.Fatal("the server's facts do not say what ended the conversation")
	}
	return failed
}

// asked is questions about mailboxes of one list, parted by blanks.
func asked(t testing.TB, mailboxes string) []probe.Question {
	t.Helper()
	var questions []probe.Question
	for text := range strings.FieldsSeq(mailboxes) {
		questions = append(questions, probe.Question{Kind: probe.AddressKind, Mailbox: mailbox(t, text)})
	}
	return questions
}

func mailbox(t testing.TB, text string) address.Address {
	t.Helper()
	parsed, err := address.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// short is an outcome in one line: stage, what came of it, meaning, and the
// sender where it is not the null sender; "-" for a question not asked.
func short(o probe.Outcome) string {
	if o == (probe.Outcome{}) {
		return "-"
	}
	line := string(o.Stage)
	if o.Code != 0 {
		line += fmt.Sprintf(" %d", o.Code)
	}
	for _, word := range []string{o.Enhanced, string(o.Cause), string(o.Meaning)} {
		if word != "" {
			line += " " + word
		}
	}
	if o.Sender != "" {
		line += " from " + o.Sender
	}
	return line
}

func wantOutcomes(t testing.TB, got []probe.Outcome, want ...string) {
	t.Helper()
	lines := make([]string, len(got))
	for i, o := range got {
		lines[i] = short(o)
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("outcomes, -want +got:\n%s", diff)
	}
}

func wantFailure(t testing.TB, got *probe.Failure, want string) {
	t.Helper()
	if line := short(got.Outcome); line != want {
		t.Errorf("got the failure %q (%s), want %q", line, got.Outcome.Text, want)
	}
	if got.Outcome.Kind != "" && got.Outcome.Stage == "" {
		t.Errorf("a failure without a stage: %+v", got.Outcome)
	}
}

func configFor(certificate tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{certificate}}
}

// addressed is a plan for another port.
func addressed(plan probe.Plan, port uint16) probe.Plan {
	plan.Addr = netip.AddrPortFrom(plan.Addr.Addr(), port)
	return plan
}
