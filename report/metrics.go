package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
)

// NewMetrics writes at Close what a run found in Prometheus' text format, for
// the node exporter's textfile collector: gauges of this run, which the next one
// replaces. A fact that was not measured has no sample.
func NewMetrics(w io.Writer) Writer {
	m := &metrics{w: w, registry: prometheus.NewRegistry()}
	server := []string{"host", "ip", "port"}
	m.up = m.gauge("server_up", "whether the server greeted us", server...)
	m.startTLS = m.gauge("server_starttls", "whether STARTTLS is offered", server...)
	m.tls = m.gauge("server_tls_info", "what the handshake agreed on; always 1", append(server, "version", "cipher", "group")...)
	m.trusted = m.gauge("server_certificate_valid", "whether the certificate is valid for the host's name", server...)
	m.expiry = m.gauge("server_certificate_expiry_timestamp_seconds", "when the certificate ends", server...)
	m.greeting = m.gauge("server_greeting_seconds", "from connected to the end of the greeting", server...)
	m.promise = m.gauge("domain_promise", "whether the record is there: mta_sts, tls_rpt, spf, dmarc, bimi", "domain", "promise")
	m.findings = m.gauge("findings", "findings by severity, accepted ones left out", "severity")
	m.finding = m.gauge("finding_info", "one finding; always 1", "id", "severity", "domain", "host", "ip", "port")
	m.verdicts = m.gauge("verdicts", "addresses by verdict and reason", "verdict", "reason")
	m.finished = m.gauge("run_finished_timestamp_seconds", "when the run ended")
	m.whole = m.gauge("run_complete", "whether the run was not cut short")
	return m
}

type metrics struct {
	w                                            io.Writer
	registry                                     *prometheus.Registry
	up, startTLS, tls, trusted, expiry, greeting *prometheus.GaugeVec
	promise, findings, finding, verdicts         *prometheus.GaugeVec
	finished, whole                              *prometheus.GaugeVec
}

func (m *metrics) gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	vec := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "mxvet", Name: name, Help: help}, labels)
	m.registry.MustRegister(vec)
	return vec
}

func (m *metrics) Put(row scanner.Row) error {
	switch row := row.(type) {
	case *scanner.ServerRow:
		m.server(&row.Server)
	case *scanner.DomainRow:
		m.domain(row)
	case *scanner.FindingRow:
		if !row.Accepted {
			m.findings.WithLabelValues(string(row.Severity)).Inc()
			ip, port := "", ""
			if row.IP.IsValid() {
				ip, port = row.IP.String(), strconv.Itoa(int(row.Port))
			}
			m.finding.WithLabelValues(row.ID, string(row.Severity), label(row.Domain), label(row.Host), ip, port).Set(1)
		}
	case *scanner.VerdictRow:
		m.verdicts.WithLabelValues(string(row.Verdict), string(row.Reason)).Inc()
	case *scanner.RunRow:
		m.finished.WithLabelValues().Set(float64(row.FinishedAt.Unix()))
		m.whole.WithLabelValues().Set(oneIf(!row.Interrupt))
	}
	return nil
}

func (m *metrics) server(s *probe.Server) {
	where := []string{label(s.Host), s.IP.String(), strconv.Itoa(int(s.Port))}
	if s.Reachable != probe.Inconclusive {
		m.up.WithLabelValues(where...).Set(oneIf(s.Reachable == probe.Yes))
	}
	if s.StartTLS != probe.Inconclusive && s.Plain != nil {
		m.startTLS.WithLabelValues(where...).Set(oneIf(s.StartTLS == probe.Yes))
	}
	if s.GreetingMS != nil {
		m.greeting.WithLabelValues(where...).Set(float64(*s.GreetingMS) / 1000)
	}
	if s.TLS == nil {
		return
	}
	m.tls.WithLabelValues(append(slices.Clone(where), s.TLS.Version, s.TLS.Cipher, s.TLS.Group)...).Set(1)
	m.trusted.WithLabelValues(where...).Set(oneIf(s.TLS.PKIX.Status == "valid"))
	if len(s.TLS.Certificates) > 0 {
		m.expiry.WithLabelValues(where...).Set(float64(s.TLS.Certificates[0].NotAfter.Unix()))
	}
}

func (m *metrics) domain(row *scanner.DomainRow) {
	promise := func(name string, asked bool, presence func() resolver.Presence) {
		if asked && presence() != resolver.Unproven {
			m.promise.WithLabelValues(label(row.Domain), name).Set(oneIf(presence() == resolver.Present))
		}
	}
	promise("mta_sts", row.MTASTS != nil, func() resolver.Presence { return row.MTASTS.Presence })
	promise("tls_rpt", row.TLSRPT != nil, func() resolver.Presence { return row.TLSRPT.Presence })
	promise("spf", row.SPF != nil, func() resolver.Presence { return row.SPF.Presence })
	promise("dmarc", row.DMARC != nil, func() resolver.Presence { return row.DMARC.Presence })
	promise("bimi", row.BIMI != nil, func() resolver.Presence { return row.BIMI.Presence })
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// label makes text of strangers fit for a label, which must be UTF-8.
func label(text string) string { return strings.ToValidUTF8(Escaped(text), "?") }

func (m *metrics) Close() error {
	families, err := m.registry.Gather()
	if err != nil {
		return err
	}
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(m.w, family); err != nil {
			return fmt.Errorf("report: %w", err)
		}
	}
	return nil
}
