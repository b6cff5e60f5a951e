package report

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/probe/tlsinfo"
	"github.com/mxvet/mxvet/scanner"
)

// field is one column of CSV: a heading, and its text for a row. A heading that
// names the same thing as a JSON key is that key.
type field[Row any] struct {
	name string
	of   func(Row) string
}

func names[Row any](fields []field[Row]) []string {
	list := make([]string, len(fields))
	for i, one := range fields {
		list[i] = one.name
	}
	return list
}

func values[Row any](record []string, fields []field[Row], row Row) []string {
	for _, one := range fields {
		record = append(record, one.of(row))
	}
	return record
}

// verdictFields: what was typed stays as it is, what servers and DNS said goes
// through unformula.
func verdictFields() []field[*scanner.VerdictRow] {
	type row = *scanner.VerdictRow
	return []field[row]{
		{"address", func(r row) string { return text(r.Address) }},
		{"verdict", func(r row) string { return string(r.Verdict) }},
		{"reason", func(r row) string { return string(r.Reason) }},
		{"blame", func(r row) string { return string(r.Blame) }},
		{"catch_all", func(r row) string { return string(r.CatchAll) }},
		{"role", func(r row) string { return truth(r.Traits.Role) }},
		{"free", func(r row) string { return truth(r.Traits.Free) }},
		{"disposable", func(r row) string { return truth(r.Traits.Disposable) }},
		{"relay", func(r row) string { return truth(r.Traits.Relay) }},
		{"tagged", func(r row) string { return truth(r.Traits.Tagged) }},
		{"canonical", func(r row) string { return text(r.Canonical) }},
		{"suggestion", func(r row) string { return text(r.Suggestion) }},
		{"domain", func(r row) string { return text(r.Domain) }},
		{"provider", func(r row) string { return text(r.Provider) }},
		{"mx", func(r row) string { return unformula(bestHost(r)) }},
		{"stage", func(r row) string { return string(r.Evidence.Stage) }},
		{"code", func(r row) string { return number(r.Evidence.Code) }},
		{"enhanced", func(r row) string { return unformula(r.Evidence.Enhanced) }},
		{"text", func(r row) string { return unformula(r.Evidence.Text) }},
		{"host", func(r row) string { return unformula(r.Evidence.Host) }},
		{"ip", func(r row) string { return ip(r.Evidence.IP) }},
		{"port", func(r row) string { return number(int(r.Evidence.Port)) }},
		{"tls", inTLS},
		{"meaning", func(r row) string { return string(r.Evidence.Meaning) }},
		{"rule", func(r row) string { return string(r.Evidence.Rule) }},
		{"retry_at", func(r row) string { return later(r.RetryAt) }},
		{"checked_at", func(r row) string { return instant(r.CheckedAt) }},
	}
}

