package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mxvet/mxvet/mx/dane"
)

func daneChecks() []check {
	return []check{
		{
			id: "tlsa_mismatch", title: "the TLSA records do not match the certificate", reference: "RFC 7672 s2.2", scope: ScopeExchanger,
			explain: "No record fits what the server presents. Senders that keep DANE, and there are large ones, deliver nothing until it does.",
			domain:  tlsaMismatch,
		},
		{
			id: "tlsa_no_starttls", title: "there are TLSA records, and the server offers no TLS", reference: "RFC 7672 s2.2", scope: ScopeExchanger,
			explain: "Usable TLSA records promise TLS. Senders that keep DANE do not deliver in clear and wait.",
			domain:  tlsaNoTLS,
		},
		{
			id: "tlsa_lookup_fails", title: "the look-up of TLSA records fails", reference: "RFC 7672 s2.1.1", scope: ScopeExchanger,
			explain: "The name servers do not answer, or answer what cannot be validated. Senders that keep DANE must take that for an attack: mail waits.",
			domain:  tlsaLookup,
		},
		{
			id: "tlsa_unusable", title: "no TLSA record can be used", reference: "RFC 7672 s3.1.3", scope: ScopeExchanger,
			explain: "The records are signed and none is of a kind that mail senders can use. They encrypt without knowing to whom.",
			domain:  tlsaUnusable,
		},
		{
			id: "tlsa_partly_unusable", title: "some TLSA records cannot be used", reference: "RFC 7672 s3.1.3", scope: ScopeExchanger,
			explain: "Beside usable records stand some that mail senders pass over, such as usages 0 and 1. They do nothing but mislead their reader.",
			domain:  tlsaPartly,
		},
		{
			id: "tlsa_without_dnssec", title: "TLSA records without DNSSEC", reference: "RFC 7672 s2.2", scope: ScopeExchanger,
			explain: "Records that are not signed do not count. The work of keeping them is lost until zone or MX are signed.",
			domain:  tlsaUnsigned,
		},
		{
			id: "tlsa_rollover", title: "the TLSA records are not ready for the next key", reference: "RFC 7671 s8.1", scope: ScopeExchanger,
			explain: "Every usable record names the key in use. The next key needs its record before it is used, or mail stops for as long as the old records are cached.",
			domain:  tlsaRollover,
		},
		{
			id: "tlsa_whole_certificate", title: "TLSA records name the certificate, not the key", reference: "RFC 7671 s5.1", scope: ScopeExchanger,
			explain: "With selector 0 the record must change at every renewal, even where the key stays. 3 1 1 names the key alone.",
			domain:  tlsaWhole,
		},
		{
			id: "dane_absent", title: "no TLSA records, though the zones are signed", reference: "RFC 7672 s1.3", scope: ScopeExchanger,
			explain: "MX and addresses are validated, and nothing says which key to expect. One record more and senders that keep DANE cannot be led astray.",
			domain:  daneAbsent,
		},
	}
}

