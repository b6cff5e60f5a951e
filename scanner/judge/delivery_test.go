package judge

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/dane"
	"github.com/mxvet/mxvet/mx/mtasts"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/reply"
	"github.com/mxvet/mxvet/probe/smtp"
	"github.com/mxvet/mxvet/probe/tlsinfo"
)

// scene is a domain with one exchanger at which nothing is wrong: signed, with
// TLSA records that match, a policy in enforce mode and REQUIRETLS.
type scene struct {
	route    *mx.Route
	promises mx.Promises
	servers  []*probe.Server
}

func sound() *scene {
	route := routed("mx.example.org")
	route.Secure = true
	return &scene{
		route: route,
		promises: mx.Promises{
			MTASTS: policy(mtasts.Enforce, "*.example.org"),
			DANE:   []dane.Facts{tlsa(dane.Usable, "", dane.Match{IP: first, Verdict: dane.Matched, Records: []int{0}})},
		},
		servers: []*probe.Server{listening(first)},
	}
}

var first, second = netip.MustParseAddr("203.0.113.25"), netip.MustParseAddr("203.0.113.26")

func policy(mode mtasts.Mode, patterns ...string) *mtasts.Facts {
	age := int64(604800)
	return &mtasts.Facts{Presence: resolver.Present, Fetch: &mtasts.Fetch{Presence: resolver.Present, Mode: mode, MaxAge: &age, MX: patterns}}
}

func tlsa(status dane.Status, why string, matches ...dane.Match) dane.Facts {
	return dane.Facts{Host: "mx.example.org", Port: 25, Status: status, Why: why, Matches: matches}
}

// listening is a server at which nothing is wrong.
func listening(ip netip.Addr) *probe.Server {
	return &probe.Server{Host: "mx.example.org", IP: ip, Port: 25, TLSName: "mx.example.org", Reachable: probe.Yes, StartTLS: probe.Yes,
		Plain:     &probe.Hello{Verb: "EHLO", Extensions: smtp.ParseExtensions([]string{"mx.example.org", "STARTTLS"})},
		TLS:       &tlsinfo.Facts{Version: "TLSv1.3", PKIX: tlsinfo.PKIX{Status: tlsinfo.Valid}},
		Encrypted: &probe.Hello{Verb: "EHLO", Extensions: smtp.ParseExtensions([]string{"mx.example.org", "REQUIRETLS"})}}
}

// plaintext is one without STARTTLS.
func plaintext(ip netip.Addr) *probe.Server {
	s := listening(ip)
	s.StartTLS, s.TLSWhy, s.TLS, s.Encrypted = probe.No, "not offered", nil, nil
	return s
}

// refusing is one that closed on us.
func refusing(ip netip.Addr) *probe.Server {
	return &probe.Server{Host: "mx.example.org", IP: ip, Port: 25, Reachable: probe.Yes, StartTLS: probe.Inconclusive,
		Failure: &probe.Outcome{Stage: smtp.Greeting, Code: 421, Text: "4.7.0 too many connections"}}
}

// greeting is one that closes by its first words, as they are read.
func greeting(ip netip.Addr, code int, text string) *probe.Server {
	s := refusing(ip)
	meaning, rule := reply.Classify(smtp.Greeting, "", smtp.Reply{Code: code, Lines: []string{text}})
	s.Greeting = &probe.Said{Code: code, Text: text}
	s.Failure = &probe.Outcome{Stage: smtp.Greeting, Code: code, Text: text, Meaning: meaning, Rule: rule}
	return s
}

// away is an address where nothing listens.
func away(ip netip.Addr) *probe.Server {
	return &probe.Server{Host: "mx.example.org", IP: ip, Port: 25, Reachable: probe.No, Why: "connection refused", StartTLS: probe.Inconclusive}
}

func badly(s *probe.Server, status tlsinfo.PKIXStatus, reason string) *probe.Server {
	s.TLS.PKIX = tlsinfo.PKIX{Status: status, Reason: reason}
	return s
}

// fares is what becomes of a message, for the four kinds of sender in their order.
type fares [4]string

func (d Delivery) fares() fares {
	var out fares
	for i, fare := range []Fare{d.Opportunistic, d.MTASTS, d.DANE, d.RequireTLS} {
		out[i] = string(fare.Outcome)
		if fare.Why != "" {
			out[i] += ": " + fare.Why
		}
	}
	return out
}