// serverFields: all that is text is hostile here.
func serverFields() []field[*scanner.ServerRow] {
	type row = *scanner.ServerRow
	return []field[row]{
		{"host", func(r row) string { return unformula(r.Host) }},
		{"ip", func(r row) string { return ip(r.IP) }},
		{"port", func(r row) string { return number(int(r.Port)) }},
		{"tls_name", func(r row) string { return unformula(r.TLSName) }},
		{"reachable", func(r row) string { return string(r.Reachable) }},
		{"why", func(r row) string { return unformula(r.Why) }},
		{"greeting", func(r row) string { return unformula(said(r.Greeting)) }},
		{"greeting_ms", func(r row) string { return count(r.GreetingMS) }},
		{"software", func(r row) string { return unformula(r.Software) }},
		{"ptr", func(r row) string { return unformula(reverse(r.Reverse)) }},
		{"vrfy", func(r row) string { return unformula(said(r.Vrfy)) }},
		{"ehlo_plain", func(r row) string { return verb(r.Plain) }},
		{"extensions_plain", func(r row) string { return unformula(offered(r.Plain)) }},
		{"auth_plain", func(r row) string { return unformula(mechanisms(r.Plain)) }},
		{"starttls", func(r row) string { return string(r.StartTLS) }},
		{"starttls_why", func(r row) string { return unformula(r.TLSWhy) }},
		{"tls_version", func(r row) string { return facts(r).Version }},
		{"tls_cipher", func(r row) string { return facts(r).Cipher }},
		{"tls_group", func(r row) string { return facts(r).Group }},
		{"cert_subject", func(r row) string { return unformula(leaf(&r.Server).Subject) }},
		{"cert_names", func(r row) string { return unformula(strings.Join(leaf(&r.Server).Names, " ")) }},
		{"cert_issuer", func(r row) string { return unformula(leaf(&r.Server).Issuer) }},
		{"cert_not_after", func(r row) string { return instant(leaf(&r.Server).NotAfter) }},
		{"cert_key", func(r row) string { return leaf(&r.Server).Key }},
		{"pkix", func(r row) string { return string(facts(r).PKIX.Status) }},
		{"pkix_reason", func(r row) string { return unformula(facts(r).PKIX.Reason) }},
		{"extensions_tls", func(r row) string { return unformula(offered(r.Encrypted)) }},
		{"auth_tls", func(r row) string { return unformula(mechanisms(r.Encrypted)) }},
		{"connect_ms", func(r row) string { return count(r.Timings.Connect) }},
		{"hello_ms", func(r row) string { return count(r.Timings.Hello) }},
		{"starttls_ms", func(r row) string { return count(r.Timings.StartTLS) }},
		{"failure_stage", func(r row) string { return string(failure(r).Stage) }},
		{"failure_code", func(r row) string { return number(failure(r).Code) }},
		{"failure_text", func(r row) string { return unformula(failure(r).Text) }},
		{"domains", func(r row) string { return unformula(strings.Join(r.Domains, " ")) }},
	}
}

// findingFields: evidence and names are hostile, and a line that mends something
// begins with what a zone or a configuration wants: it is cut and pasted, not
// calculated.
func findingFields() []field[*scanner.FindingRow] {
	type row = *scanner.FindingRow
	return []field[row]{
		{"severity", func(r row) string { return string(r.Severity) }},
		{"id", func(r row) string { return r.ID }},
		{"title", func(r row) string { return r.Title }},
		{"domain", func(r row) string { return unformula(r.Domain) }},
		{"host", func(r row) string { return unformula(r.Host) }},
		{"ip", func(r row) string { return ip(r.IP) }},
		{"port", func(r row) string { return number(int(r.Port)) }},
		{"provider", func(r row) string { return r.Provider }},
		{"domains", func(r row) string { return unformula(strings.Join(r.Domains, " ")) }},
		{"evidence", func(r row) string { return unformula(r.Evidence) }},
		{"reference", func(r row) string { return r.Reference }},
		{"fix", func(r row) string { return unformula(r.Fix) }},
		{"where", func(r row) string { return unformula(r.Where) }},
		{"accepted", func(r row) string { return strconv.FormatBool(r.Accepted) }},
	}
}

// facts, leaf and failure are empty where there was none.
func facts(row *scanner.ServerRow) tlsinfo.Facts {
	if row.TLS == nil {
		return tlsinfo.Facts{}
	}
	return *row.TLS
}

func leaf(s *probe.Server) tlsinfo.Certificate {
	if s.TLS == nil || len(s.TLS.Certificates) == 0 {
		return tlsinfo.Certificate{}
	}
	return s.TLS.Certificates[0]
}

func failure(row *scanner.ServerRow) probe.Outcome {
	if row.Failure == nil {
		return probe.Outcome{}
	}
	return *row.Failure
}

func verb(hello *probe.Hello) string {
	if hello == nil {
		return ""
	}
	return hello.Verb
}

// inTLS is empty for evidence that is no server's.
func inTLS(row *scanner.VerdictRow) string {
	if row.Evidence.Stage == "" {
		return ""
	}
	return strconv.FormatBool(row.Evidence.TLS)
}

func truth(measured *bool) string {
	if measured == nil {
		return ""
	}
	return strconv.FormatBool(*measured)
}

func count(measured *int64) string {
	if measured == nil {
		return ""
	}
	return strconv.FormatInt(*measured, 10)
}

func ip(addr netip.Addr) string {
	if !addr.IsValid() {
		return ""
	}
	return addr.String()
}

// instant is a time as JSON has it (RFC 3339).
func instant(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Format(time.RFC3339Nano)
}

func later(at *time.Time) string {
	if at == nil {
		return ""
	}
	return instant(*at)
}