// tlsaLines are the records that the live keys of a host call for.
func (d *domain) tlsaLines(f dane.Facts) []string {
	var lines []string
	for _, s := range d.servers {
		if s.host != f.Host || s.port != f.Port || s.handshake == nil || s.handshake.spki == "" {
			continue
		}
		line := dane.Line(base(f), f.Port, dane.Record{Usage: dane.EE, Selector: dane.SPKI, Matching: dane.SHA256, Data: s.handshake.spki})
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return lines
}

// base is the host that the records are kept under.
func base(f dane.Facts) string {
	name := strings.TrimSuffix(cmp.Or(f.Base, f.Host), ".")
	return strings.TrimPrefix(name, fmt.Sprintf("_%d._tcp.", f.Port))
}

func tlsaZone(f dane.Facts) string { return "zone of " + base(f) }

func tlsaText(r dane.Record) string {
	data := r.Data
	if len(data) > 64 {
		data = data[:64] + "..."
	}
	return fmt.Sprintf("TLSA %d %d %d %s", r.Usage, r.Selector, r.Matching, data)
}

// records are some of the records as evidence.
func records(f dane.Facts, which func(dane.Record) bool) string {
	var parts []string
	for _, one := range f.Records {
		if which(one) {
			text := tlsaText(one)
			if one.Why != "" {
				text += " (" + quote(one.Why) + ")"
			}
			parts = append(parts, text)
		}
	}
	return quote(strings.Join(parts, "; "))
}

func usable(r dane.Record) bool { return r.Usable }

func tlsaMismatch(d *domain) faults {
	var out faults
	for _, f := range d.trusted() {
		for _, match := range f.Matches {
			if f.Status == dane.Usable && match.Verdict == dane.Mismatched {
				out = append(out, found("%s[%s]: %s; published: %s", f.Host, match.IP, cmp.Or(quote(match.Why), "no record matches"), records(f, usable)).
					at(f.Host).mend(tlsaZone(f), d.tlsaLines(f)...)...)
				break
			}
		}
	}
	return out
}

func tlsaNoTLS(d *domain) faults {
	var out faults
	for _, f := range d.trusted() {
		for _, match := range f.Matches {
			if f.Status == dane.Usable && match.Verdict == dane.NoTLS {
				out = append(out, found("%s[%s] offers no TLS; published: %s", f.Host, match.IP, records(f, usable)).at(f.Host)...)
				break
			}
		}
	}
	return out
}

func tlsaLookup(d *domain) faults {
	var out faults
	for _, f := range d.trusted() {
		if f.Status == dane.Deferred {
			out = append(out, found("TLSA of %s: %s", dane.Name(base(f), f.Port), cmp.Or(quote(f.Why), "no answer that can be used")).at(f.Host)...)
		}
	}
	return out
}

func tlsaUnusable(d *domain) faults {
	var out faults
	for _, f := range d.trusted() {
		if f.Status == dane.Unusable {
			out = append(out, found("%s", records(f, func(dane.Record) bool { return true })).at(f.Host).mend(tlsaZone(f), d.tlsaLines(f)...)...)
		}
	}
	return out
}

func tlsaPartly(d *domain) faults {
	var out faults
	for _, f := range d.trusted() {
		unusable := func(r dane.Record) bool { return !r.Usable }
		if f.Status == dane.Usable && slices.ContainsFunc(f.Records, unusable) {
			out = append(out, found("%s", records(f, unusable)).at(f.Host)...)
		}
	}
	return out
}

func tlsaUnsigned(d *domain) faults {
	var out faults
	for _, f := range d.trusted() {
		if f.Status == dane.Insecure && len(f.Records) > 0 {
			out = append(out, found("not validated: %s", records(f, func(dane.Record) bool { return true })).at(f.Host)...)
		}
	}
	return out
}

// tlsaRollover takes a record of usage 2 for prepared, since the issuer's key
// stays when the server's changes, and one that nothing matches yet for the
// next key's.
func tlsaRollover(d *domain) faults {
	var out faults
	for _, f := range d.trusted() {
		if f.Status != dane.Usable || slices.ContainsFunc(f.Matches, func(m dane.Match) bool { return m.Verdict != dane.Matched }) {
			continue
		}
		if len(f.Matches) == 0 || spare(f) {
			continue
		}
		out = append(out, found("%s", records(f, usable)).at(f.Host).
			mend(tlsaZone(f), dane.Name(base(f), f.Port)+". IN TLSA 3 1 1 SHA256-OF-THE-NEXT-KEY")...)
	}
	return out
}

// spare reports whether a usable record is there for another key than those in
// use.
func spare(f dane.Facts) bool {
	for i, one := range f.Records {
		inUse := slices.ContainsFunc(f.Matches, func(m dane.Match) bool { return slices.Contains(m.Records, i) })
		if one.Usable && (one.Usage == dane.TA || !inUse) {
			return true
		}
	}
	return false
}

func tlsaWhole(d *domain) faults {
	var out faults
	for _, f := range d.trusted() {
		whole := func(r dane.Record) bool { return r.Usable && r.Usage == dane.EE && r.Selector == dane.Cert }
		keys := func(r dane.Record) bool { return r.Usable && !whole(r) }
		if f.Status == dane.Usable && slices.ContainsFunc(f.Records, whole) && !slices.ContainsFunc(f.Records, keys) {
			out = append(out, found("%s", records(f, whole)).at(f.Host).mend(tlsaZone(f), d.tlsaLines(f)...)...)
		}
	}
	return out
}

func daneAbsent(d *domain) faults {
	var out faults
	for _, f := range d.trusted() {
		if f.Status == dane.None {
			out = append(out, found("no TLSA record at %s", dane.Name(base(f), f.Port)).at(f.Host).mend(tlsaZone(f), d.tlsaLines(f)...)...)
		}
	}
	return out
}
