package report

import (
	"strings"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/dane"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/scanner"
	"github.com/mxvet/mxvet/scanner/judge"
)

// fact is a set of facts, of a server, an exchanger or a domain.
type fact uint32

// Facts of a server.
const (
	reachKnown    fact = 1 << iota // it took the connection or refused it
	answered                       // it greeted
	greeted                        // its greeting was read
	helloed                        // what it offers was heard
	startTLSKnown                  // STARTTLS is offered, or is not
	tlsKnown                       // a handshake was done, or there is none to do
	innerKnown                     // what it offers inside TLS, or there is no inside
	vrfyKnown
	expnKnown
	sweptWhole
	enforcedKnown
	injectionKnown
	bareLFKnown
	submitKnown
	relayKnown
	ptrKnown
	listsKnown

	// Facts of an exchanger, as its domains see it.
	addressesKnown
	tlsaKnown    // TLSA records, or that there are none
	matchesKnown // how its certificates stand to them

	// Facts of a domain.
	routeKnown
	spfKnown
	spfCounted
	dmarcKnown
	dkimKnown
	bimiKnown
	caaKnown
	tlsRPTKnown
	stsKnown
	stsFareKnown  // how senders that keep MTA-STS fare
	daneFareKnown // and those that keep DANE
)

const (
	ofServer    = addressesKnown - 1
	ofExchanger = addressesKnown | tlsaKnown | matchesKnown
)

// unmeasured says what it means that a fact is missing; the first that is counts.
var unmeasured = [...]struct {
	fact
	why string
}{
	{routeKnown, "DNS did not say where its mail goes"},
	{addressesKnown, "DNS did not say which addresses an exchanger has"},
	{reachKnown | answered | greeted, "the server was not reached"},
	{helloed, "the server did not say what it offers"},
	{startTLSKnown | tlsKnown | innerKnown, "TLS was not reached"},
	{vrfyKnown, "VRFY was not answered"},
	{expnKnown | enforcedKnown | injectionKnown | bareLFKnown | submitKnown, "it was not tried, or to no end (--intrusive)"},
	{relayKnown, "it was not tried, or to no end (--relay-test)"},
	{sweptWhole, "TLS was not swept, or not to the end (--tls-sweep)"},
	{ptrKnown, "the PTR look-up gave no final answer, or was not made"},
	{listsKnown, "not all lists were asked, or answered (--dnsbl)"},
	{tlsaKnown | matchesKnown, "TLSA records were not seen, not trusted, or not held against a certificate"},
	{stsKnown, "the MTA-STS policy is not known"},
	{stsFareKnown | daneFareKnown, "how senders fare is not known"},
	{dkimKnown, "DKIM keys were not looked at, or DNS did not answer (--dkim-selectors)"},
	{spfKnown | spfCounted | dmarcKnown | bimiKnown | caaKnown | tlsRPTKnown, "the record was not looked up, or DNS did not answer"},
}

