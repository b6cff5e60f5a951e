package audit

import (
	"slices"
	"testing"

	"github.com/mxvet/mxvet/mx/dane"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// forgetting are the ways in which one fact comes not to have been measured.
func forgetting() map[string]func(*world) {
	server := func(forget func(*scanner.ServerRow)) func(*world) {
		return func(w *world) {
			for _, row := range w.servers {
				forget(row)
			}
		}
	}
	all := map[string]func(*world){
		"a refusal": server(func(s *scanner.ServerRow) {
			if s.Reachable == probe.No {
				s.Reachable, s.Why = probe.Inconclusive, "no answer"
			}
		}),
		"greeting": server(func(s *scanner.ServerRow) { s.Greeting, s.GreetingMS = nil, nil }),
		"the list in clear": server(func(s *scanner.ServerRow) {
			s.Plain = nil
			if s.StartTLS == probe.No {
				s.StartTLS = probe.Inconclusive
			}
		}),
		"handshake": server(func(s *scanner.ServerRow) {
			s.TLS, s.Encrypted, s.StartTLS, s.SNIRefused = nil, nil, probe.Inconclusive, false
		}),
		"certificate": server(func(s *scanner.ServerRow) { forgetChain(s) }),
		"words":       server(func(s *scanner.ServerRow) { s.Vrfy, s.Expn, s.Help, s.Oddities, s.Injected = nil, nil, nil, nil, "" }),
		"failure":     server(func(s *scanner.ServerRow) { s.Failure = nil }),
		"sweep":       server(func(s *scanner.ServerRow) { s.Sweep = nil }),
		"conduct":     server(func(s *scanner.ServerRow) { s.Conduct = nil }),
		"trials":      server(func(s *scanner.ServerRow) { s.Conduct = &probe.Conduct{} }),
		"names":       server(func(s *scanner.ServerRow) { s.Reverse, s.Listed = nil, nil }),
		"servers":     func(w *world) { w.servers = nil },
		"addresses": func(w *world) {
			w.servers = nil
			for i := range w.domain.Route.Hosts {
				h := &w.domain.Route.Hosts[i]
				h.Addresses, h.DNS, h.Faults = nil, resolver.Timeout, nil
			}
		},
		"route": func(w *world) {
			w.servers, w.domain.Route = nil, scanner.RouteFacts{Source: "none", DNS: resolver.Timeout}
		},
		"TLS-RPT":    func(w *world) { w.domain.TLSRPT = nil },
		"BIMI":       func(w *world) { w.domain.BIMI = nil },
		"CAA":        func(w *world) { w.domain.CAA = nil },
		"DKIM":       func(w *world) { w.domain.DKIM = nil },
		"SPF":        func(w *world) { w.domain.SPF = nil },
		"DMARC":      func(w *world) { w.domain.DMARC = nil },
		"MTA-STS":    func(w *world) { w.domain.MTASTS = nil },
		"deliveries": func(w *world) { w.domain.Deliveries = nil },
		"matches": func(w *world) {
			for i := range w.domain.DANE {
				w.domain.DANE[i].Matches = nil
			}
		},
		"trust in the resolver": func(w *world) {
			w.domain.Route.Secure = false
			for i := range w.domain.DANE {
				w.domain.DANE[i] = dane.Facts{Host: w.domain.DANE[i].Host, Port: 25, Status: dane.Untrusted}
			}
		},
		"policy text": func(w *world) {
			if w.domain.MTASTS != nil {
				w.domain.MTASTS.Fetch = nil
			}
		},
		"fares": func(w *world) {
			for i := range w.domain.Deliveries {
				w.domain.Deliveries[i] = judge.Delivery{Host: w.domain.Deliveries[i].Host}
			}
		},
	}
	return all
}

func forgetChain(s *scanner.ServerRow) {
	if s.TLS != nil {
		s.TLS.Certificates, s.TLS.Staple, s.TLS.PKIX.Status = nil, nil, ""
	}
}

// What is forgotten never makes a finding: whatever one specimen has wrong with
// it, and whichever fact is then not measured, no other check begins to fire.
func TestForgettingIsSilent(t *testing.T) {
	// A certificate that DANE vouched for is judged by itself where DANE's word is
	// missing: the fault was there before.
	spared := []string{"cert_expired", "cert_expiring", "cert_not_yet_valid", "cert_name_mismatch", "cert_self_signed", "cert_untrusted"}
	// And a sweep, or a policy that was found without its record, had more to say
	// about what was measured all the same.
	spared = append(spared, "tls_no_post_quantum", "mta_sts_absent")
	for _, s := range specimens() {
		before := sound()
		s.infect(before)
		known := append(ids(before.findings(t)), spared...)
		for name, forget := range forgetting() {
			w := sound()
			s.infect(w)
			forget(w)
			for _, id := range ids(w.findings(t)) {
				if !slices.Contains(known, id) {
					t.Errorf("%s, and %s not measured: %s fires", s.id, name, id)
				}
			}
		}
	}
}
