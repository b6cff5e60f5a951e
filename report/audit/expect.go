package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mxvet/mxvet/mx/dane"
	"github.com/mxvet/mxvet/mx/mtasts"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/tlsinfo"
)

// Expect is what a policy wants of a domain and its exchangers; nil is no wish.
type Expect struct {
	StartTLS    *bool   `toml:"starttls"`            // every exchanger offers it
	MinTLS      *string `toml:"min_tls"`             // the lowest version negotiated: "1.2" or "1.3"
	Trusted     *bool   `toml:"trusted_certificate"` // valid for the exchanger's name, by a trusted root
	MinRSA      *int    `toml:"min_rsa"`             // bits of an RSA key
	PostQuantum *bool   `toml:"post_quantum"`        // a hybrid with ML-KEM was negotiated
	RequireTLS  *bool   `toml:"requiretls"`          // REQUIRETLS is offered
	DANE        *bool   `toml:"dane"`                // usable TLSA records that match, at every exchanger
	DNSSEC      *bool   `toml:"dnssec"`              // the MX records and the exchangers' addresses are signed
	IPv6        *bool   `toml:"ipv6"`                // an exchanger has an IPv6 address
	MTASTS      *string `toml:"mta_sts"`             // "testing" or "enforce", at least
	TLSRPT      *bool   `toml:"tls_rpt"`             // reports are asked for
	SPF         *string `toml:"spf"`                 // how the record ends: "softfail" or "fail", at least
	DMARC       *string `toml:"dmarc"`               // "none", "quarantine" or "reject", at least
}

func expectChecks() []check {
	wish := func(key, title, explain, reference string, made func(*domain, Expect) faults) check {
		return check{
			id: "expectation_" + key, title: title, explain: explain + " The policy file asks for it of this domain.",
			reference: reference, scope: ScopeDomain, needs: needsPolicy, expect: made,
		}
	}
	anyDomain := func(c check) check {
		c.asks = exists
		return c
	}
	return []check{
		wish("starttls", "expected: STARTTLS", "An exchanger was asked and offers no TLS, or its handshake fails.", "RFC 3207", expectStartTLS),
		wish("min_tls", "expected: a later TLS version", "An exchanger negotiated a version below the least one allowed, or has no TLS.", "RFC 9325 s3.1.1", expectMinTLS),
		wish("trusted_certificate", "expected: a trusted certificate", "An exchanger's certificate is not valid for its name, or there is no TLS to show it in.", "RFC 5280 s6", expectTrusted),
		wish("min_rsa", "expected: a longer RSA key", "An exchanger's key has fewer bits than allowed, or it has no TLS.", "RFC 9325 s4.5", expectMinRSA),
		wish("post_quantum", "expected: post-quantum key exchange", "An exchanger negotiated a group without ML-KEM, or has no TLS.", "draft-ietf-tls-ecdhe-mlkem", expectPostQuantum),
		wish("requiretls", "expected: REQUIRETLS", "An exchanger does not offer REQUIRETLS inside TLS.", "RFC 8689", expectRequireTLS),
		wish("dane", "expected: DANE", "An exchanger has no usable TLSA records, they do not match, or there is no TLS to match them in.", "RFC 7672", expectDANE),
		wish("dnssec", "expected: DNSSEC", "The MX records or an exchanger's addresses are not signed.", "RFC 7672 s2.2", expectDNSSEC),
		wish("ipv6", "expected: IPv6", "No exchanger has an IPv6 address.", "RFC 3974 s3", expectIPv6),
		wish("mta_sts", "expected: MTA-STS", "There is no policy, or its mode is weaker than wanted.", "RFC 8461", expectMTASTS),
		wish("tls_rpt", "expected: TLS reports", "No reports are asked for.", "RFC 8460", expectTLSRPT),
		anyDomain(wish("spf", "expected: a stricter SPF record", "There is no SPF record that holds, or it ends less strictly than wanted.", "RFC 7208", expectSPF)),
		anyDomain(wish("dmarc", "expected: a stricter DMARC policy", "There is no DMARC policy, or a weaker one than wanted.", "RFC 9989", expectDMARC)),
	}
}

