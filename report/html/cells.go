package html

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mxvet/mxvet/mx"
	"github.com/mxvet/mxvet/mx/dane"
	"github.com/mxvet/mxvet/mx/resolver"
	"github.com/mxvet/mxvet/probe"
	"github.com/mxvet/mxvet/report"
	"github.com/mxvet/mxvet/scanner"
)

// The cells of each table, by the names under which the script knows them. The
// last, own, is a list: the user's own columns.
func verdictFields() []string {
	return []string{"row", "address", "verdict", "reason", "blame", "catch_all", "provider", "mx", "domain", "evidence", "own"}
}

func serverFields() []string {
	return []string{"host", "ip", "port", "reachable", "software", "starttls", "version", "group", "certificate", "expires", "auth_plain", "auth_tls", "domains", "own"}
}

func domainFields() []string {
	return []string{"row", "domain", "name", "kind", "hosts", "provider", "mta_sts", "dane", "spf", "dmarc", "note", "own"}
}

func findingFields() []string {
	return []string{"id", "severity", "title", "domain", "host", "ip", "port", "provider", "domains", "accepted"}
}

// cellMost is how many bytes of a text a table's cell holds; the row's panel has
// it whole.
const cellMost = 200

func cut(text string) string {
	if len(text) <= cellMost {
		return text
	}
	end := cellMost
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "\u2026"
}

func verdictCells(row *scanner.VerdictRow, own *columns) []any {
	var host string
	if row.Route != nil && len(row.Route.Hosts) > 0 {
		host = row.Route.Hosts[0].Name
	}
	return []any{
		row.Row, cut(cmp.Or(deref(row.Address), row.Input)), row.Verdict, row.Reason, row.Blame, row.CatchAll, deref(row.Provider),
		cut(host), cut(deref(row.Domain)), cut(words(row.Evidence)), own.cells(row.Columns),
	}
}

// words is an outcome in one clause.
func words(o probe.Outcome) string {
	var parts []string
	for _, part := range [...]string{string(o.Stage), number(o.Code), o.Text} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(strings.FieldsFunc(strings.Join(parts, " "), func(r rune) bool { return r == '\n' || r == '\r' }), " / ")
}

func serverCells(row *scanner.ServerRow, own *columns) []any {
	var version, group, certificate, expires, plain, encrypted string
	if t := row.TLS; t != nil {
		version, group, certificate = t.Version, t.Group, string(t.PKIX.Status)
		if len(t.Certificates) > 0 {
			expires = t.Certificates[0].NotAfter.UTC().Format(time.DateOnly)
		}
	}
	plain, encrypted = logins(row.Plain), logins(row.Encrypted)
	return []any{
		cut(cmp.Or(row.Host, row.TLSName)), address(row.IP), row.Port, row.Reachable, cut(row.Software), row.StartTLS, version, group,
		certificate, expires, cut(plain), cut(encrypted), len(row.Domains), own.targets(row.Targets),
	}
}

// logins says none where AUTH was looked for and not offered, and nothing where
// it could not be looked for.
func logins(hello *probe.Hello) string {
	if hello == nil {
		return ""
	}
	return cmp.Or(strings.Join(hello.Auth, " "), "none")
}

func domainCells(row *scanner.DomainRow, own *columns) []any {
	hosts, provider := []string{}, ""
	for _, host := range row.Route.Hosts {
		hosts, provider = append(hosts, cut(host.Name)), cmp.Or(provider, host.Provider)
	}
	note := row.Error
	if why, ok := report.Nowhere(row); ok {
		note = why
	}
	return []any{
		row.Row, cut(row.Domain), cut(named(row)), row.Kind, hosts, provider,
		cut(mtaSTS(row.Promises)), tlsa(row.DANE), cut(spf(row.SPF)), cut(dmarc(row.DMARC)), cut(note), own.cells(row.Columns),
	}
}

// named is what a person calls a domain.
func named(row *scanner.DomainRow) string { return cmp.Or(row.Unicode, row.Domain, row.Input) }

// The promises in one word each: empty where they were not looked up, the
// policy where there is one, else how the look-up went.

func mtaSTS(p mx.Promises) string {
	switch facts := p.MTASTS; {
	case facts == nil:
		return ""
	case facts.Presence == resolver.Present && facts.Fetch != nil && facts.Fetch.Mode != "":
		return string(facts.Fetch.Mode)
	case facts.Presence == resolver.Present && facts.Fetch != nil:
		return "policy " + string(facts.Fetch.Presence)
	default:
		return string(facts.Presence)
	}
}

// tlsa is the weakest status of the exchangers, as a sender may meet any of
// them.
func tlsa(facts []dane.Facts) string {
	order := []dane.Status{dane.Deferred, dane.Unusable, dane.Untrusted, dane.Insecure, dane.None, dane.Usable}
	for _, status := range order {
		if slices.ContainsFunc(facts, func(f dane.Facts) bool { return f.Status == status }) {
			return string(status)
		}
	}
	return ""
}

func spf(facts *mx.SPF) string {
	switch {
	case facts == nil:
		return ""
	case facts.Presence == resolver.Present && facts.All != "":
		return facts.All + "all"
	default:
		return string(facts.Presence)
	}
}

func dmarc(facts *mx.DMARC) string {
	switch {
	case facts == nil:
		return ""
	case facts.Presence == resolver.Present:
		return cmp.Or(facts.Policy, string(facts.Presence))
	default:
		return string(facts.Presence)
	}
}

func findingCells(row *scanner.FindingRow) []any {
	return []any{row.ID, row.Severity, cut(row.Title), row.Domain, cut(row.Host), address(row.IP), row.Port, row.Provider, row.Domains, row.Accepted}
}

func address(ip netip.Addr) string {
	if !ip.IsValid() {
		return ""
	}
	return ip.String()
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