// bases are the facts that the absence of a finding rests on: without them it is
// not gone but not measured. A missing fact that a check can do without is here
// all the same where the check might have found something in it.
var bases = [...]struct {
	fact
	checks string
}{
	{reachKnown, "server_unreachable ipv6_unreachable"},
	{greeted, "host_refuses_mail greeting_slow software_version software_unsupported"},
	{helloed, "ehlo_refused auth_in_clear hello_name_invalid ext_requiretls_before_tls ext_overwritten"},
	{startTLSKnown, "starttls_absent starttls_trailing expectation_starttls"},
	{tlsKnown, "starttls_fails sni_refused tls_version_old tls_1_3_absent tls_cipher_weak tls_no_forward_secrecy tls_no_post_quantum"},
	{tlsKnown, "cert_expired cert_expiring cert_not_yet_valid cert_name_mismatch cert_self_signed cert_untrusted cert_key_weak cert_signature_weak cert_revoked staple_stale submission_cert"},
	{tlsKnown | routeKnown, "expectation_min_tls expectation_trusted_certificate expectation_min_rsa expectation_post_quantum"},
	{helloed | innerKnown, "reply_malformed starttls_inside_tls auth_weaker_before_tls auth_obsolete auth_anonymous auth_on_exchanger auth_legacy_form submission_no_auth"},
	{helloed | innerKnown, "ext_binarymime_without_chunking ext_smtputf8_without_8bitmime ext_limits_malformed ext_size_malformed ext_malformed ext_unknown ext_legacy ext_xclient ext_xforward"},
	{innerKnown | routeKnown, "expectation_requiretls"},
	{vrfyKnown, "vrfy_reveals"},
	{expnKnown, "expn_reveals"},
	{sweptWhole, "sweep_sslv3 sweep_tls_1_0 sweep_export sweep_null sweep_anonymous sweep_rc4 sweep_3des sweep_static_rsa"},
	{enforcedKnown, "starttls_required submission_tls_not_required"},
	{injectionKnown, "starttls_injection"},
	{bareLFKnown, "bare_lf ntlm_information"}, // NTLM has no answer of its own where nothing is told; it is tried beside the other
	{submitKnown, "submission_open"},
	{relayKnown, "open_relay"},
	{ptrKnown, "ptr_missing ptr_unconfirmed"},
	{ptrKnown | helloed, "hello_name_not_ptr"},
	{listsKnown, "dnsbl_listed"},

	{routeKnown, "domain_absent"},
	{routeKnown | addressesKnown, "no_exchanger_usable mx_ip_address mx_name_unusable null_mx_beside_others mx_single mx_cname mx_private_address mx_no_address ipv6_missing expectation_ipv6"},
	{routeKnown | addressesKnown | spfKnown, "mx_implicit"},
	{answered, "no_exchanger_reachable"},
	{routeKnown | startTLSKnown, "pool_starttls"},
	{routeKnown | tlsKnown, "pool_tls pool_certificate"},
	{routeKnown | innerKnown, "pool_extensions"},

	{routeKnown | tlsaKnown, "mx_dnssec_absent exchanger_dnssec_absent tlsa_lookup_fails tlsa_unusable tlsa_partly_unusable tlsa_without_dnssec tlsa_whole_certificate dane_absent expectation_dnssec"},
	{routeKnown | tlsaKnown | matchesKnown, "tlsa_mismatch tlsa_no_starttls tlsa_rollover expectation_dane"},
	{stsKnown, "mta_sts_absent mta_sts_record_invalid mta_sts_policy_missing mta_sts_record_missing mta_sts_testing_long mta_sts_testing mta_sts_mode_none mta_sts_max_age_short mta_sts_policy_faults mta_sts_certificate_expiring expectation_mta_sts"},
	{stsKnown | routeKnown, "mta_sts_mx_unlisted mta_sts_policy_stale"},
	{stsKnown | routeKnown | tlsKnown, "mta_sts_server_fails mta_sts_testing_fails"},
	{stsFareKnown | routeKnown, "delivery_mta_sts_stops"},
	{daneFareKnown | routeKnown, "delivery_dane_stops"},
	{tlsRPTKnown, "tls_rpt_absent tls_rpt_invalid expectation_tls_rpt"},
	{spfKnown, "spf_absent spf_multiple spf_invalid spf_all_pass spf_all_neutral spf_all_missing spf_ptr expectation_spf"},
	{spfKnown | spfCounted, "spf_lookups spf_voids spf_dead_terms"},
	{dmarcKnown, "dmarc_absent dmarc_invalid dmarc_none dmarc_testing dmarc_no_reports dmarc_subdomains_open dmarc_removed_tags dmarc_report_unauthorised dmarc_problems expectation_dmarc"},
	{dkimKnown, "dkim_absent dkim_invalid dkim_revoked dkim_key_short dkim_testing"},
	{bimiKnown, "bimi_invalid"},
	{bimiKnown | dmarcKnown, "bimi_without_enforcement"},
	{caaKnown, "caa_absent"},
	{routeKnown | spfKnown | dmarcKnown, "no_mail_incomplete"},
}

// basisOf is all facts for a check that is not in the table.
func basisOf(check string) fact {
	for _, one := range bases {
		for id := range strings.FieldsSeq(one.checks) {
			if id == check {
				return one.fact
			}
		}
	}
	return ^fact(0)
}

// missing says which of the facts is not there; it is empty where all are.
func (have fact) missing(wanted fact) string {
	for _, one := range unmeasured {
		if wanted&one.fact&^have != 0 {
			return one.why
		}
	}
	return ""
}

// when is a fact where that is so.
func (have *fact) when(is bool, one fact) {
	if is {
		*have |= one
	}
}