func wanted(wish *bool) bool { return wish != nil && *wish }

// lacking is a fault that lists the exchangers of which something is said.
func (d *domain) lacking(what func(*seen) string) faults {
	var parts []string
	for _, s := range d.mxServers() {
		if problem := what(s); problem != "" {
			parts = append(parts, s.String()+": "+problem)
		}
	}
	if parts == nil {
		return nil
	}
	return found("%s", quote(strings.Join(parts, "; ")))
}

// lackingTLS lists the exchangers without TLS too: a wish about TLS is not met
// where there is none.
func (d *domain) lackingTLS(what func(*seen) string) faults {
	return d.lacking(func(s *seen) string { return cmp.Or(s.noTLS, what(s)) })
}

func expectStartTLS(d *domain, e Expect) faults {
	if !wanted(e.StartTLS) {
		return nil
	}
	return d.lacking(func(s *seen) string { return s.noTLS })
}

func expectMinTLS(d *domain, e Expect) faults {
	if e.MinTLS == nil {
		return nil
	}
	return d.lackingTLS(func(s *seen) string {
		if s.handshake == nil || tlsRank(s.handshake.version) == 0 || tlsRank(s.handshake.version) >= tlsRank("TLSv"+*e.MinTLS) {
			return ""
		}
		return s.handshake.version
	})
}

func expectTrusted(d *domain, e Expect) faults {
	if !wanted(e.Trusted) {
		return nil
	}
	return d.lackingTLS(func(s *seen) string {
		if s.handshake == nil || s.handshake.pkix.Status == tlsinfo.Valid || s.handshake.pkix.Status == "" {
			return ""
		}
		return cmp.Or(quote(s.handshake.pkix.Reason), string(s.handshake.pkix.Status))
	})
}

func expectMinRSA(d *domain, e Expect) faults {
	if e.MinRSA == nil {
		return nil
	}
	return d.lackingTLS(func(s *seen) string {
		if s.handshake == nil {
			return ""
		}
		size, rsa := strings.CutPrefix(s.handshake.key, "RSA ")
		if bits, err := strconv.Atoi(size); !rsa || err != nil || bits >= *e.MinRSA {
			return ""
		}
		return s.handshake.key
	})
}

func expectPostQuantum(d *domain, e Expect) faults {
	if !wanted(e.PostQuantum) {
		return nil
	}
	return d.lackingTLS(func(s *seen) string {
		if s.handshake == nil || s.handshake.version == "" || postQuantum(s.handshake.group) {
			return ""
		}
		return s.handshake.version + " with " + cmp.Or(s.handshake.group, "no elliptic curve")
	})
}

func expectRequireTLS(d *domain, e Expect) faults {
	if !wanted(e.RequireTLS) {
		return nil
	}
	return d.lackingTLS(func(s *seen) string {
		if s.requires == probe.No {
			return "no REQUIRETLS"
		}
		return ""
	})
}

func expectDANE(d *domain, e Expect) faults {
	if !wanted(e.DANE) {
		return nil
	}
	var parts, lines []string
	where := ""
	for _, f := range d.trusted() {
		bad := slices.ContainsFunc(f.Matches, func(m dane.Match) bool { return m.Verdict == dane.Mismatched || m.Verdict == dane.NoTLS })
		without := ""
		for _, s := range d.of(f.Host) {
			without = cmp.Or(without, s.noTLS)
		}
		word := string(f.Status)
		switch {
		case f.Status == dane.Usable && !bad && without == "":
			continue
		case f.Status == dane.Usable && bad:
			word = "mismatch"
		case f.Status == dane.Usable:
			word = without
		}
		parts = append(parts, f.Host+": "+word)
		if f.Status != dane.Insecure && f.Status != dane.Deferred && word != without {
			lines, where = append(lines, d.tlsaLines(f)...), tlsaZone(f)
		}
	}
	if parts == nil {
		return nil
	}
	return found("%s", quote(strings.Join(parts, "; "))).mend(where, lines...)
}

