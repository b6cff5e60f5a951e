package cli

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/scanner"
)

// measured is the flag of commands whose counts can be scraped as they run.
type measured struct {
	address string
}

func (m *measured) flags(cmd *cobra.Command) {
	under(cmd, howToTell, func(f *pflag.FlagSet) {
		f.StringVar(&m.address, "metrics", "", "serve Prometheus metrics at `[ip]:port` while the run goes on (no ip: this machine only)")
	})
}

// metrics serves the counts of one run; nil serves none.
type metrics struct {
	server   *http.Server
	ended    chan error
	verdicts *prometheus.CounterVec
}

// serve begins to serve what a scanner counts, which it has count more.
func (m *measured) serve(ctx context.Context, s *scanner.Scanner) (*metrics, error) {
	if m.address == "" {
		return nil, nil
	}
	address, err := m.listenAt()
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, m.notServed(err)
	}
	if s.Watch == nil {
		s.Watch = new(scanner.Counters)
	}
	registry := prometheus.NewRegistry()
	served := &metrics{ended: make(chan error, 1)}
	served.verdicts = register(registry, s)
	handler := promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	routes := http.NewServeMux()
	routes.Handle("GET /metrics", handler)
	served.server = &http.Server{Handler: routes, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { served.ended <- served.server.Serve(listener) }()
	return served, nil
}

// listenAt is the address with this machine's own where none is named.
func (m *measured) listenAt() (string, error) {
	host, port, err := net.SplitHostPort(m.address)
	if err != nil && !strings.Contains(m.address, ":") {
		host, port, err = "", m.address, nil
	}
	if err != nil || port == "" || strings.Trim(port, "0123456789") != "" {
		return "", usage("--metrics %s: neither a port nor an address with one", m.address).hint("--metrics :9090 for this machine alone, --metrics 0.0.0.0:9090 for the network")
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}

func (m *measured) notServed(err error) error {
	advice := "an address of this machine, and a port above 1023"
	if errors.Is(err, syscall.EADDRINUSE) {
		advice = "another program has that port: choose another one"
	}
	if inner, ok := errors.AsType[*net.OpError](err); ok {
		err = inner.Err
	}
	return failed("--metrics %s: %w", m.address, err).hint("%s", advice)
}

// counting is a sink whose rows are counted once they are written.
func (m *metrics) counting(sink scanner.Sink) scanner.Sink {
	if m == nil {
		return sink
	}
	return &countingSink{sink, m.verdicts}
}

type countingSink struct {
	scanner.Sink
	verdicts *prometheus.CounterVec
}

func (c *countingSink) Put(row scanner.Row) error {
	err := c.Sink.Put(row)
	if verdict, ok := row.(*scanner.VerdictRow); ok && err == nil {
		c.verdicts.WithLabelValues(string(verdict.Verdict), string(verdict.Reason)).Inc()
	}
	return err
}

// close ends the serving, at once: whoever scrapes has had what there was.
func (m *metrics) close() {
	if m != nil {
		m.server.Close()
		<-m.ended
	}
}

// replyBuckets are those of reply times, in seconds: a local network answers in
// a millisecond, tarpits and greet delays in many seconds, and RFC 5321 s4.5.3.2
// has clients wait for five minutes.
func replyBuckets() []float64 {
	return []float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300}
}

// register puts the counts of a scanner into a registry, and returns the one
// that rows are counted in.
func register(registry *prometheus.Registry, s *scanner.Scanner) *prometheus.CounterVec {
	watch := s.Watch
	gauge := func(name, help string, value func() float64) {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
	}
	counter := func(name, help string, value func() int64) {
		registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(value()) }))
	}
	counter("mxvet_rows_read_total", "Lines of input read.", watch.Rows.Load)
	counter("mxvet_rows_written_total", "Rows written.", watch.Done.Load)
	counter("mxvet_domains_total", "Domains whose route is known.", watch.Domains.Load)
	counter("mxvet_conversations_total", "Connections tried.", watch.Conversations.Load)
	counter("mxvet_commands_total", "SMTP commands sent in conversations that have ended.", watch.Commands.Load)
	counter("mxvet_answers_total", "Questions about mailboxes that were answered.", watch.Asked.Load)
	if s.Queries != nil {
		counter("mxvet_dns_questions_total", "DNS questions sent.", s.Queries)
	}
	gauge("mxvet_conversations_open", "Conversations open now.", func() float64 { return float64(watch.Open.Load()) })
	backlog := func(of func(scanner.Backlog) int) func() float64 {
		return func() float64 {
			now, _ := watch.Backlog()
			return float64(of(now))
		}
	}
	gauge("mxvet_mailboxes_open", "Mailboxes that are not settled.", backlog(func(b scanner.Backlog) int { return b.Open }))
	gauge("mxvet_mailboxes_queued", "Mailboxes that wait to be asked now.", backlog(func(b scanner.Backlog) int { return b.Waiting }))
	gauge("mxvet_mailboxes_deferred", "Mailboxes that wait for their time, greylisted ones among them.", backlog(func(b scanner.Backlog) int { return b.Deferred }))

	replies := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "mxvet_reply_seconds", Help: "Time from a command to its reply, by stage.", Buckets: replyBuckets()}, []string{"stage"})
	watch.Replied = func(stage smtp.Stage, took time.Duration) {
		replies.WithLabelValues(string(stage)).Observe(took.Seconds())
	}
	verdicts := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "mxvet_verdicts_total", Help: "Rows written, by verdict and reason."}, []string{"verdict", "reason"})
	registry.MustRegister(replies, verdicts)
	return verdicts
}