func factsOfServer(row *scanner.ServerRow) (have fact) {
	s := &row.Server
	none := s.StartTLS == probe.No && s.TLS == nil && s.Plain != nil // no TLS to look into
	have.when(s.Reachable == probe.Yes || s.Reachable == probe.No, reachKnown)
	have.when(s.Reachable == probe.Yes, answered)
	have.when(s.Greeting != nil, greeted)
	have.when(s.Plain != nil || s.Encrypted != nil, helloed)
	have.when(s.StartTLS == probe.Yes || s.StartTLS == probe.No || s.TLS != nil, startTLSKnown)
	have.when(s.TLS != nil || none, tlsKnown)
	have.when(s.Encrypted != nil || none, innerKnown)
	have.when(s.Vrfy != nil || mark(s, "VRFY") == notOffered, vrfyKnown)
	have.when(s.Expn != nil, expnKnown)
	have.when(row.Reverse != nil && row.Reverse.DNS.Final() && !row.Reverse.Pending, ptrKnown)
	have.when(none || sweptAll(s), sweptWhole)
	if c := s.Conduct; c != nil {
		have.when(told(c.Enforced.Answer) || none, enforcedKnown)
		have.when(told(c.Injection.Answer) || none, injectionKnown)
		have.when(told(c.BareLF.Answer), bareLFKnown)
		have.when(told(c.SubmitAuth.Answer), submitKnown)
		have.when(told(c.Relay.Answer), relayKnown)
	}
	clear := len(row.Listed) > 0
	for _, list := range row.Listed {
		clear = clear && (list.State == mx.DNSBLListed || list.State == mx.DNSBLUnlisted)
	}
	have.when(clear, listsKnown)
	return have
}

func told(answer probe.Answer) bool { return answer == probe.Yes || answer == probe.No }

// sweptAll reports whether a sweep came to its end.
func sweptAll(s *probe.Server) bool {
	if s.Sweep == nil || s.Sweep.Why != "" || len(s.Sweep.Untold) > 0 {
		return false
	}
	for _, version := range s.Sweep.Versions {
		if version.Why != "" {
			return false
		}
	}
	return true
}

func factsOfDomain(row *scanner.DomainRow) (have fact) {
	p := &row.Promises
	have.when(row.Route.DNS.Final() || row.Route.Special != "", routeKnown)
	if p.SPF != nil {
		have.when(looked(p.SPF.Presence), spfKnown)
		have.when(looked(p.SPF.Presence) && (p.SPF.Presence != resolver.Present || p.SPF.Lookups != nil), spfCounted)
	}
	have.when(p.DMARC != nil && looked(p.DMARC.Presence), dmarcKnown)
	have.when(p.BIMI != nil && looked(p.BIMI.Presence), bimiKnown)
	have.when(p.CAA != nil && looked(p.CAA.Presence), caaKnown)
	have.when(p.TLSRPT != nil && looked(p.TLSRPT.Presence), tlsRPTKnown)
	have.when(p.MTASTS != nil && looked(p.MTASTS.Presence) && (p.MTASTS.Fetch == nil || looked(p.MTASTS.Fetch.Presence)), stsKnown)
	keys := len(p.DKIM) > 0
	for _, key := range p.DKIM {
		keys = keys && looked(key.Presence)
	}
	have.when(keys, dkimKnown)
	sts, tlsa := len(row.Deliveries) > 0, len(row.Deliveries) > 0
	for _, one := range row.Deliveries {
		sts = sts && one.MTASTS.Outcome != judge.NotMeasured
		tlsa = tlsa && one.DANE.Outcome != judge.NotMeasured
	}
	have.when(sts, stsFareKnown)
	have.when(tlsa, daneFareKnown)
	return have
}

func looked(presence resolver.Presence) bool { return presence != "" && presence != resolver.Unproven }

// factsOfTLSA are those of one exchanger.
func factsOfTLSA(one *dane.Facts) (have fact) {
	if one.Status == "" || one.Status == dane.Untrusted || one.Status == dane.Deferred {
		return 0
	}
	matches := len(one.Matches) > 0 || one.Status == dane.None || one.Status == dane.Insecure
	for _, match := range one.Matches {
		matches = matches && match.Verdict != dane.Unmeasured
	}
	have.when(true, tlsaKnown)
	have.when(matches, matchesKnown)
	return have
}