func TestDeliveries(t *testing.T) {
	const (
		noOffer  = "STARTTLS is not offered"
		ended    = "the conversation ended: 4.7.0 too many connections"
		noMail   = "the host takes no mail: mx.example.org does not accept mail"
		blocked  = "the conversation ended: 5.7.1 blocked using zen.spamhaus.org"
		expired  = "certificate: expired on 2026-01-01"
		mismatch = "no TLSA record matches the certificate; 3 1 1: another key"
		unnamed  = "the MX answer is not validated, and no MTA-STS policy names mx.example.org"
	)
	mismatched := dane.Match{IP: first, Verdict: dane.Mismatched, Why: "3 1 1: another key"}
	for _, row := range []struct {
		name   string
		change func(*scene)
		want   fares
	}{
		{"all is well", func(*scene) {},
			fares{"encrypted", "authenticated", "authenticated", "authenticated"}},
		{"nothing was promised", func(s *scene) {
			s.route.Secure, s.promises.MTASTS, s.promises.DANE[0] = false, &mtasts.Facts{Presence: resolver.Absent}, tlsa(dane.Insecure, "the MX answer is not validated")
		}, fares{"encrypted", "encrypted: no MTA-STS policy", "encrypted: DANE does not apply; the MX answer is not validated", "returned: " + unnamed}},
		{"nothing was looked up", func(s *scene) { s.route.Secure, s.promises = false, mx.Promises{} },
			fares{"encrypted", "not_measured: MTA-STS was not looked up", "not_measured: TLSA records were not looked up", "not_measured: MTA-STS was not looked up"}},

		{"no STARTTLS", func(s *scene) { s.servers[0] = plaintext(first) },
			fares{"clear: " + noOffer, "deferred: " + noOffer, "deferred: " + noOffer, "returned: " + noOffer}},
		{"no STARTTLS and no promise", func(s *scene) {
			s.servers[0], s.promises.MTASTS, s.promises.DANE[0] = plaintext(first), &mtasts.Facts{Presence: resolver.Absent}, tlsa(dane.None, "")
		}, fares{"clear: " + noOffer, "clear: no MTA-STS policy; " + noOffer, "clear: no TLSA records; " + noOffer, "returned: " + noOffer}},
		{"handshakes fail", func(s *scene) {
			s.servers[0] = plaintext(first)
			s.servers[0].StartTLS, s.servers[0].Failure = probe.Inconclusive, &probe.Outcome{Stage: smtp.TLS, Cause: smtp.TLSFailed, Text: "protocol version"}
		}, fares{"clear: the TLS handshake fails: protocol version", "deferred: the TLS handshake fails: protocol version",
			"deferred: the TLS handshake fails: protocol version", "returned: the TLS handshake fails: protocol version"}},
		{"a handshake that ran out of time tells nothing", func(s *scene) {
			s.servers[0] = plaintext(first)
			s.servers[0].StartTLS, s.servers[0].Failure = probe.Inconclusive, &probe.Outcome{Stage: smtp.TLS, Cause: smtp.Timeout, Text: "no answer in 45s"}
		}, fares{"not_measured: the conversation ended: no answer in 45s", "not_measured: the conversation ended: no answer in 45s",
			"not_measured: the conversation ended: no answer in 45s", "not_measured: the conversation ended: no answer in 45s"}},
		{"STARTTLS refused for now tells nothing", func(s *scene) {
			s.servers[0] = plaintext(first)
			s.servers[0].StartTLS, s.servers[0].TLSWhy = probe.Inconclusive, "offered, then refused: TLS not available"
		}, fares{"not_measured: offered, then refused: TLS not available", "not_measured: offered, then refused: TLS not available",
			"not_measured: offered, then refused: TLS not available", "not_measured: offered, then refused: TLS not available"}},
		{"421 is not a lack of STARTTLS", func(s *scene) { s.servers[0] = refusing(first) },
			fares{"not_measured: " + ended, "not_measured: " + ended, "not_measured: " + ended, "not_measured: " + ended}},
		{"521 at the greeting returns mail from everybody", func(s *scene) { s.servers[0] = greeting(first, 521, "mx.example.org does not accept mail") },
			fares{"returned: " + noMail, "returned: " + noMail, "returned: " + noMail, "returned: " + noMail}},
		{"521 at one of two addresses", func(s *scene) {
			s.servers = append(s.servers, greeting(second, 521, "mx.example.org does not accept mail"))
		}, fares{"returned: " + noMail, "returned: " + noMail, "returned: " + noMail, "returned: " + noMail}},
		{"521 to us alone tells nothing of others", func(s *scene) { s.servers[0] = greeting(first, 521, "5.7.1 blocked using zen.spamhaus.org") },
			fares{"not_measured: " + blocked, "not_measured: " + blocked, "not_measured: " + blocked, "not_measured: " + blocked}},
		{"554 at the greeting is about us", func(s *scene) { s.servers[0] = greeting(first, 554, "5.7.1 blocked using zen.spamhaus.org") },
			fares{"not_measured: " + blocked, "not_measured: " + blocked, "not_measured: " + blocked, "not_measured: " + blocked}},
		{"a time-out is no refusal", func(s *scene) {
			s.servers[0].Reachable, s.servers[0].Why, s.servers[0].TLS, s.servers[0].Plain = probe.Inconclusive, "i/o timeout", nil, nil
		}, fares{"not_measured: i/o timeout", "not_measured: i/o timeout", "not_measured: i/o timeout", "not_measured: i/o timeout"}},
		{"nothing listens", func(s *scene) { s.servers[0] = away(first) },
			fares{"deferred: connection refused", "deferred: connection refused", "deferred: connection refused", "deferred: connection refused"}},
		{"no address was asked", func(s *scene) { s.servers = nil },
			fares{"not_measured: none of its addresses was asked", "not_measured: none of its addresses was asked",
				"not_measured: none of its addresses was asked", "not_measured: none of its addresses was asked"}},

		{"an expired certificate, and TLSA 3 1 1 that matches", func(s *scene) { badly(s.servers[0], tlsinfo.Expired, "expired on 2026-01-01") },
			fares{"encrypted", "deferred: " + expired, "authenticated", "authenticated"}},
		{"an expired certificate, and no TLSA", func(s *scene) {
			badly(s.servers[0], tlsinfo.Expired, "expired on 2026-01-01")
			s.promises.DANE[0] = tlsa(dane.None, "")
		}, fares{"encrypted", "deferred: " + expired, "encrypted: no TLSA records", "returned: " + expired}},
		{"TLSA that does not match is not saved by MTA-STS", func(s *scene) { s.promises.DANE[0] = tlsa(dane.Usable, "", mismatched) },
			fares{"encrypted", "authenticated", "deferred: " + mismatch, "returned: " + mismatch}},
		{"TLSA that cannot be looked up", func(s *scene) { s.promises.DANE[0] = tlsa(dane.Deferred, "TLSA look-up: SERVFAIL") },
			fares{"encrypted", "authenticated", "deferred: TLSA look-up: SERVFAIL", "deferred: TLSA look-up: SERVFAIL"}},
		{"TLSA that cannot be used", func(s *scene) { s.promises.DANE[0] = tlsa(dane.Unusable, "usage 1") },
			fares{"encrypted", "authenticated", "encrypted", "authenticated"}},
		{"TLSA that cannot be used still asks for TLS", func(s *scene) {
			s.promises.DANE[0], s.servers[0] = tlsa(dane.Unusable, "usage 1"), plaintext(first)
		}, fares{"clear: " + noOffer, "deferred: " + noOffer, "deferred: " + noOffer, "returned: " + noOffer}},
		{"TLSA through a resolver that is not trusted", func(s *scene) {
			s.route.Secure, s.promises.MTASTS, s.promises.DANE[0] = false, &mtasts.Facts{Presence: resolver.Absent}, tlsa(dane.Untrusted, "the resolver is far away")
		}, fares{"encrypted", "encrypted: no MTA-STS policy", "not_measured: the resolver is far away", "not_measured: the resolver is far away"}},
		{"a certificate that was not held against TLSA", func(s *scene) { s.promises.DANE[0].Matches = nil },
			fares{"encrypted", "authenticated", "not_measured: its certificate was not held against the TLSA records", "not_measured: its certificate was not held against the TLSA records"}},

		{"a policy in testing mode", func(s *scene) {
			s.promises.MTASTS = policy(mtasts.Testing, "mx.example.org")
			s.servers[0] = plaintext(first)
		},
			fares{"clear: " + noOffer, "clear: the policy's mode is testing: nothing is refused; " + noOffer, "deferred: " + noOffer, "returned: " + noOffer}},
		{"a policy in testing mode names the exchanger for REQUIRETLS", func(s *scene) {
			s.route.Secure, s.promises.MTASTS, s.promises.DANE[0] = false, policy(mtasts.Testing, "mx.example.org"), tlsa(dane.Insecure, "")
		}, fares{"encrypted", "encrypted: the policy's mode is testing: nothing is refused", "encrypted: DANE does not apply", "authenticated"}},
		{"a policy of mode none", func(s *scene) { s.promises.MTASTS, s.route.Secure = policy(mtasts.NoMode), false },
			fares{"encrypted", "encrypted: the policy's mode is none: nothing is refused", "authenticated", "returned: " + unnamed}},
		{"a policy that forgot the exchanger", func(s *scene) { s.promises.MTASTS = policy(mtasts.Enforce, "mx.example.com") },
			fares{"encrypted", "deferred: the MTA-STS policy does not name mx.example.org", "authenticated", "authenticated"}},
		{"a policy that cannot be read", func(s *scene) {
			s.promises.MTASTS.Fetch = &mtasts.Fetch{Presence: resolver.Faulty, Why: "it redirects"}
		}, fares{"encrypted", "encrypted: no MTA-STS policy that can be used; it redirects", "authenticated", "authenticated"}},
		{"a policy that could not be fetched this time", func(s *scene) {
			s.promises.MTASTS.Fetch = &mtasts.Fetch{Presence: resolver.Unproven, Why: "i/o timeout"}
			s.route.Secure = false
		}, fares{"encrypted", "not_measured: the MTA-STS policy is not known; i/o timeout", "authenticated", "not_measured: the MTA-STS policy is not known; i/o timeout"}},

		{"REQUIRETLS is not offered", func(s *scene) { s.servers[0].Encrypted.Extensions = smtp.Extensions{} },
			fares{"encrypted", "authenticated", "authenticated", "returned: REQUIRETLS is not offered"}},
		{"hung up on after the handshake", func(s *scene) { s.servers[0].Encrypted = nil },
			fares{"encrypted", "authenticated", "authenticated", "not_measured: what it offers inside TLS is not known"}},
		{"a domain that is its own exchanger", func(s *scene) {
			s.route.Source, s.route.Domain, s.route.Secure = mx.Implicit, "mx.example.org", false
			s.promises = mx.Promises{MTASTS: &mtasts.Facts{Presence: resolver.Absent}, DANE: []dane.Facts{tlsa(dane.Insecure, "")}}
		}, fares{"encrypted", "encrypted: no MTA-STS policy", "encrypted: DANE does not apply", "authenticated"}},

		{"the worst address decides", func(s *scene) { s.servers = append(s.servers, plaintext(second)) },
			fares{"clear: " + noOffer, "deferred: " + noOffer, "deferred: " + noOffer, "returned: " + noOffer}},
		{"an address where nothing listens is passed over", func(s *scene) { s.servers = append(s.servers, away(second)) },
			fares{"encrypted", "authenticated", "authenticated", "authenticated"}},
		{"an address that was not measured is told of", func(s *scene) { s.servers = append(s.servers, refusing(second)) },
			fares{"encrypted: 1 of 2 addresses not measured", "authenticated: 1 of 2 addresses not measured",
				"authenticated: 1 of 2 addresses not measured", "authenticated: 1 of 2 addresses not measured"}},
		{"submission ports and other hosts do not count", func(s *scene) {
			submitting, other := plaintext(first), plaintext(first)
			submitting.Port, other.Host = 587, "mx.example.com"
			s.servers = append(s.servers, submitting, other)
		}, fares{"encrypted", "authenticated", "authenticated", "authenticated"}},
		{"an IPv4 address in IPv6's form is the same", func(s *scene) {
			s.servers[0].IP = netip.AddrFrom16(first.As16())
		}, fares{"encrypted", "authenticated", "authenticated", "authenticated"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := sound()
			row.change(s)
			got := Deliveries(s.route, s.promises, s.servers)
			if len(got) != 1 || got[0].Host != "mx.example.org" {
				t.Fatalf("%+v, want one exchanger", got)
			}
			if diff := cmp.Diff(row.want, got[0].fares()); diff != "" {
				t.Errorf("opportunistic, MTA-STS, DANE, REQUIRETLS (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDeliveriesAreToTheExchangersThatCanBeTried(t *testing.T) {
	s := sound()
	s.route.Hosts = append(s.route.Hosts,
		mx.Host{Name: "gone.example.org", DNS: resolver.NXDomain, Faults: []mx.Fault{mx.NoAddress}},
		mx.Host{Name: "dead.example.org", DNS: resolver.ServFail})
	var got []string
	for _, d := range Deliveries(s.route, s.promises, s.servers) {
		got = append(got, d.Host+" "+string(d.Opportunistic.Outcome))
	}
	if diff := cmp.Diff([]string{"mx.example.org encrypted", "dead.example.org not_measured"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := Deliveries(&mx.Route{Domain: "example.org", Source: mx.Null}, mx.Promises{}, nil); len(got) != 0 {
		t.Errorf("a null MX: %+v", got)
	}
}
