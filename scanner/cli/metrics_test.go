//go:build unix

package cli_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/mxvet/mxvet/scanner/cli"
)

// freePort is a port of this machine that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}

// TestMetrics scrapes a run at the end of each of its conversations.
func TestMetrics(t *testing.T) {
	r := newLongRun(t)
	port := freePort(t)
	var scraped string
	stderr := &watcher{word: "221 ", seen: func() {
		response, err := http.Get("http://127.0.0.1:" + port + "/metrics")
		if err != nil {
			t.Error(err)
			return
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusOK {
			t.Errorf("status %s: %v", response.Status, err)
		}
		scraped = string(text)
	}}
	if status := cli.Run(t.Context(), r.args("out.csv", "-v", "--metrics", ":"+port), nil, io.Discard, stderr); status != 0 {
		t.Fatalf("exit status %d", status)
	}
	for name, least := range map[string]float64{
		"mxvet_rows_read_total":     longRows,
		"mxvet_domains_total":       longDomains,
		"mxvet_conversations_total": longDomains,
		"mxvet_dns_questions_total": longDomains,
		"mxvet_answers_total":       longRows,
		"mxvet_commands_total":      longRows - 2*longPeople,
		`mxvet_verdicts_total{reason="accepted",verdict="deliverable"}`:          1,
		`mxvet_verdicts_total{reason="mailbox_unknown",verdict="undeliverable"}`: 1,
		`mxvet_reply_seconds_count{stage="rcpt"}`:                                longRows,
		`mxvet_reply_seconds_count{stage="greeting"}`:                            longDomains,
		`mxvet_reply_seconds_count{stage="hello"}`:                               longDomains,
		`mxvet_reply_seconds_count{stage="quit"}`:                                longDomains - 1,
		`mxvet_reply_seconds_sum{stage="rcpt"}`:                                  0.008 * longDomains,
		`mxvet_mailboxes_queued`:                                                 0,
		`mxvet_mailboxes_deferred`:                                               0,
		`mxvet_mailboxes_open`:                                                   0,
	} {
		if got, found := metric(t, scraped, name); !found || got < least || least > 100 && got > 3*least {
			t.Errorf("%s is %v, want %v or a little more", name, got, least)
		}
	}
	if _, err := http.Get("http://127.0.0.1:" + port + "/metrics"); err == nil {
		t.Error("it serves on when the run has ended")
	}
}

// metric is a value in Prometheus' text format.
func metric(t *testing.T, text, name string) (float64, bool) {
	t.Helper()
	found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` (\S+)$`).FindStringSubmatch(text)
	if found == nil {
		return 0, false
	}
	value, err := strconv.ParseFloat(found[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return value, true
}

// TestMetricsOfTwoRuns has a run whose port is taken say so, before it asks
// anybody.
func TestMetricsOfTwoRuns(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	var stderr strings.Builder
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	status := cli.Run(ctx, []string{"verify", "--method", "syntax", "--metrics", taken.Addr().String(), "ann@example.org"}, nil, io.Discard, &stderr)
	want := "mxvet: --metrics " + taken.Addr().String() + ": bind: address already in use\nhint: another program has that port: choose another one\n"
	if status != 1 || stderr.String() != want {
		t.Errorf("exit status %d: %s", status, &stderr)
	}
}