func expectDNSSEC(d *domain, e Expect) faults {
	if !wanted(e.DNSSEC) || !slices.ContainsFunc(d.trusted(), func(f dane.Facts) bool { return f.Status == dane.Insecure }) {
		return nil
	}
	var parts []string
	if !d.Route.Secure && d.Route.DNS.Final() {
		parts = append(parts, "MX of "+d.Domain)
	}
	for _, host := range d.hosts {
		if !host.Secure && host.DNS.Final() {
			parts = append(parts, host.Name)
		}
	}
	if parts == nil {
		return nil
	}
	return found("not validated: %s", quote(strings.Join(parts, ", ")))
}

func expectIPv6(d *domain, e Expect) faults {
	if !wanted(e.IPv6) {
		return nil
	}
	var parts []string
	for _, f := range ipv6Missing(d) {
		parts = append(parts, f.evidence)
	}
	if parts == nil {
		return nil
	}
	return found("%s", quote(strings.Join(parts, "; ")))
}

func expectMTASTS(d *domain, e Expect) faults {
	if e.MTASTS == nil || d.MTASTS == nil || d.MTASTS.Presence == resolver.Unproven || d.MTASTS.Presence == "" {
		return nil
	}
	fetch := d.MTASTS.Fetch
	if d.MTASTS.Presence == resolver.Present && (fetch == nil || fetch.Presence == resolver.Unproven || fetch.Presence == "") {
		return nil
	}
	have := "no policy"
	if policy := d.promised(); policy != nil {
		have = "mode " + string(policy.Mode)
		if policy.Mode == mtasts.Enforce || string(policy.Mode) == *e.MTASTS {
			return nil
		}
	}
	if len(d.hostNames()) == 0 {
		return nil
	}
	where, lines := d.both(mtasts.Mode(*e.MTASTS), 2*week)
	return found("wanted: %s; found: %s", *e.MTASTS, have).mend(where, lines...)
}

func expectTLSRPT(d *domain, e Expect) faults {
	if !wanted(e.TLSRPT) || d.TLSRPT == nil || d.TLSRPT.Presence != resolver.Absent && d.TLSRPT.Presence != resolver.Faulty {
		return nil
	}
	return found("_smtp._tls.%s: %s", d.Domain, d.TLSRPT.Presence).mend(d.zone(), d.tlsRPTLine())
}

// strictness orders words from the laxest; 0 is one that is not among them.
func strictness(word string, words ...string) int { return 1 + slices.Index(words, word) }

func expectSPF(d *domain, e Expect) faults {
	if e.SPF == nil || !measured(d.spfPresence()) {
		return nil
	}
	word := map[string]string{"~": "softfail", "-": "fail", "?": "neutral", "+": "pass"}[d.SPF.All]
	if d.SPF.Presence != resolver.Present {
		word = string(d.SPF.Presence)
	}
	if strictness(word, "softfail", "fail") >= strictness(*e.SPF, "softfail", "fail") {
		return nil
	}
	return found("wanted: %s; found: %s", *e.SPF, cmp.Or(word, "no end")+inBrackets(d.SPF.Records))
}

func inBrackets(records []string) string {
	if len(records) == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s)", quote(strings.Join(records, " | ")))
}

// dmarcRank orders policies; 0 is no such word.
func dmarcRank(policy string) int { return strictness(policy, "none", "quarantine", "reject") }

// dmarcHeld is the policy that holds, or why there is none.
func (d *domain) dmarcHeld() string {
	if d.DMARC.Presence != resolver.Present {
		return string(d.DMARC.Presence)
	}
	return d.DMARC.Policy
}

func (d *domain) dmarcTooWeak() bool {
	return d.class != nil && d.class.expect.DMARC != nil && measured(d.dmarcPresence()) &&
		dmarcRank(d.dmarcHeld()) < dmarcRank(*d.class.expect.DMARC)
}

func expectDMARC(d *domain, e Expect) faults {
	if !d.dmarcTooWeak() {
		return nil
	}
	return found("wanted: %s; found: %s", *e.DMARC, d.dmarcHeld()+inBrackets(d.DMARC.Records)).mend(d.zone(), d.dmarcMended(d.Domain))
}
